// Virtual hosts and routes in Envoy's own words: every member of every oneof that decides over a request. Nothing of
// the tool is known here; what Envoy refuses to load is left out.

import type { Random } from '../random.ts';
import { headers, methods, parameters, parameterValues, paths, regexes, valueRegexes, values } from '../words.ts';
import {
  brokenClusters,
  clusters,
  hosts,
  origins,
  runtimeKeys,
  treatedHeaders,
  treatedValues,
  weightPrefixes,
} from './words.ts';

export type Json = Readonly<Record<string, unknown>>;

export const extension = (name: string): string => `type.googleapis.com/envoy.extensions.${name}`;

/** Where the routes may send requests, and how the filters are called there. */
export interface Place {
  readonly clusters: readonly string[];
  readonly broken: readonly string[];
  readonly faultFilters: readonly string[];
  readonly corsFilters: readonly string[];
}

export const ownPlace: Place = {
  clusters,
  broken: brokenClusters,
  faultFilters: ['envoy.filters.http.fault', 'second.fault'],
  corsFilters: ['envoy.filters.http.cors', 'second.cors'],
};

// Matchers
// ---------------------------------------------------------------------------------------------------------------------------

export const fraction = (random: Random): Json => ({
  numerator: random.pick([0, 1, 30, 50, 100, 100, 150]),
  denominator: random.pick(['HUNDRED', 'HUNDRED', 'TEN_THOUSAND', 'MILLION']),
});

const runtimeFraction = (random: Random): Json => ({
  default_value: fraction(random),
  ...(random.chance(0.5) ? { runtime_key: random.pick(runtimeKeys) } : {}),
});

function stringMatch(random: Random, words: readonly string[], patterns: readonly string[]): Json {
  const word = random.pick(words.filter((one) => one !== ''));
  const ignoreCase = random.chance(0.3) ? { ignore_case: true } : {};
  return random.pick([
    { exact: random.pick(words), ...ignoreCase },
    { prefix: word.slice(0, 1 + random.below(word.length)), ...ignoreCase },
    { suffix: word.slice(random.below(word.length)), ...ignoreCase },
    { contains: word.slice(random.below(word.length)), ...ignoreCase },
    { safe_regex: { regex: random.pick(patterns) } },
  ]);
}

function headerMatch(random: Random): Json {
  const common = {
    ...(random.chance(0.25) ? { invert_match: true } : {}),
    ...(random.chance(0.15) ? { treat_missing_header_as_empty: true } : {}),
  };
  const kind = random.below(10);
  if (kind < 5) return { name: random.pick(headers), ...valueMatch(random, values, valueRegexes), ...common };
  if (kind < 7) {
    const name = random.pick(treatedHeaders);
    return { name, ...valueMatch(random, treatedValues[name] ?? ['a'], ['.*', '[a-z]+', '.*1.*']), ...common };
  }
  const [name, words, patterns] = random.pick([
    [':method', methods, ['GET|POST', 'P.*']],
    [':authority', hosts, ['[ab]\\..*', '.*:[0-9]+', '.*test']],
    ['host', hosts, ['.*']],
    [':scheme', ['http', 'https'], ['https?']],
    [':path', paths, regexes],
    ['content-type', ['application/grpc', 'text/plain'], ['application/.*']],
    ['user-agent', ['kii'], ['kii-.*']],
    ['cookie', ['a=1', 'b=2', 'a=1; b=2'], ['.*a=1.*', '.*; .*']],
  ] as [string, readonly string[], readonly string[]][]);
  return { name, ...valueMatch(random, words, patterns), ...common };
}

const valueMatch = (random: Random, words: readonly string[], patterns: readonly string[]): Json =>
  random.pick([
    { string_match: stringMatch(random, words, patterns) },
    { string_match: stringMatch(random, words, patterns) },
    { present_match: random.chance(0.7) },
    { range_match: { start: random.pick([-1, 0, 5]), end: random.pick([6, 7, 8, 9000]) } },
  ]);

const parameterMatch = (random: Random): Json => ({
  name: random.pick(parameters),
  ...random.pick([
    { string_match: stringMatch(random, parameterValues, ['[0-9]+', '.*']) },
    { present_match: random.chance(0.7) },
    {},
  ]),
});

const templates = [
  ['/items/{id}', '/by/{id}'],
  ['/*/v1/**', '/x'],
  ['/{first}/{rest=**}', '/{rest}/of/{first}'],
  ['/{a=items/*}', '/{a}/end'],
  ['/deep/**', '/d'],
  ['/{a}', '/x/{a}'],
  ['/{name}.json', '/{name}'],
] as const;

