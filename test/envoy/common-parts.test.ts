// What the answers of several pods have in common: the same documents as JSON.parse makes, and the same objects where
// they are equal.

import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import recording from '#demo/fleet.json' with { type: 'json' };
import { makeFleet } from '#demo/fleet.ts';
import type { Recording } from '#demo/recording.ts';
import { dumpElements } from '#dump/elements.ts';
import { CommonParts } from '#envoy/common-parts.ts';

/** As Envoy lays it out. */
const body = (json: unknown): Buffer => Buffer.from(`${JSON.stringify(json, undefined, 1)}\n`);

const routes = (name: string, at: string, domains: readonly string[] = ['*']): object => ({
  '@type': 'type.googleapis.com/envoy.admin.v3.RoutesConfigDump.DynamicRouteConfig',
  version_info: '1',
  route_config: {
    '@type': 'type.googleapis.com/envoy.config.route.v3.RouteConfiguration',
    name,
    virtual_hosts: [{ name: `${name}:80`, domains }],
  },
  last_updated: at,
});

const listener = (name: string, at: string, more: object = {}): object => ({
  name,
  active_state: { version_info: '1', listener: { name, filter_chains: [{ filters: [] }] }, last_updated: at },
  ...more,
});

const dump = (...configs: readonly object[]): object => ({ configs });

/** What each of the answers is after the ones before it. */
function parseAll(
  ...documents: readonly object[]
): readonly { readonly configs: readonly Record<string, Record<string, object>>[] }[] {
  const parts = new CommonParts();
  return documents.map((document) => {
    const parsed = parts.parse(body(document), 'routes of POD');
    assert.equal(parsed, JSON.parse(JSON.stringify(document)));
    return parsed as ReturnType<typeof parseAll>[number];
  });
}

test('what two pods have in common is one object, in whatever order and from whatever time', () => {
  const [first, second] = parseAll(
    dump(routes('a', '10:00'), routes('b', '10:00')),
    dump(routes('b', '11:00'), routes('a', '11:01')),
  );
  assert.is(first?.configs[0]?.['route_config'], second?.configs[1]?.['route_config']);
  assert.is(first?.configs[1]?.['route_config'], second?.configs[0]?.['route_config']);
});

test('what differs in a single character is another object', () => {
  const [first, second, third] = parseAll(
    dump(routes('a', '1', ['x'])),
    dump(routes('a', '1', ['y'])),
    dump(routes('a', '1', ['x'])),
  );
  assert.is.not(first?.configs[0]?.['route_config'], second?.configs[0]?.['route_config']);
  assert.is(first?.configs[0]?.['route_config'], third?.configs[0]?.['route_config']);
});

test('listeners are in common in each of their states', () => {
  const states = { warming_state: { listener: { name: 'w' } }, draining_state: { listener: { name: 'd' } } };
  const [first, second] = parseAll(
    dump(listener('a', '1', states)),
    dump(listener('b', '1'), listener('a', '2', states)),
  );
  for (const state of ['active_state', 'warming_state', 'draining_state']) {
    assert.type(first?.configs[0]?.[state]?.['listener'], 'object', state);
    assert.is(first?.configs[0]?.[state]?.['listener'], second?.configs[1]?.[state]?.['listener'], state);
  }
});

const cluster = (name: string, metadata: object): object => ({
  version_info: '1',
  cluster: { name, metadata: { filter_metadata: { istio: metadata } }, type: 'EDS' },
});

test('clusters that say the same are one object, in whatever order the process has their metadata', () => {
  const [first, second] = parseAll(
    dump(cluster('a', { x: [1, { y: null, ü: 2 }], z: '1' }), cluster('b', {})),
    dump(cluster('b', {}), cluster('a', { z: '1', x: [1, { ü: 2, y: null }] })),
  );
  assert.is(second?.configs[0]?.['cluster'], first?.configs[1]?.['cluster']);
  assert.is(second?.configs[1]?.['cluster'], first?.configs[0]?.['cluster']);
});

test('what stands in the lists of a section is in common as well', () => {
  type Section = Readonly<Record<string, readonly Record<string, Record<string, object>>[]>>;
  const [first, second] = parseAll(
    dump({ static: [cluster('s', {})], active: [cluster('a', { x: 1, y: 2 }), listener('l', '1')] }),
    dump({ static: [cluster('s', {})], active: [listener('l', '2'), cluster('a', { y: 2, x: 1 })] }),
  ).map(({ configs }) => configs[0] as unknown as Section);
  assert.is(second?.['static']?.[0]?.['cluster'], first?.['static']?.[0]?.['cluster']);
  assert.is(second?.['active']?.[1]?.['cluster'], first?.['active']?.[0]?.['cluster']);
  assert.is(
    second?.['active']?.[0]?.['active_state']?.['listener'],
    first?.['active']?.[1]?.['active_state']?.['listener'],
  );
});

