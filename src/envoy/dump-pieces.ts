// What a whole `/config_dump` answers, asked for list by list, the long lists in parts. Source:
// envoy/source/server/admin/config_dump_handler.cc, envoy/admin/v3/config_dump.proto, config_dump_shared.proto.

import type { Admin } from '#core/admin.ts';
import { ToolError } from '#core/error.ts';
import { field } from '#core/json.ts';
import { isBefore } from '#core/version.ts';
import { fetchJson } from './admin.ts';

export interface Pieces {
  /** `{configs: [section…]}`, as the whole dump has it. */
  readonly dump: object;
  readonly answers: number;
  /** What cannot be had in pieces. */
  readonly missing: readonly string[];
}

type Query = Readonly<Record<string, string>>;
type Section = Record<string, unknown>;

/** By the type of its section, every list that `resource` can name. */
const lists: Readonly<Record<string, readonly string[]>> = {
  ClustersConfigDump: ['static_clusters', 'dynamic_active_clusters', 'dynamic_warming_clusters'],
  EcdsConfigDump: ['ecds_filters'],
  EndpointsConfigDump: ['static_endpoint_configs', 'dynamic_endpoint_configs'],
  ListenersConfigDump: ['static_listeners', 'dynamic_listeners'],
  RoutesConfigDump: ['static_route_configs', 'dynamic_route_configs'],
  ScopedRoutesConfigDump: ['inline_scoped_route_configs', 'dynamic_scoped_route_configs'],
  SecretsConfigDump: ['static_secrets', 'dynamic_active_secrets', 'dynamic_warming_secrets'],
};

/**
 * Those that grow with the mesh. Listeners are few, and one that Envoy never accepted is shown whatever the name asked
 * for.
 */
const long: ReadonlySet<string> = new Set([
  'dynamic_active_clusters',
  'static_endpoint_configs',
  'dynamic_endpoint_configs',
  'dynamic_route_configs',
  'dynamic_active_secrets',
]);

const parts = 8;

/** Every name matches one of them: by its length, as nothing is known of names. */
const partExpressions: readonly string[] = Array.from({ length: parts }, (_, rest) => `(?s)(.{${parts}})*.{${rest}}`);

/** `query` is that of the whole dump. Throws as `Admin.get` does. */
export async function fetchPieces(admin: Admin, { name_regex: named, ...query }: Query): Promise<Pieces> {
  let answers = 0;
  const ask = async (more: Query): Promise<readonly Section[]> => {
    answers++;
    return configsOf(await fetchJson(admin, { path: 'config_dump', query: { ...query, ...more } }));
  };
  const { frame, missing } = await fetchFrame(admin, ask);
  const partsOf = (resource: string): readonly Query[] => {
    if (named) return [{ resource, name_regex: named }];
    const isSplit = missing.length === 0 && long.has(resource);
    return isSplit ? partExpressions.map((name_regex) => ({ resource, name_regex })) : [{ resource }];
  };
  const configs: Section[] = [];
  for (const section of frame) {
    const whole = await filled(section, partsOf, ask);
    if (missing.length === 0 || Object.keys(whole).length > 1) configs.push(whole);
  }
  return { dump: { configs }, answers, missing };
}

/**
 * All that is no list, in the order of the dump. Envoy before 1.20 does not know `name_regex` and would answer the
 * whole dump.
 */
async function fetchFrame(
  admin: Admin,
  ask: (query: Query) => Promise<readonly Section[]>,
): Promise<{ readonly frame: readonly Section[]; readonly missing: readonly string[] }> {
  const version = String(field(await fetchJson(admin, { path: 'server_info' }), 'version')).split('/')[1];
  if (isBefore(version, '1.20') === false) return { frame: await ask({ name_regex: '^$' }), missing: [] };
  const frame = Object.keys(lists).map((type) => ({ '@type': `type.googleapis.com/envoy.admin.v3.${type}` }));
  return { frame, missing: [`the bootstrap, which Envoy ${version ?? ''} gives in whole dumps only`] };
}

async function filled(
  section: Section,
  partsOf: (resource: string) => readonly Query[],
  ask: (query: Query) => Promise<readonly Section[]>,
): Promise<Section> {
  const whole = { ...section };
  for (const resource of lists[String(section['@type']).split('.').at(-1) as string] ?? []) {
    delete whole[resource];
    const elements: Section[] = [];
    for (const query of partsOf(resource)) elements.push(...(await orNone(ask(query))));
    if (elements.length > 0) whole[resource] = elements.map(({ '@type': _, ...element }) => element);
  }
  return whole;
}

/** An Envoy that has no such list answers 404. */
async function orNone(asked: Promise<readonly Section[]>): Promise<readonly Section[]> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof ToolError && error.code === 'unsupported') return [];
    throw error;
  }
}

const configsOf = (json: unknown): readonly Section[] => (field(json, 'configs') ?? []) as readonly Section[];