type PathKind = 'prefix' | 'path' | 'regex' | 'separated' | 'template';

interface PathRule {
  readonly kind: PathKind;
  readonly match: Json;
  /** A template that fits the match. */
  readonly rewrite?: string;
}

function pathRule(random: Random): PathRule {
  const sensitive = random.chance(0.2) ? { case_sensitive: random.chance(0.3) } : {};
  const kind = random.below(12);
  if (kind < 6) return { kind: 'prefix', match: { prefix: random.pick([...paths, '/', '/', '']), ...sensitive } };
  if (kind < 8) return { kind: 'path', match: { path: random.pick(paths), ...sensitive } };
  if (kind < 10) return { kind: 'regex', match: { safe_regex: { regex: random.pick(regexes) } } };
  if (kind < 11)
    return {
      kind: 'separated',
      match: { path_separated_prefix: random.pick(['/api', '/items', '/deep/er', '/API']), ...sensitive },
    };
  const [template, rewrite] = random.pick(templates);
  return { kind: 'template', match: templateMatch(template), rewrite };
}

const templateMatch = (template: string): Json => ({
  path_match_policy: {
    name: 'envoy.path.match.uri_template.uri_template_matcher',
    typed_config: {
      '@type': extension('path.match.uri_template.v3.UriTemplateMatchConfig'),
      path_template: template,
    },
  },
});

function matchOf(random: Random, { match }: PathRule): Json {
  const often = (chance: number, most: number, field: string, make: () => Json): Json =>
    random.chance(chance) ? { [field]: random.some(most, make) } : {};
  return {
    ...match,
    ...often(0.4, 2, 'headers', () => headerMatch(random)),
    ...often(0.15, 2, 'query_parameters', () => parameterMatch(random)),
    ...(random.chance(0.05) ? { grpc: {} } : {}),
    ...(random.chance(0.12) ? { runtime_fraction: runtimeFraction(random) } : {}),
    ...(random.chance(0.02) ? { tls_context: { presented: random.chance(0.5) } } : {}),
    ...(random.chance(0.02) ? { cookies: [{ name: 'a', string_match: { exact: '1' } }] } : {}),
  };
}

// Actions
// ----------------------------------------------------------------------------------------------------------------------------

/** `nothing`: an empty path is one that no service takes. */
const substitution = (random: Random, nothing: readonly string[] = []): Json => ({
  pattern: { regex: random.pick(['^/([^/]+)/(.*)$', '/api', '[0-9]+', '(.)(.)?', '$']) },
  substitution: random.pick(['/\\2/of/\\1', '/\\0', '/n', '/\\\\', ...nothing]),
});

const clusterOf = (random: Random, { clusters: good, broken }: Place): string =>
  random.pick(random.chance(0.85) ? good : broken);

function forwarding(random: Random, path: PathRule, place: Place): Json {
  return {
    ...choiceOf(random, place),
    ...(random.chance(0.4) ? pathRewrite(random, path) : {}),
    ...(random.chance(0.4) ? hostRewrite(random) : {}),
    ...(random.chance(0.2) ? { request_mirror_policies: [mirror(random, place)] } : {}),
    ...(random.chance(0.1)
      ? { cluster_not_found_response_code: random.pick(['NOT_FOUND', 'INTERNAL_SERVER_ERROR']) }
      : {}),
    ...(random.chance(0.1) ? { append_x_forwarded_host: true } : {}),
    ...(random.chance(0.1) ? { hash_policy: [{ header: { header_name: random.pick(headers) } }] } : {}),
    ...(random.chance(0.05) ? { priority: 'HIGH' } : {}),
    ...(random.chance(0.1) ? { timeout: '5s' } : {}),
  };
}

const mirror = (random: Random, place: Place): Json => ({
  cluster: clusterOf(random, place),
  ...(random.chance(0.5) ? { runtime_fraction: runtimeFraction(random) } : {}),
});

function choiceOf(random: Random, place: Place): Json {
  const kind = random.below(10);
  if (kind < 6) return { cluster: clusterOf(random, place) };
  if (kind < 7) return { cluster_header: 'x-cluster' };
  return { weighted_clusters: weighted(random, place) };
}

