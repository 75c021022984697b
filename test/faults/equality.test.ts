// Of two pods that differ in anything, `diff` and `status --full` say so, or what they differ in is on the list of what
// differs by nature. Real dumps, of which one thing is changed at random.

import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differencesFrom, referenceOf } from '#analysis/fleet/diff.ts';
import { elementPool } from '#analysis/fleet/elements.ts';
import { ToolError } from '#core/error.ts';
import recording from '#demo/fleet.json' with { type: 'json' };
import { makeFleet } from '#demo/fleet.ts';
import type { Recording } from '#demo/recording.ts';
import { readClusters } from '#dump/clusters.ts';
import { readEndpoints } from '#dump/endpoints.ts';
import { readListeners } from '#dump/listeners.ts';
import {
  readBootstrap,
  readExtensions,
  readLoadAssignments,
  readRuntimeLayers,
  readScopedRoutes,
} from '#dump/other-elements.ts';
import { reportOf, withLarge } from '#dump/pod-report.ts';
import { readRoutes } from '#dump/routes.ts';
import { readSecrets } from '#dump/secrets.ts';
import { readServerInfo } from '#dump/server-info.ts';
import { byNature, ownIdentity } from '#model/by-nature.ts';
import { describeElements } from '#render/words/describe-elements.ts';
import { section } from '../support/dump.ts';

const runs = process.env['TEST_LONG'] === undefined ? 3_000 : 30_000;

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };
type Path = readonly (string | number)[];

/** One element of a dump, and the way of a document to it. */
interface Sample {
  readonly element: Json;
  readonly in: (element: Json) => Partial<Answers>;
}

interface Answers {
  readonly configs: object;
  readonly clusters: object;
  readonly runtime: object;
}

const nothing: Answers = { configs: { configs: [] }, clusters: { cluster_statuses: [] }, runtime: {} };

const lists = [
  ['Listeners', 'static_listeners'],
  ['Listeners', 'dynamic_listeners'],
  ['Routes', 'static_route_configs'],
  ['Routes', 'dynamic_route_configs'],
  ['Clusters', 'static_clusters'],
  ['Clusters', 'dynamic_active_clusters'],
  ['Secrets', 'dynamic_active_secrets'],
  ['Endpoints', 'static_endpoint_configs'],
  ['Endpoints', 'dynamic_endpoint_configs'],
] as const;

const fleet = makeFleet(recording as unknown as Recording, 3);
const [pod] = [...fleet.pods.values()].flatMap(({ recorded }) => recorded ?? []);
if (pod === undefined) throw new Error('no pod is recorded');
const proxy = readServerInfo(fleet.answer(pod, 'server_info'));

const sections = (fleet.dump(pod) as { configs: Record<string, Json[]>[] }).configs;

const elementsOf = (list: string): Json[] =>
  sections
    .flatMap((config) => config[list] ?? [])
    .filter((element) => (element as { name?: string }).name !== ownIdentity);

const inList =
  (name: string, list: string) =>
  (element: Json): Sample => ({ element, in: (changed) => ({ configs: section(name, { [list]: [changed] }) }) });

/** Of what a recorded fleet does not happen to have, made of what it has. */
const made: readonly Sample[] = [
  inList(
    'Endpoints',
    'dynamic_endpoint_configs',
  )({
    endpoint_config: {
      '@type': 'type.googleapis.com/envoy.config.endpoint.v3.ClusterLoadAssignment',
      cluster_name: 'a',
      named_endpoints: { one: { address: { pipe: { path: '/one' } } } },
      policy: {
        overprovisioning_factor: 140,
        weighted_priority_health: true,
        drop_overloads: [{ category: 'drop_overload', drop_percentage: { numerator: 1, denominator: 'MILLION' } }],
      },
      endpoints: [
        {
          locality: { region: 'r', zone: 'z' },
          metadata: { filter_metadata: { istio: { a: 'b' } } },
          lb_endpoints: [
            { metadata: { filter_metadata: { 'envoy.transport_socket_match': { tlsMode: 'istio' } } } },
            { endpoint_name: 'one' },
          ],
        },
        { leds_cluster_locality_config: { leds_collection_name: 'elsewhere' } },
      ],
    },
  }),
  ...elementsOf('dynamic_active_clusters').slice(0, 3).map(inList('Clusters', 'dynamic_warming_clusters')),
  ...elementsOf('dynamic_active_secrets').slice(0, 2).map(inList('Secrets', 'static_secrets')),
  ...elementsOf('dynamic_listeners')
    .slice(0, 2)
    .map((listener) => {
      const { active_state, ...rest } = listener as { [name: string]: Json };
      return inList('Listeners', 'dynamic_listeners')({ ...rest, warming_state: active_state as Json });
    }),
  inList(
    'Ecds',
    'ecds_filters',
  )({
    version_info: '1',
    last_updated: '2026-11-23T12:06:16.864Z',
    ecds_filter: {
      '@type': 'type.googleapis.com/envoy.config.core.v3.TypedExtensionConfig',
      name: 'lua',
      typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua', inline_code: 'x = 1' },
    },
  }),
  inList(
    'ScopedRoutes',
    'dynamic_scoped_route_configs',
  )({
    name: 'scopes',
    scoped_route_configs: [
      { name: 'a', route_configuration_name: 'one', key: { fragments: [{ string_key: 'a' }, { string_key: 'b' }] } },
    ],
  }),
];

