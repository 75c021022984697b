import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { unexplained } from '../../scripts/check.ts';

const dependencies = { ws: '1.0.0' };
const devDependencies = { uvu: '1.0.0' };

test('every dependency has a reason', () => {
  assert.equal(unexplained({ dependencies, devDependencies, because: { ws: 'WebSockets', uvu: 'tests' } }), []);
});

test('a dependency without a reason, and a reason without a dependency, are wrong', () => {
  assert.equal(unexplained({ dependencies, devDependencies, because: { ws: ' ', gone: 'was needed' } }), [
    'ws is a dependency without a reason',
    'uvu is a dependency without a reason',
    'gone has a reason and is no dependency',
  ]);
});

test.run();