function weighted(random: Random, place: Place): Json {
  const prefix = random.maybe(0.25, () => random.pick(weightPrefixes));
  const one = (weight: number): Json => ({
    ...(random.chance(0.12) ? { cluster_header: 'x-cluster' } : { name: clusterOf(random, place) }),
    weight,
    ...(random.chance(0.2) ? { host_rewrite_literal: 'share.test' } : {}),
    ...(random.chance(0.2) ? headerOperations(random) : {}),
    ...(random.chance(0.2) ? perFilter(random, place) : {}),
  });
  return {
    // Envoy refuses weights of which the sum is 0.
    clusters: [one(random.pick([1, 50, 90])), ...random.some(2, () => one(random.pick([0, 1, 9, 50])))],
    ...(random.chance(0.25) ? { header_name: 'x-level' } : {}),
    ...(prefix === undefined ? {} : { runtime_key_prefix: prefix }),
  };
}

function pathRewrite(random: Random, { kind, rewrite }: PathRule): Json {
  if (kind === 'template')
    return {
      path_rewrite_policy: {
        name: 'envoy.path.rewrite.uri_template.uri_template_rewriter',
        typed_config: {
          '@type': extension('path.rewrite.uri_template.v3.UriTemplateRewriteConfig'),
          path_template_rewrite: rewrite,
        },
      },
    };
  return random.chance(0.5)
    ? { prefix_rewrite: random.pick(['/', '/new', '/new/', '/n?x=1']) }
    : { regex_rewrite: substitution(random) };
}

const hostRewrite = (random: Random): Json =>
  random.pick([
    { host_rewrite_literal: 'literal.test' },
    { auto_host_rewrite: true },
    { host_rewrite_header: random.pick([...headers, 'x-forwarded-proto']) },
    { host_rewrite_path_regex: substitution(random, ['']) },
  ]);

const redirect = (random: Random, { kind }: PathRule): Json => ({
  ...random.pick([{ https_redirect: true }, { scheme_redirect: random.pick(['https', 'http', 'HTTPS']) }, {}, {}]),
  ...random.pick([{ host_redirect: random.pick(['to.test', 'to.test:8443', '[::2]']) }, {}, {}]),
  ...random.pick([{ port_redirect: random.pick([80, 443, 8443]) }, {}, {}]),
  ...random.pick([
    { path_redirect: random.pick(['/to', '/to?x=1', 'to', '/to#f']) },
    // Envoy refuses it beside a template.
    kind === 'template' ? {} : { prefix_rewrite: random.pick(['/new', '/new/', '/']) },
    kind === 'template' ? {} : { regex_rewrite: substitution(random, ['']) },
    {},
  ]),
  ...random.pick([
    { response_code: random.pick(['FOUND', 'SEE_OTHER', 'TEMPORARY_REDIRECT', 'PERMANENT_REDIRECT']) },
    {},
  ]),
  ...(random.chance(0.2) ? { strip_query: true } : {}),
});

const directResponse = (random: Random): Json => ({
  status: random.pick([200, 201, 299, 301, 404, 418, 503]),
  ...random.pick([
    { body: { inline_string: `said ${random.below(100)}` } },
    { body: { inline_bytes: 'Ynl0ZXM=' } },
    {},
  ]),
});

const formats = [
  'fixed',
  '',
  '%REQ(x-client)%',
  '%REQ(X-CANARY?x-client)%.test',
  '100%%',
  '%REQ(:path):3%',
  '%PROTOCOL%',
];

/** `request_headers_to_add` and `_to_remove`. */
const headerOperations = (random: Random): Json => ({
  request_headers_to_add: random.some(2, () => ({
    header: { key: random.pick(headers), value: random.pick(formats) },
    ...random.pick([
      {},
      { append_action: 'ADD_IF_ABSENT' },
      { append_action: 'OVERWRITE_IF_EXISTS_OR_ADD' },
      { append_action: 'OVERWRITE_IF_EXISTS' },
    ]),
    ...(random.chance(0.4) ? { keep_empty_value: true } : {}),
  })),
  ...(random.chance(0.4) ? { request_headers_to_remove: [random.pick(headers)] } : {}),
});

// What filters are told
// ---------------------------------------------------------------------------------------------------------------------------

const percentage = (random: Random): Json =>
  random.chance(0.9) ? { percentage: random.chance(0.5) ? { numerator: 100 } : fraction(random) } : {};

const abortOf = (random: Random): Json => ({
  ...random.pick([
    { http_status: random.pick([200, 418, 500, 503]) },
    { grpc_status: random.pick([0, 5, 14]) },
    { header_abort: {} },
  ]),
  ...percentage(random),
});

const delayOf = (random: Random): Json => ({
  ...random.pick([{ fixed_delay: '0.002s' }, { header_delay: {} }]),
  ...percentage(random),
});