const { '@type': _, ...bootstrap } = sections.find((config) => 'bootstrap' in config) as { [name: string]: Json };

const samples: readonly Sample[] = [
  ...lists.flatMap(([name, list]) => elementsOf(list).map(inList(name, list))),
  ...made,
  { element: bootstrap, in: (changed) => ({ configs: section('Bootstrap', changed as object) }) },
  { element: fleet.answer(pod, 'runtime') as Json, in: (changed) => ({ runtime: changed as object }) },
  ...(fleet.list(pod, 'clusters') as { name: string; host_statuses?: Json[] }[]).flatMap(
    ({ name, host_statuses = [] }) =>
      host_statuses.map(
        (element): Sample => ({
          element: { host_statuses: [element] },
          in: (changed) => ({ clusters: { cluster_statuses: [{ name, ...(changed as object) }] } }),
        }),
      ),
  ),
];

type Change = 'change' | 'remove' | 'add' | 'swap';

interface Spot {
  readonly path: Path;
  readonly change: Change;
}

function* spotsIn(value: Json, path: Path = []): Generator<Spot> {
  if (Array.isArray(value)) {
    for (const [index, one] of value.entries()) {
      if (index > 0 && JSON.stringify(one) !== JSON.stringify(value[index - 1]))
        yield { path: [...path, index], change: 'swap' };
      yield* spotsIn(one, [...path, index]);
    }
  } else if (typeof value === 'object' && value !== null) {
    yield { path, change: 'add' };
    for (const [name, one] of Object.entries(value)) yield* spotsIn(one, [...path, name]);
  } else {
    yield { path, change: 'change' };
    yield { path, change: 'remove' };
  }
}

function changed(value: Json, { path, change }: Spot): Json {
  const [key, ...rest] = path;
  if (key === undefined) return { ...(value as object), zz_added: 'x' };
  if (Array.isArray(value)) return changedList(value, key as number, { path: rest, change });
  const { [key]: own = null, ...others } = value as { [name: string]: Json };
  if (rest.length > 0 || change === 'add') return { ...others, [key]: changed(own, { path: rest, change }) };
  return change === 'remove' ? others : { ...others, [key]: another(own) };
}

function changedList(list: readonly Json[], at: number, { path, change }: Spot): Json[] {
  const own = list[at] as Json;
  if (path.length > 0 || change === 'add') return list.with(at, changed(own, { path, change }));
  if (change === 'swap') return list.with(at, list[at - 1] as Json).with(at - 1, own);
  return change === 'remove' ? list.toSpliced(at, 1) : list.with(at, another(own));
}

const another = (value: Json): Json =>
  typeof value === 'boolean' ? !value : typeof value === 'number' ? value + 1 : `${value}x`;

const read = (sample: Sample, element: Json) => {
  const { configs, clusters, runtime } = { ...nothing, ...sample.in(element) };
  return {
    others: [
      ...readBootstrap(configs),
      ...readExtensions(configs),
      ...readScopedRoutes(configs),
      ...readLoadAssignments(configs),
      ...readRuntimeLayers(runtime),
    ],
    routeConfigurations: readRoutes(configs),
    secrets: readSecrets(configs),
    listeners: readListeners(configs),
    clusters: readClusters(configs),
    endpoints: readEndpoints(clusters),
  };
};