test('clusters whose metadata differ anywhere, lists in their order, are several', () => {
  const others = [{ x: 2 }, { x: '1' }, { x: null }, { x: [1] }, { x: { 0: 1 } }, { y: 1 }, { x: 1, y: 1 }, {}];
  for (const [own, other] of [
    ...others.map((one) => [{ x: 1 }, one] as const),
    [{ x: [1, 2] }, { x: [2, 1] }] as const,
    [{ x: [1] }, { x: { 0: 1 } }] as const,
  ]) {
    const [first, second] = parseAll(dump(cluster('a', own)), dump(cluster('a', other)));
    assert.is.not(second?.configs[0]?.['cluster'], first?.configs[0]?.['cluster'], JSON.stringify(other));
  }
});

test('clusters with empty metadata are one object, and none that has some', () => {
  const empty = { cluster: { name: 'a', metadata: {}, type: 'EDS' } };
  const [first, second] = parseAll(dump(empty), dump(empty, cluster('a', {}), { cluster: { name: 'a', type: 'EDS' } }));
  assert.is(second?.configs[0]?.['cluster'], first?.configs[0]?.['cluster']);
  assert.is.not(second?.configs[1]?.['cluster'], first?.configs[0]?.['cluster']);
});

test('parts that begin alike are told apart, and so are more of them than are kept', () => {
  const alike = Array.from({ length: 150 }, (_, index) => routes('a'.repeat(400) + index, '1'));
  const [first, second] = parseAll(dump(...alike), dump(...alike.toReversed()));
  assert.is(second?.configs.at(-1)?.['route_config'], first?.configs[0]?.['route_config']);
});

test('fields of the same name elsewhere are no parts', () => {
  const rejected = { error_state: { failed_configuration: { listener: { name: 'x' } }, listener: { name: 'y' } } };
  parseAll(
    dump(listener('a', '1', rejected)),
    dump(listener('a', '2', rejected)),
    dump({ route_config: 7 }),
    dump({ route_config: {} }),
  );
});

test('texts that look like the layout are texts', () => {
  const text = '\n   "route_config": {\n   }\n {1}"listener": ü€\u{1F600}\\"';
  parseAll(
    dump(routes(text, text, [text])),
    dump(routes(text, text, [text]), routes('a', text)),
    dump(routes('a', '2'), routes(text, 'x', [text])),
  );
});

test('what only a later answer has is read as UTF-8', () => {
  parseAll(dump(routes('a', '1')), dump(routes('ü€', '2')), dump(routes('ü€', '3')));
});

test('a first answer that is only partly laid out as Envoy does it names nothing wrongly', () => {
  const parts = new CommonParts();
  const laidOut = body(dump(routes('a', '1'))).toString();
  const mixed = laidOut.replace('[', `[{"route_config": {"name": "compact"}},`);
  assert.equal(parts.parse(Buffer.from(mixed), 'routes'), JSON.parse(mixed));
  assert.equal(parts.parse(Buffer.from(laidOut), 'routes'), JSON.parse(laidOut));
});

test('what seems laid out as Envoy does it, and is not, is read as it is, and spoils no other answer', () => {
  const genuine = body(dump(routes('a', '1'))).toString();
  const compact = (more: string): string => genuine.replace('[', `[{"route_config": {"name": "compact"}${more}},`);
  const elsewhere = ',\n   "error_state": {\n    "listener": {\n     "name": "other"\n    }\n   }';
  const twice = ',\n   "route_config": {\n    "name": "b"\n   },\n   "route_config": {\n    "name": "c"\n   }';
  for (const odd of [
    'null',
    '7',
    '[]',
    '{"configs": {}}',
    compact(elsewhere),
    compact(twice),
    genuine.replace('[', `[{"x": 1${elsewhere}},`),
  ]) {
    for (const answers of [
      [odd, genuine, genuine],
      [genuine, odd, genuine],
      [odd, odd, genuine],
    ]) {
      const parts = new CommonParts();
      for (const answer of answers)
        assert.equal(parts.parse(Buffer.from(answer), 'routes'), JSON.parse(answer), answer);
    }
  }
});

