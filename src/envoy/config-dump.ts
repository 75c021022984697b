// `GET /config_dump` with what narrows it. Source: envoy/source/server/admin/config_dump_handler.cc.

import type { Admin, AdminRequest } from '#core/admin.ts';
import { isBefore } from '#core/version.ts';
import { fetchJson } from './admin.ts';
import { CommonParts } from './common-parts.ts';

export type DumpResource =
  | 'static_listeners'
  | 'dynamic_listeners'
  | 'static_clusters'
  | 'dynamic_active_clusters'
  | 'dynamic_warming_clusters'
  | 'static_route_configs'
  | 'dynamic_route_configs'
  | 'static_secrets'
  | 'dynamic_active_secrets'
  | 'dynamic_warming_secrets'
  | 'ecds_filters'
  | 'inline_scoped_route_configs'
  | 'dynamic_scoped_route_configs'
  | 'static_endpoint_configs'
  | 'dynamic_endpoint_configs';

export interface DumpQuery {
  readonly resource: DumpResource;
  /** Sub-fields of the element only; Envoy before 1.19 can crash on one. */
  readonly mask?: string;
  /** RE2 over resource names; Envoy before 1.20 ignores it. */
  readonly nameRegex?: string;
  /** The names are few: see `AdminRequest`. */
  readonly isBrief?: true;
}

/**
 * The mask, where this Envoy takes one: before 1.19 it can crash on it, and the answer has everything.
 * An Envoy of unknown version gets none, for the same reason.
 */
export function maskFor(envoyVersion: string, fields: readonly string[]): Pick<DumpQuery, 'mask'> {
  return isBefore(envoyVersion, '1.19') === false ? { mask: fields.join() } : {};
}

/**
 * Of what Envoy was started with. Undefined where Envoy gives it in whole dumps only: before 1.20 it knows no `name_regex`,
 * which keeps it from gathering all the rest. An Envoy of unknown version is not asked either.
 */
export function bootstrapQuery(envoyVersion: string, mask: string): Readonly<Record<string, string>> | undefined {
  return isBefore(envoyVersion, '1.20') === false ? { mask, name_regex: '^$' } : undefined;
}

/**
 * One repeated field of the dump, parsed: `{configs: [element…]}`; without `configs` where the field is empty. What
 * several pods have in common is the same object in each of their answers.
 */
export async function fetchConfigDump(
  admin: Admin,
  { resource, mask, nameRegex, isBrief }: DumpQuery,
): Promise<unknown> {
  const isEndpoints = resource.endsWith('endpoint_configs');
  const query = {
    resource,
    ...(mask === undefined ? {} : { mask }),
    ...namesIn(nameRegex),
    ...(isEndpoints ? { include_eds: 'true' } : {}),
  };
  return fetchShared(admin, { path: 'config_dump', query, ...(isBrief ? { isBrief } : {}) }, [resource]);
}

/**
 * Lists of one section of the dump, of one moment: `{configs: [section]}`. Envoy gathers anew for each request what
 * stands before a list. A mask of whole lists harms no version: what crashed Envoy before 1.19 went on below a list
 * (envoy#17257), and there the other sections come too, empty.
 */
export async function fetchLists(
  admin: Admin,
  lists: readonly DumpResource[],
  { nameRegex }: Pick<DumpQuery, 'nameRegex'> = {},
): Promise<unknown> {
  return fetchShared(admin, { path: 'config_dump', query: { mask: lists.join(), ...namesIn(nameRegex) } }, lists);
}

const namesIn = (nameRegex: string | undefined): Readonly<Record<string, string>> =>
  nameRegex === undefined ? {} : { name_regex: nameRegex };

/** What several pods have in common in these lists is the same object in each of their answers. */
function fetchShared(admin: Admin, request: AdminRequest, lists: readonly DumpResource[]): Promise<unknown> {
  const common = lists.some((list) => large.has(list)) ? commonOf(request.query) : undefined;
  return fetchJson(admin, request, common && ((body, what) => common.parse(body, what)));
}

/** Of which pods have much in common. */
const large: ReadonlySet<DumpResource> = new Set([
  'dynamic_listeners',
  'dynamic_route_configs',
  'dynamic_active_secrets',
  'dynamic_active_clusters',
  'dynamic_endpoint_configs',
]);

const answers = new Map<string, CommonParts>();

/** A command asks a handful of questions; one that watches, the same ones again. */
const mostQuestions = 16;

function commonOf(query: AdminRequest['query']): CommonParts {
  const question = JSON.stringify(query);
  const common = answers.get(question) ?? new CommonParts();
  if (answers.size >= mostQuestions && !answers.has(question)) answers.clear();
  answers.set(question, common);
  return common;
}
