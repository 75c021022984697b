import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differencesFrom, type Reference, referenceOf } from '#analysis/fleet/diff.ts';
import type { Element, PodElements } from '#model/difference.ts';

const element = (
  kind: Element['kind'],
  name: string,
  fields: Element['fields'] = {},
  order?: readonly string[],
): Element => ({
  kind,
  name,
  fields,
  ...(order ? { order } : {}),
});

const pod = (name: string, elements: readonly Element[], updatedAt?: string): PodElements => ({
  pod: name,
  elements,
  updated: new Map(updatedAt === undefined ? [] : elements.map((one) => [one, updatedAt])),
});

const asItIs = (json: object): object => json;

const told = (reference: Reference, of: PodElements): string[] =>
  differencesFrom(reference, of, asItIs).map(({ kind, name, change, fields }) =>
    [change, kind, name, ...fields.map(({ field, here, there }) => `${field}: ${here}/${there}`)].join(' '),
  );

const web = element('cluster', 'web', { type: 'EDS' });
const oldWeb = element('cluster', 'web', { type: 'STATIC', extra: 'x' });

test('the version of most pods counts, however old', () => {
  const pods = [
    pod('a', [web], '2026-01-01T00:00:00Z'),
    pod('b', [web], '2026-01-01T00:00:00Z'),
    pod('c', [oldWeb], '2026-02-01T00:00:00Z'),
  ];
  const reference = referenceOf(pods);
  assert.equal(
    pods.map((one) => told(reference, one)),
    [[], [], ['different cluster web type: STATIC/EDS extra: x/']],
  );
});

test('of two halves, that of the newest update', () => {
  const pods = [pod('a', [oldWeb], '2026-01-01T00:00:00Z'), pod('b', [web], '2026-02-01T00:00:00Z')];
  assert.equal(told(referenceOf(pods), pods[0] as PodElements), ['different cluster web type: STATIC/EDS extra: x/']);
  assert.equal(told(referenceOf(pods), pods[1] as PodElements), []);
});

test('what most pods lack is extra, what most have is missing', () => {
  const pods = [pod('a', [web]), pod('b', [web]), pod('c', [element('secret', 's')])];
  const reference = referenceOf(pods);
  assert.equal(told(reference, pods[2] as PodElements), ['missing cluster web', 'extra secret s']);
  assert.equal(told(reference, pods[0] as PodElements), []);
});

test('where one half lacks it, the half that was updated last is right', () => {
  const kept = element('cluster', 'kept');
  const addedLater = [pod('a', [kept], '2026-01-01T00:00:00Z'), pod('b', [kept, web], '2026-02-01T00:00:00Z')];
  assert.equal(told(referenceOf(addedLater), addedLater[0] as PodElements), ['missing cluster web']);
  const removedLater = [pod('a', [kept, web], '2026-01-01T00:00:00Z'), pod('b', [kept], '2026-02-01T00:00:00Z')];
  assert.equal(told(referenceOf(removedLater), removedLater[0] as PodElements), ['extra cluster web']);
});

test('the order of common members counts; a missing one does not make the others differ', () => {
  const host = (order: readonly string[]): Element => element('virtual host', 'v', {}, order);
  const reference = referenceOf([pod('a', [host(['/a', '/b', '/c'])])]);
  assert.equal(told(reference, pod('b', [host(['/a', '/c'])])), []);
  assert.equal(told(reference, pod('b', [host(['/c', '/a', '/b'])])), [
    'different virtual host v order: /c → /a → /b//a → /b → /c',
  ]);
});

test('what is missing with a whole is told once', () => {
  const whole = [
    element('listener', 'l'),
    element('filter chain', 'l SNI a'),
    element('virtual host', 'rc v'),
    element('route', 'rc v prefix /'),
  ];
  assert.equal(told(referenceOf([pod('a', whole)]), pod('b', [])), ['missing listener l', 'missing virtual host rc v']);
  assert.equal(told(referenceOf([pod('a', [])]), pod('b', whole)), ['extra listener l', 'extra virtual host rc v']);
  assert.equal(told(referenceOf([pod('a', whole)]), pod('b', whole.slice(0, 3))), ['missing route rc v prefix /']);
});

test('priorities of endpoints may differ by node; anything else of theirs may not', () => {
  const endpoint = (fields: Element['fields']): Element => element('endpoint', 'c 10.0.0.1:80', fields);
  const reference = referenceOf([pod('a', [endpoint({ priority: '0', health: 'HEALTHY' })])]);
  const byNode = (fields: Element['fields']): boolean[] =>
    differencesFrom(reference, pod('b', [endpoint(fields)]), asItIs).map((one) => one.byNode);
  assert.equal(byNode({ priority: '1', health: 'HEALTHY' }), [true]);
  assert.equal(byNode({ priority: '1', health: 'UNHEALTHY' }), [false]);
});

test('nothing differs from nothing', () => {
  assert.equal(told(referenceOf([]), pod('a', [])), []);
});

test.run();
