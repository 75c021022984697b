import { test } from 'uvu';
import * as assert from 'uvu/assert';
import table from '#dump/proto-fields.json' with { type: 'json' };
import { type Field, fieldOf, loadMessages, type Message } from '#dump/proto-fields.ts';

const messageOf = await loadMessages();
const has = (field: Field | undefined, wanted: Partial<Field>): void => assert.equal({ ...field, ...wanted }, field);
const message = (name: string): Message => {
  const found = messageOf(name);
  if (found === undefined) throw new Error(`no message ${name}`);
  return found;
};

test('knows a message by its type URL and by its name', () => {
  const name = 'envoy.config.route.v3.Route';
  assert.is(message(`type.googleapis.com/${name}`).name, name);
  assert.is(message(name).name, name);
  assert.is(messageOf('type.googleapis.com/acme.Filter'), undefined);
});

test('knows a field by both of its names, with its number, type and oneof', () => {
  const route = message('envoy.config.route.v3.Route');
  const expected = {
    name: 'direct_response',
    number: 7,
    kind: 'message',
    type: 'envoy.config.route.v3.DirectResponseAction',
    isList: false,
    mapKey: undefined,
    oneof: 'action',
    isSensitive: false,
  };
  assert.equal(fieldOf(route, 'direct_response'), expected);
  assert.equal(fieldOf(route, 'directResponse'), expected);
  assert.is(fieldOf(route, 'direct'), undefined);
});

test('knows lists, maps, enums, scalars and what is sensitive', () => {
  const secret = message('envoy.extensions.transport_sockets.tls.v3.GenericSecret');
  has(fieldOf(secret, 'secrets'), { mapKey: 'string', type: 'envoy.config.core.v3.DataSource', isSensitive: true });
  const listener = message('envoy.config.listener.v3.Listener');
  has(fieldOf(listener, 'filterChains'), { isList: true, type: 'envoy.config.listener.v3.FilterChain' });
  has(fieldOf(listener, 'drain_type'), { kind: 'enum', type: 'envoy.config.listener.v3.Listener.DrainType' });
  has(fieldOf(listener, 'name'), { kind: 'scalar', type: 'string' });
  has(fieldOf(listener, 'transparent'), { kind: 'message', type: 'google.protobuf.BoolValue' });
});

test('every message of the table can be read, and every type of a field is one of it or of protobuf', () => {
  const names = Object.entries(table.packages).flatMap(([home, texts]) =>
    Object.keys(texts).map((name) => `${home}.${name}`),
  );
  assert.ok(names.length > 1000);
  for (const { fields } of names.map(message))
    for (const { kind, type } of fields)
      assert.ok(kind !== 'message' || type.startsWith('google.protobuf.') || messageOf(type) !== undefined, type);
});

test.run();
