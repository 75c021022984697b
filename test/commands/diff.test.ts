import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withDemo } from '../support/run-command.ts';

const stale = 'istio-ingressgateway-l9b5b';
const healthy = 'istio-ingressgateway-66qlf';

test('--pod compares that pod with all the others', () =>
  withDemo({}, async ({ kii }) => {
    const all = await kii('diff');
    const one = await kii(`diff --pod ${stale}`);
    assert.equal([one.code, one.err], [1, '']);
    assert.match(one.out, `1 of 1 pod differs from what most pods have\n\n${stale}`);
    assert.is(one.out.split('\n').slice(1).join('\n'), all.out.split('\n').slice(1).join('\n'));
    assert.equal(await kii(`diff --pod ${healthy}`), { code: 0, out: '1 pod is the same as what most pods have\n', err: '' });
  }));

test('of the pods that a chosen one is compared with, one that does not answer is told of', () =>
  withDemo({ faults: [{ pod: '*-gfn8x', at: 'connection', does: 'refuse' }] }, async ({ kii }) => {
    const { code, err } = await kii(`diff --pod ${healthy}`);
    assert.is(code, 3);
    assert.match(err, 'istio-ingressgateway-gfn8x:15000: nothing listens on that port');
  }));

test('a saved directory is compared in the same way', () =>
  withDemo({}, async ({ directory, kii }) => {
    assert.is((await kii(['config-dump', '--dir', `${directory}/saved`])).code, 0);
    const saved = await kii(['diff', '--pod', stale, '--from', `${directory}/saved`]);
    assert.is(saved.out, (await kii(`diff --pod ${stale}`)).out);
  }));

test.run();
