// The elements of a config dump, whichever way it was asked for: the whole dump and `?mask=` answer sections
// (`…RoutesConfigDump`), `?resource=` answers the elements themselves (`…RoutesConfigDump.DynamicRouteConfig`).
// Source: envoy/admin/v3/config_dump.proto, config_dump_shared.proto; source/server/admin/config_dump_handler.cc.

import { hasField, type JsonObject, objectIn, objectsIn, rootObject, textIn } from '#core/json.ts';
import { memoize } from '#core/memoize.ts';
import { rejectionReason } from '#core/rejection-reason.ts';
import type { Rejection } from '#model/resource.ts';

export type Section = keyof typeof sectionLists;

export interface DumpElement {
  readonly element: JsonObject;
  readonly state: 'static' | 'active' | 'warming';
}

const sectionLists = {
  Listeners: { static_listeners: 'static', dynamic_listeners: 'active' },
  Clusters: { static_clusters: 'static', dynamic_active_clusters: 'active', dynamic_warming_clusters: 'warming' },
  Routes: { static_route_configs: 'static', dynamic_route_configs: 'active' },
  ScopedRoutes: { inline_scoped_route_configs: 'static', dynamic_scoped_route_configs: 'active' },
  Secrets: { static_secrets: 'static', dynamic_active_secrets: 'active', dynamic_warming_secrets: 'warming' },
  Ecds: { ecds_filters: 'active' },
  Endpoints: { static_endpoint_configs: 'static', dynamic_endpoint_configs: 'active' },
} as const;

/**
 * The elements of one section, in the dump's order. Elements of `?resource=` have the state `asked`: that answer does
 * not tell active from warming. Throws `bad-answer` where it is no dump.
 */
export function dumpElements(json: unknown, section: Section, asked: 'active' | 'warming' = 'active'): DumpElement[] {
  const root = rootObject(json, 'the config dump');
  const lists = Object.entries(sectionLists[section]);
  // istioctl writes a section without the `configs` around it; a section that is empty has no lists at all.
  const isSection = !hasField(root, 'configs') && lists.some(([list]) => hasField(root, list));
  return (isSection ? [root] : objectsIn(root, 'configs')).flatMap((config) => {
    const { of, element } = readConfigType(textIn(config, '@type') ?? '');
    if (!isSection && of !== section) return [];
    if (element !== undefined) return [{ element: config, state: isStatic(element) ? ('static' as const) : asked }];
    return lists.flatMap(([list, state]) => objectsIn(config, list).map((e) => ({ element: e, state })));
  });
}

/** Each element of `?resource=` says it. */
const readConfigType = memoize((type) => {
  const [, of, element] = /\.(\w+)ConfigDump(?:\.(\w+))?$/.exec(type) ?? [];
  return { of, element };
});

/** The section with only the elements that `keep` accepts; it gets each as the only one of its list. */
export function dumpOf(json: unknown, section: Section, keep: (dump: object) => boolean): object {
  const lists = Object.keys(sectionLists[section]);
  const keptOf = (config: JsonObject): object =>
    Object.fromEntries(
      Object.entries(config.fields).map(([name, value]) => [
        name,
        lists.includes(name)
          ? objectsIn(config, name).flatMap(({ fields }) => (keep({ [name]: [fields] }) ? [fields] : []))
          : value,
      ]),
    );
  return { configs: objectsIn(rootObject(json, 'the config dump'), 'configs').map(keptOf) };
}

const isStatic = (element: string): boolean => /^(Static|Inline)/.test(element);

/** `error_state`: the last update that Envoy rejected. */
export function readRejection(element: JsonObject): Rejection | undefined {
  const error = objectIn(element, 'error_state');
  if (!error) return undefined;
  return {
    details: rejectionReason(textIn(error, 'details') ?? ''),
    at: textIn(error, 'last_update_attempt'),
    version: textIn(error, 'version_info') || undefined,
  };
}

/**
 * The last part of an Any's type: `envoy.extensions.access_loggers.file.v3.FileAccessLog` for what begins with
 * type.googleapis.com/.
 */
export const typeOf = (any: JsonObject | undefined): string => {
  const url = any && textIn(any, '@type');
  return url === undefined ? '' : typeOfUrl(url);
};

/** Types are few. */
const typeOfUrl = memoize((url) => url.replace(/^.*\//, ''));
