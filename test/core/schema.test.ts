import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isDnsName } from '#core/dns-name.ts';
import { kinds, type Resource } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { objectSchema, objectsSchema } from '#core/kube-schema.ts';
import { checked, list, mapOf, number, object, oneOf, optional, text } from '#core/schema.ts';
import { toolError } from '../support/rejection.ts';

interface Thing {
  readonly name: string;
  readonly ports?: readonly number[];
  readonly labels: Readonly<Record<string, string>>;
  readonly kind: 'a' | 'b';
}

const thing = object<Thing>({
  name: text,
  ports: optional(list(number)),
  labels: mapOf(text),
  kind: oneOf('a', 'b'),
});

const good = { name: 'x', ports: [1], labels: { a: 'b' }, kind: 'a' };

test('what is right comes back, with fields that no schema names', () =>
  assert.equal(checked(thing, { ...good, more: 1 }, 'it'), { ...good, more: 1 } as never));

test('null is as if an optional field were not there', () =>
  assert.is(checked(thing, { ...good, ports: null }, 'it').ports, undefined));

for (const [change, why] of [
  [{ name: undefined }, 'name is missing, not a text'],
  [{ name: null }, 'name is null, not a text'],
  [{ ports: [1, '2'] }, 'ports[1] is "2", not a number'],
  [{ ports: {} }, 'ports is an object, not a list'],
  [{ labels: { 'x\u001b': 7 } }, 'labels["x\\u001b"] is 7, not a text'],
  [{ kind: 'c' }, 'kind is "c", not one of a, b'],
] as const) {
  test(`the error names the field: ${why}`, () =>
    assert.is(toolError(() => checked(thing, { ...good, ...change }, 'FILE')).message, `cannot read FILE: ${why}`));
}

test('what is no object at all is said to be none', () =>
  assert.is(toolError(() => checked(thing, null, 'FILE')).message, 'cannot read FILE: it is null, not an object'));

test('a DNS name is no path, and nothing for a terminal', () => {
  for (const name of ['gw-1', 'a.b', '0', 'istio-ingressgateway-x7k2p']) assert.ok(isDnsName(name), name);
  const long = 'a'.repeat(254);
  for (const name of ['', '.', '..', '../x', 'a/b', 'a..b', '-a', 'A', 'a\n', 'a\u001b', '__proto__', long])
    assert.not.ok(isDnsName(name), JSON.stringify(name));
});

test('specs are checked: what is wrong leaves one of a CustomResourceDefinition out, and is an error else', () => {
  for (const [resource, spec, why] of [
    ['virtualservices', { hosts: ['a'], gateways: [['b']] }, '.spec.gateways[0] is a list, not a text'],
    ['virtualservices', { http: [{ match: [{ uri: 'x' }] }] }, '.spec.http[0].match[0].uri is "x", not an object'],
    [
      'gateways',
      { servers: [{ port: { number: '1' }, hosts: [] }] },
      '.spec.servers[0].port.number is "1", not a number',
    ],
    ['destinationrules', { host: 7 }, '.spec.host is 7, not a text'],
    ['services', { externalName: {} }, '.spec.externalName is an object, not a text'],
    ['services', { selector: [] }, '.spec.selector is a list, not an object'],
    ['certificates', { secretName: 'a', dnsNames: 'b' }, '.spec.dnsNames is "b", not a list'],
  ] as const)
    assert.is(wrongWith(resource, { metadata: { name: 'a' }, spec }), why.slice(1), resource);
});

/** What is wrong with an object, or why its spec is left out. */
function wrongWith(resource: Resource, value: KubeObject): string | undefined {
  const wrong = objectSchema(resource)(value, '');
  assert.is(wrong === undefined, kinds[resource].isCustom);
  if (kinds[resource].isCustom) assert.is(value['spec'], undefined);
  return wrong ?? value.illTyped;
}

test('of a list, what is wrong with an object has its name', () => {
  const inNamed = (metadata: object): string | undefined =>
    objectsSchema('services')([{ metadata: { name: 'fine' } }, { metadata, spec: { ports: 1 } }], '.items');
  const wrong = 'items[1].spec.ports is 1, not a list';
  assert.is(inNamed({ namespace: 'svc1', name: 'main' }), `${wrong}, in svc1/main`);
  assert.is(inNamed({ name: 'main' }), `${wrong}, in main`);
  assert.is(inNamed({ name: 'a\u001b' }), wrong);
});

test.run();
