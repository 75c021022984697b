// Envoy's own routes with the matchers that Istio's VirtualServices have no words for. Each asks for a header `x-odd`,
// so that it leaves the other requests alone.

import { type Json, type Place, routeOf } from './own/routes.ts';
import type { Random } from './random.ts';
import { headers, values } from './words.ts';

export const type = 'type.googleapis.com/envoy.extensions';

export const oddities = ['template', 'separated', 'range', 'fraction', 'grpc', 'header', 'absent', 'empty'] as const;

const clusterOf = (name: string): string => `outbound|80||${name}.explain-a.svc.cluster.local`;

const template = (path: string): object => ({
  path_match_policy: {
    name: 'envoy.path.match.uri_template.uri_template_matcher',
    typed_config: { '@type': `${type}.path.match.uri_template.v3.UriTemplateMatchConfig`, path_template: path },
  },
});

const rewritten = (path: string): object => ({
  path_rewrite_policy: {
    name: 'envoy.path.rewrite.uri_template.uri_template_rewriter',
    typed_config: {
      '@type': `${type}.path.rewrite.uri_template.v3.UriTemplateRewriteConfig`,
      path_template_rewrite: path,
    },
  },
});

const says = (text: string): object => ({ direct_response: { status: 299, body: { inline_string: text } } });

interface Odd {
  readonly match: object;
  readonly headers?: readonly object[];
  readonly action: object;
}

function oddOf(random: Random, oddity: (typeof oddities)[number]): Odd {
  const name = random.pick(headers);
  switch (oddity) {
    case 'template': {
      const [path, to] = random.pick([
        ['/items/{id}', '/by/{id}'],
        ['/*/v1/**', '/'],
        ['/{first}/{rest=**}', '/{rest}/of/{first}'],
        ['/deep/**', '/d'],
        ['/{a}', '/x/{a}'],
      ]) as [string, string];
      return {
        match: template(path),
        action: { route: { cluster: clusterOf('one'), ...(to === '/' ? {} : rewritten(to)) } },
      };
    }
    case 'separated':
      return {
        match: {
          path_separated_prefix: random.pick(['/api', '/items', '/deep/er']),
          case_sensitive: random.chance(0.5),
        },
        action: says('separated'),
      };
    case 'range':
      return {
        match: { prefix: '/' },
        headers: [
          { name: 'x-level', range_match: { start: 5, end: random.pick([7, 8]) }, invert_match: random.chance(0.3) },
        ],
        action: says('range'),
      };
    case 'fraction':
      return {
        match: {
          prefix: '/',
          runtime_fraction: { default_value: { numerator: random.pick([0, 30, 100]), denominator: 'HUNDRED' } },
        },
        action: says('fraction'),
      };
    case 'grpc':
      return { match: { prefix: '/', grpc: {} }, action: says('grpc') };
    case 'header':
      return { match: { prefix: '/' }, action: { route: { cluster_header: 'x-cluster' } } };
    case 'absent':
      return {
        match: { prefix: '/' },
        headers: [{ name, present_match: random.chance(0.3), invert_match: random.chance(0.3) }],
        action: says('absent'),
      };
    case 'empty':
      return {
        match: { prefix: '/' },
        headers: [
          {
            name,
            // Envoy takes no empty one.
            string_match: { suffix: random.pick(values) || 'a', ignore_case: random.chance(0.5) },
            invert_match: random.chance(0.5),
            treat_missing_header_as_empty: random.chance(0.5),
          },
        ],
        action: says('empty'),
      };
  }
}

/** Of all that `own/routes.ts` draws, at the services of this configuration. */
const place: Place = {
  clusters: ['one', 'two', 'three'].map(clusterOf),
  broken: ['missing', 'empty'].map(clusterOf),
  faultFilters: ['envoy.filters.http.fault'],
  corsFilters: ['envoy.filters.http.cors'],
};

export const drawnRoutes = 6;

function drawn(random: Random, number: number): object {
  const route = routeOf(random, `drawn.${number}:80`, place) as Json & { readonly match: Json };
  const { headers = [] } = route.match as { readonly headers?: readonly object[] };
  const guard = { name: 'x-odd', string_match: { exact: `drawn-${number}` } };
  return { ...route, match: { ...route.match, headers: [guard, ...headers] } };
}

export const oddRoutes = (random: Random): object[] => [
  ...Array.from({ length: drawnRoutes }, (_, number) => drawn(random, number)),
  ...oddities.map((oddity) => {
    const { match, headers: asked = [], action } = oddOf(random, oddity);
    return {
      name: `odd-${oddity}`,
      match: { ...match, headers: [{ name: 'x-odd', string_match: { exact: oddity } }, ...asked] },
      ...action,
    };
  }),
];
