import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readRejectedContents, readRejectedListeners } from '#dump/listener-state.ts';
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

test('an update of an active listener stands there twice, and is one', () => {
  const error = { details: 'no', failed_configuration: undefined };
  const names = (read({ name: '0.0.0.0_8443', error_state: error }, { error_state: error }) as { name: string }[]).map(
    ({ name }) => name,
  );
  assert.equal(names, ['0.0.0.0_8443']);
});

test('what failed and what is active are kept as text', () => {
  const element = {
    name: '0.0.0.0_8443',
    active_state: { listener: { name: 'old' } },
    error_state: { details: 'no', failed_configuration: { name: 'new' } },
  };
  assert.equal(readRejectedContents(asked('ListenersConfigDump.DynamicListener', element, { name: 'good' })), [
    { kind: 'listener', name: '0.0.0.0_8443', failed: '{"name":"new"}', active: '{"listener":{"name":"old"}}' },
  ]);
});

test.run();
