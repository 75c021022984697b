import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readRejectedListeners } from '#dump/listener-state.ts';
import { asked } from '../support/dump.ts';

const read = (...elements: object[]): unknown =>
  readRejectedListeners(asked('ListenersConfigDump.DynamicListener', ...elements));

test('finds the rejected among the listeners', () => {
  const error = { details: 'no', last_update_attempt: '2026-11-23T12:00:00Z', version_info: '7' };
  assert.equal(read({ name: '0.0.0.0_80' }, { name: '0.0.0.0_8443', error_state: error }), [
    { kind: 'listener', name: '0.0.0.0_8443', details: 'no', at: '2026-11-23T12:00:00Z', version: '7' },
  ]);
});

test('takes the name of what failed where the element has none', () => {
  const named = (element: object): unknown => (read(element) as { name: string }[]).map(({ name }) => name);
  assert.equal(named({ error_state: { failed_configuration: { name: 'new' } } }), ['new']);
  assert.equal(named({ name: 'old', error_state: { failed_configuration: { name: 'new' } } }), ['old']);
  assert.equal(named({ error_state: {} }), ['']);
});

test.run();