export const faultOf = (random: Random, place: Place): Json => ({
  '@type': extension('filters.http.fault.v3.HTTPFault'),
  ...(random.chance(0.85) ? { abort: abortOf(random) } : {}),
  ...(random.chance(0.3) ? { delay: delayOf(random) } : {}),
  ...(random.chance(0.2) ? { headers: [headerMatch(random)] } : {}),
  ...(random.chance(0.15) ? { upstream_cluster: clusterOf(random, place) } : {}),
  ...(random.chance(0.15) ? { downstream_nodes: ['node-1'] } : {}),
});

const corsOf = (random: Random): Json => ({
  '@type': extension('filters.http.cors.v3.CorsPolicy'),
  ...(random.chance(0.85)
    ? {
        allow_origin_string_match: random.some(2, () =>
          random.pick([stringMatch(random, origins, ['.*', 'https://.*\\.test', '\\*']), { exact: '*' }]),
        ),
      }
    : {}),
  ...(random.chance(0.5) ? { allow_methods: 'GET', allow_headers: 'x-client', max_age: '1' } : {}),
  ...random.pick([{ forward_not_matching_preflights: random.chance(0.3) }, {}]),
  ...random.pick([{ filter_enabled: runtimeFraction(random) }, {}, {}]),
  ...random.pick([{ shadow_enabled: runtimeFraction(random) }, {}, {}]),
});

/** A filter's configuration, switched off, on with nothing to say, or with a level around it. */
function setting(random: Random, config: Json): Json {
  const around = (fields: Json): Json => ({
    '@type': 'type.googleapis.com/envoy.config.route.v3.FilterConfig',
    ...fields,
  });
  return random.pick([
    config,
    config,
    config,
    around({ config }),
    around({ disabled: true }),
    around({ disabled: true, config }),
    around({ config: {} }),
  ]);
}

function perFilter(random: Random, place: Place): Json {
  const configs: Record<string, Json> = {};
  if (random.chance(0.6)) configs[random.pick(place.faultFilters)] = setting(random, faultOf(random, place));
  if (random.chance(0.6)) configs[random.pick(place.corsFilters)] = setting(random, corsOf(random));
  return Object.keys(configs).length === 0 ? {} : { typed_per_filter_config: configs };
}

export function routeOf(random: Random, name: string, place: Place): Json {
  const path = pathRule(random);
  const kind = random.below(10);
  return {
    name,
    match: matchOf(random, path),
    ...(kind < 6
      ? { route: forwarding(random, path, place) }
      : kind < 8
        ? { redirect: redirect(random, path) }
        : { direct_response: directResponse(random) }),
    ...(random.chance(0.2) ? headerOperations(random) : {}),
    ...(random.chance(0.3) ? perFilter(random, place) : {}),
  };
}

// Virtual hosts
// -----------------------------------------------------------------------------------------------------------------------------

const domains = [
  ['a.test', 'B.test'],
  ['a.test:8080', '[::1]'],
  ['*.w.test', 'pre.*'],
  ['x.w.test', '*.z.w.test', '127.0.0.2'],
  ['*-nothing', 'pre.t*', 'w.test*'],
  ['*'],
] as const;

const virtualHost = (random: Random, name: string, own: readonly string[], place: Place): Json => ({
  name,
  domains: own,
  routes: random.some(6, (number) => routeOf(random, `${name}.r:${number}`, place)),
  ...(random.chance(0.1) ? { require_tls: random.pick(['ALL', 'EXTERNAL_ONLY']) } : {}),
  ...(random.chance(0.3) ? headerOperations(random) : {}),
  ...(random.chance(0.2) ? perFilter(random, place) : {}),
  ...(random.chance(0.1) ? { request_mirror_policies: [mirror(random, place)] } : {}),
});

export const routeConfiguration = (random: Random, name: string, place: Place): Json => ({
  name,
  validate_clusters: false,
  virtual_hosts: domains
    .filter(() => random.chance(0.8))
    .map((own, index) => virtualHost(random, `${name}.h${index}`, own, place)),
  ...(random.chance(0.3) ? { ignore_port_in_host_matching: true } : {}),
  ...(random.chance(0.3) ? { ignore_path_parameters_in_path_matching: true } : {}),
  ...(random.chance(0.3) ? { internal_only_headers: ['x-internal', 'X-Client'].slice(random.below(2)) } : {}),
  ...(random.chance(0.3) ? { most_specific_header_mutations_wins: true } : {}),
  ...(random.chance(0.3) ? headerOperations(random) : {}),
  ...(random.chance(0.15) ? perFilter(random, place) : {}),
});