test('a brace that stands where it does not belong makes no answer another one', () => {
  const genuine = body(dump(routes('a', '1'), routes('b', '1'), routes('c', '1'))).toString();
  const ofSeveral = genuine.replace('\n   },\n', '\n    },\n');
  const more = ofSeveral.replace('"last_updated": "1"', '"error_state": {\n    "details": "no"\n   }');
  for (const odd of [ofSeveral, more])
    for (const answers of [
      [odd, odd],
      [odd, genuine],
    ]) {
      const parts = new CommonParts();
      for (const answer of answers)
        assert.equal(parts.parse(Buffer.from(answer), 'routes'), JSON.parse(answer), answer);
    }
});

test('what hides where metadata seems to go on is none of it', () => {
  const genuine = body(dump(cluster('a', {}))).toString();
  const metadata = '\n     "filter_metadata": {\n      "istio": {}\n     }\n    }';
  assert.ok(genuine.includes(metadata));
  for (const hiding of [metadata.replace(/ \}$/, '  },\n    "hidden": {\n    }'), metadata.replace('{}', '{\n    }')]) {
    const odd = genuine.replace(metadata, hiding);
    for (const answers of [
      [odd, genuine],
      [genuine, odd, genuine],
      [odd, odd],
    ]) {
      const parts = new CommonParts();
      for (const answer of answers)
        assert.equal(parts.parse(Buffer.from(answer), 'clusters'), JSON.parse(answer), answer);
    }
  }
});

test('layouts that are not Envoy’s are parsed as a whole', () => {
  const parts = new CommonParts();
  const document = dump(routes('a', '1'), listener('b', '1'));
  for (const indentation of [undefined, 1, 2, 1, '\t', 1]) {
    assert.equal(
      parts.parse(Buffer.from(JSON.stringify(document, undefined, indentation)), 'routes'),
      JSON.parse(JSON.stringify(document)),
    );
  }
});

test('an answer that ends in the middle is the same error as without parts, wherever it ends', () => {
  const whole = body(dump(routes('a', '1'), listener('b', '1')));
  for (let end = 0; end < whole.length - 2; end++) {
    const parts = new CommonParts();
    parts.parse(whole, 'routes of POD');
    assert.throws(
      () => parts.parse(whole.subarray(0, end), 'routes of POD'),
      /^cannot read routes of POD: (it ends in the middle|the answer is empty|it is not)/,
    );
    assert.equal(parts.parse(whole, 'routes of POD'), JSON.parse(whole.toString()));
  }
});

test('what comes after a first answer without parts is understood all the same', () => {
  parseAll(
    {},
    dump(routes('a', '1')),
    dump(routes('a', '2')),
    { configs: {} },
    { configs: [null, 1, 'x'] },
    dump(listener('a', '1')),
  );
});

test('recorded answers of three Envoys are what JSON.parse makes of them, and mostly in common', () => {
  const fleet = makeFleet(recording as unknown as Recording, 3);
  const dumps = [...fleet.pods.values()].flatMap(({ recorded }) => (recorded ? [fleet.dump(recorded)] : []));
  for (const [section, part] of [
    ['Routes', 'route_config'],
    ['Listeners', 'active_state'],
  ] as const) {
    const answers = parseAll(
      ...dumps.map((one) =>
        dump(
          ...dumpElements(one, section).flatMap(({ element, state }) => (state === 'active' ? [element.fields] : [])),
        ),
      ),
    );
    const [first = [], second = []] = answers.map(({ configs }) => configs.flatMap((config) => config[part] ?? []));
    const objects = new Set(first.map((one) => ('listener' in one ? one.listener : one)));
    assert.ok(second.length > 3);
    assert.ok(
      second.every((one) => objects.has('listener' in one ? one.listener : one)),
      section,
    );
  }
});

const json = fc.jsonValue({ maxDepth: 3 });
const element = fc.record(
  {
    route_config: fc.oneof(json, fc.object({ maxDepth: 3 })),
    listener: json,
    cluster: fc.oneof(json, fc.record({ name: fc.string(), metadata: fc.object({ maxDepth: 3 }) })),
    active_state: fc.record({ listener: fc.oneof(json, fc.object({ maxDepth: 2 })) }),
    name: json,
  },
  { requiredKeys: [] },
);

const section = fc.record({ '@type': json, static: fc.array(element), active: fc.array(element) });

test('any documents, one after the other, are what JSON.parse makes of them', () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ configs: fc.array(fc.oneof(element, section), { maxLength: 4 }) }), {
        minLength: 2,
        maxLength: 5,
      }),
      (documents) => {
        parseAll(...documents, ...documents);
      },
    ),
    { numRuns: 500 },
  );
});

test.run();