/** What `diff` and `status --full` say; an answer that cannot be read is an error, which is not silent either. */
function saidOf(sample: Sample, spot: Spot): { readonly diff: boolean; readonly status: boolean } {
  const before = read(sample, sample.element);
  try {
    const after = read(sample, changed(sample.element, spot));
    const pool = elementPool();
    const [one, two, three] = [before, before, after].map((all, index) => pool.add(`${index}`, describeElements(all)));
    if (!one || !two || !three) throw new Error('three pods were described');
    const prints = [before, after].map(
      (all) =>
        withLarge(
          reportOf({ proxy, rejectedListeners: [], logLevels: [], ...all, routes: all.routeConfigurations }),
          all,
        ).fingerprint,
    );
    return {
      diff: differencesFrom(referenceOf([one, two]), three, (json) => json).length > 0,
      status: prints[0] !== prints[1],
    };
  } catch (error) {
    if (error instanceof ToolError) return { diff: true, status: true };
    throw error;
  }
}

const places: Readonly<Record<(typeof byNature)[number]['of'], string>> = {
  element: '(?:(?:active|warming|draining)_state\\.)?',
  listener: '(?:(?:active|warming|draining)_state\\.)?listener\\.',
  'filter chain': '(?:(?:active|warming|draining)_state\\.)?listener\\.(?:filter_chains|default_filter_chain)\\.',
  'route configuration': 'route_config\\.',
  'virtual host': 'route_config\\.virtual_hosts\\.',
  route: 'route_config\\.virtual_hosts\\.routes\\.',
  cluster: 'cluster\\.',
  endpoint: 'host_statuses\\.',
  'load assignment': 'endpoint_config\\.',
  'assigned endpoint': 'endpoint_config\\.endpoints\\.lb_endpoints\\.',
  secret: 'secret\\.',
  'scoped routes': 'scoped_route_configs\\.',
  extension: 'ecds_filter\\.',
  bootstrap: 'bootstrap\\.',
  runtime: '',
};

/** What an endpoint has of its locality stands around it in the dump. */
const placeOf = (of: keyof typeof places, path: (typeof byNature)[number]['path']): string =>
  `${places[of]}${[path].flat().join('.').replaceAll('.', '\\.')}`.replace(
    'lb_endpoints\\.locality_lb_endpoints\\.',
    '',
  );

const patterns = byNature.map(({ of, path, anyOrder = false }) => ({
  anyOrder,
  pattern: new RegExp(`^${placeOf(of, path)}${anyOrder ? '$' : '(?:\\.|$)'}`),
}));

function isByNature({ path, change }: Spot): boolean {
  const names = path.filter((key) => typeof key === 'string').join('.');
  return patterns.some(({ anyOrder, pattern }) => (!anyOrder || change === 'swap') && pattern.test(names));
}

/** Around an element there are only fields of envoy/admin/v3/config_dump_shared.proto. */
const isAround = ({ path, change }: Spot): boolean =>
  change === 'add' &&
  (path.length === 0 ||
    (path.length === 1 && ['active_state', 'warming_state', 'error_state'].includes(String(path[0]))));

test('whatever one pod has otherwise, diff and status --full say so, or it is on the list', () => {
  const known = new Map<Sample, readonly Spot[]>();
  const spotsOf = (sample: Sample): readonly Spot[] => {
    const spots =
      known.get(sample) ?? [...spotsIn(sample.element)].filter((spot) => !isByNature(spot) && !isAround(spot));
    known.set(sample, spots);
    return spots;
  };
  fc.assert(
    fc.property(fc.nat(samples.length - 1), fc.nat(), (at, where) => {
      const sample = samples[at] as Sample;
      const spots = spotsOf(sample);
      const spot = spots[where % spots.length] as Spot;
      assert.equal(saidOf(sample, spot), { diff: true, status: true }, `${spot.change} ${spot.path.join('.')}`);
    }),
    { numRuns: runs },
  );
});

test('the list is short, and has nothing below a filter or a TLS context, and of a route the order of conditions alone', () => {
  assert.ok(byNature.length <= 40);
  for (const { of, path, anyOrder } of byNature) {
    if (of === 'route') assert.ok(anyOrder && String(path).startsWith('match.'), String(path));
    assert.not.match([path].flat().join('.'), /\broutes\b|\bfilters\b|transport_socket|typed_config/);
  }
});

test.run();
