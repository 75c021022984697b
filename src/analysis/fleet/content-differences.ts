// Differences of two versions of an element that its words do not show: paths and their values.

import { canonical, type FromEnvoy, raw } from '#model/content.ts';
import type { Element, ElementKind, FieldDifference } from '#model/difference.ts';

/** The same document without credentials. They are compared as they are, and shown as tokens. */
export type Redact = (json: object) => unknown;

type Path = readonly (string | number)[];

export interface ContentDifference extends FieldDifference {
  /** True where the element's own words show the difference. */
  readonly isDescribed: boolean;
}

export function contentDifferences(here: Element, there: Element, redact: Redact): ContentDifference[] {
  const [own, other] = [here[raw], there[raw]];
  if (own === undefined || other === undefined) return [];
  const [a, b] = [canonical(here.kind, own), canonical(there.kind, other)];
  const paths = differingPaths(a, b, []);
  if (paths.length === 0) return [];
  const [shownA, shownB] = [redacted(here.kind, a, redact), redacted(here.kind, b, redact)];
  return paths.map((path): ContentDifference => {
    const [inA, inB] = [valueAt(shownA, path), valueAt(shownB, path)];
    const isOrder = isReordered(valueAt(a, path), valueAt(b, path));
    const text = pathText(path);
    return {
      field: isOrder ? `order of ${text}` : text,
      ...excerpts(isOrder ? namesOf(inA) : valueText(inA), isOrder ? namesOf(inB) : valueText(inB)),
      isDescribed: describedFields[here.kind]?.test(text) ?? false,
    };
  });
}

/** Envoy's type of an element, by which redaction knows its fields. */
const messages: Readonly<Record<ElementKind, string>> = {
  listener: 'envoy.config.listener.v3.Listener',
  'filter chain': 'envoy.config.listener.v3.FilterChain',
  'route configuration': 'envoy.config.route.v3.RouteConfiguration',
  'virtual host': 'envoy.config.route.v3.VirtualHost',
  route: 'envoy.config.route.v3.Route',
  cluster: 'envoy.config.cluster.v3.Cluster',
  endpoint: 'envoy.admin.v3.HostStatus',
  'load assignment': 'envoy.config.endpoint.v3.ClusterLoadAssignment',
  'assigned endpoint': 'envoy.config.endpoint.v3.LbEndpoint',
  secret: 'envoy.extensions.transport_sockets.tls.v3.Secret',
  'scoped routes': 'envoy.admin.v3.ScopedRoutesConfigDump.DynamicScopedRouteConfigs',
  extension: 'envoy.config.core.v3.TypedExtensionConfig',
  bootstrap: 'envoy.config.bootstrap.v3.Bootstrap',
  // Envoy has no message of it.
  runtime: 'google.protobuf.Struct',
};

/** What Envoy holds of the element, without credentials. */
export const redacted = (kind: ElementKind, value: NonNullable<FromEnvoy[typeof raw]>, redact: Redact): unknown =>
  redact({ ...value, '@type': `type.googleapis.com/${messages[kind]}` });

/** Fields of Envoy that the words of an element (render/words/describe-elements.ts) are made of. */
const describedFields: Readonly<Partial<Record<ElementKind, RegExp>>> = {
  listener: /^(?:address|additional_addresses)\b|^listener_filters\[\d+\](?:$|\.name$)/,
  'filter chain':
    /^filter_chain_match\b|^transport_socket$|\.(?:tls_certificate(?:s|_sds_secret_configs)|alpn_protocols|require_client_certificate|tls_m(?:in|ax)imum_protocol_version|route_config_name|normalize_path|merge_slashes|path_with_escaped_slashes_action|strip_matching_host_port|strip_any_host_port|strip_trailing_host_dot|use_remote_address|access_log|cluster|weighted_clusters)\b|(?:^|\.)(?:http_)?filters\[\d+\](?:$|\.(?:name|disabled)$)/,
  'route configuration': /^ignore_port_in_host_matching$/,
  'virtual host': /^(?:domains|require_tls)\b/,
  route:
    /^(?:name|redirect\.\w+|direct_response\.(?:status|body)\b.*|metadata\.filter_metadata\.istio\.config|typed_per_filter_config\.envoy\.filters\.http\.fault\b.*)$|^route\.(?:cluster|timeout|prefix_rewrite|regex_rewrite|host_rewrite_literal|host_rewrite|path_rewrite|auto_host_rewrite|retry_policy\.(?:retry_on|num_retries|per_try_timeout)|weighted_clusters\.clusters\[\d+\](?:\.(?:name|weight))?)$/,
  cluster:
    /^(?:type|lb_policy|connect_timeout|eds_cluster_config\.service_name|metadata\.filter_metadata\.istio\.config|common_lb_config\.healthy_panic_threshold\b.*)$|^(?:outlier_detection|circuit_breakers)\b|^load_assignment\..*\.address\b|\.sni$/,
  endpoint: /^(?:weight|locality\b.*)$/,
  secret: /\.(?:inline_bytes|inline_string|filename)$/,
};

function differingPaths(a: unknown, b: unknown, path: Path): Path[] {
  if (a === b) return [];
  if (Array.isArray(a) && Array.isArray(b)) return differingElements(a, b, path);
  if (!isFields(a) || !isFields(b)) return [path];
  const names = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...names].flatMap((name) => differingPaths(own(a, name), own(b, name), [...path, name]));
}

/** A list that is longer on one side is shown whole: nobody can say which element is new. */
function differingElements(a: readonly unknown[], b: readonly unknown[], path: Path): Path[] {
  if (a.length !== b.length || isReordered(a, b)) return [path];
  return a.flatMap((one, index) => differingPaths(one, b[index], [...path, index]));
}

function isReordered(a: unknown, b: unknown): boolean {
  if (!Array.isArray(a) || !Array.isArray(b) || a.length !== b.length) return false;
  const [inA, inB] = [sortedTexts(a), sortedTexts(b)];
  return inA.every((one, index) => one === inB[index]) && JSON.stringify(a) !== JSON.stringify(b);
}

const sortedTexts = (list: readonly unknown[]): string[] => list.map((one) => JSON.stringify(one)).sort();

/** A key of a Struct may be called `constructor`. */
const own = (value: object, key: string | number): unknown =>
  Object.hasOwn(value, key) ? (value as Readonly<Record<string | number, unknown>>)[key] : undefined;

const isFields = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** The token, where all that stands above the path is a credential. */
const valueAt = (value: unknown, path: Path): unknown =>
  path.reduce<unknown>((at, key) => (typeof at === 'object' && at !== null ? own(at, key) : at), value);

const pathText = (path: Path): string =>
  path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');

const valueText = (value: unknown): string =>
  value === undefined ? '' : typeof value === 'string' ? value || '""' : JSON.stringify(value);

const namesOf = (list: unknown): string =>
  Array.isArray(list)
    ? list.map((one) => (isFields(one) && typeof one['name'] === 'string' ? one['name'] : valueText(one))).join(', ')
    : valueText(list);

const longest = 120;
const before = 20;

/** From shortly before where they begin to differ. */
export function excerpts(here: string, there: string): Pick<FieldDifference, 'here' | 'there'> {
  if (here.length <= longest && there.length <= longest) return { here, there };
  let same = 0;
  while (same < here.length && here[same] === there[same]) same++;
  const from = same + before < longest ? 0 : same - before;
  const cut = (text: string): string =>
    `${from > 0 ? '…' : ''}${text.slice(from, from + longest)}${text.length > from + longest ? '…' : ''}`;
  return { here: cut(here), there: cut(there) };
}
