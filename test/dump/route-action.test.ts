import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rootObject } from '#core/json.ts';
import { type Inherited, readAction, readMirrors, readRetry } from '#dump/route-action.ts';
import { noFilters } from '#dump/route-filters.ts';
import type { ForwardAction, RedirectAction, RouteAction } from '#model/route.ts';
import { any, camelCased } from '../support/dump.ts';

const nothing: Inherited = {
  retry: undefined,
  mirrors: [],
  cors: undefined,
  filters: noFilters,
  headers: { operations: [], mostSpecificWins: false },
};
const read = (route: unknown, inherited = nothing): RouteAction => readAction(rootObject(route, 'the test'), inherited);
const forward = (action: object, inherited = nothing): ForwardAction =>
  read({ route: { cluster: 'c', ...action } }, inherited) as ForwardAction;
const noRewrite = {
  prefix: undefined,
  regex: undefined,
  template: undefined,
  host: undefined,
  autoHost: false,
  hostFromHeader: undefined,
};

test('reads a forward that says nothing more', () => {
  assert.equal(read({ route: { cluster: 'c' } }), {
    kind: 'forward',
    to: { kind: 'cluster', cluster: 'c' },
    rewrite: noRewrite,
    timeoutMs: undefined,
    idleTimeoutMs: undefined,
    retry: undefined,
    mirrors: [],
    cors: undefined,
    hashPolicies: 0,
    clusterNotFoundCode: 503,
  });
});

for (const [action, to] of [
  [{ cluster_header: 'X-Cluster' }, { kind: 'header', header: 'x-cluster' }],
  [
    {
      weighted_clusters: {
        clusters: [
          { name: 'a', weight: 90 },
          { name: 'b', weight: 10 },
        ],
      },
    },
    {
      kind: 'weighted',
      clusters: [
        { cluster: 'a', weight: 90 },
        { cluster: 'b', weight: 10 },
      ],
      totalWeight: 100,
    },
  ],
  [
    { weighted_clusters: { clusters: [{ name: 'a', weight: 1 }], total_weight: 50 } },
    { kind: 'weighted', clusters: [{ cluster: 'a', weight: 1 }], totalWeight: 50 },
  ],
  [
    { weighted_clusters: { clusters: [{ cluster_header: 'x' }, {}] } },
    {
      kind: 'weighted',
      clusters: [
        { cluster: 'header x', weight: 0, header: 'x' },
        { cluster: 'header ', weight: 0 },
      ],
      totalWeight: 0,
    },
  ],
  [{ cluster_specifier_plugin: 'p' }, { kind: 'unknown', type: 'p' }],
  [
    { inline_cluster_specifier_plugin: { extension: { name: 'e', typed_config: any('x.Plugin') } } },
    { kind: 'unknown', type: 'envoy.x.Plugin' },
  ],
  [{ inline_cluster_specifier_plugin: { name: 'bare' } }, { kind: 'unknown', type: 'bare' }],
  [{}, { kind: 'unknown', type: 'no cluster' }],
] as const) {
  test(`reads the choice of cluster ${JSON.stringify(action)}`, () => {
    assert.equal((read({ route: action }) as ForwardAction).to, to);
    assert.equal((read(camelCased({ route: action })) as ForwardAction).to, to);
  });
}

test('reads time limits', () => {
  const { timeoutMs, idleTimeoutMs } = forward({ timeout: '0s', idle_timeout: '1.5s' });
  assert.equal([timeoutMs, idleTimeoutMs], [0, 1500]);
});

for (const [action, rewrite] of [
  [{ prefix_rewrite: '/new' }, { prefix: '/new' }],
  [{ prefix_rewrite: '' }, {}],
  [
    { regex_rewrite: { pattern: { regex: '^/a' }, substitution: '/b' } },
    { regex: { pattern: '^/a', substitution: '/b' } },
  ],
  [{ regex_rewrite: {} }, { regex: { pattern: '', substitution: '' } }],
  [{ path_rewrite_policy: { typed_config: { path_template_rewrite: '/{b}' } } }, { template: '/{b}' }],
  [{ path_rewrite_policy: {} }, {}],
  [{ host_rewrite_literal: 'h' }, { host: 'h' }],
  [
    { path_rewrite: '/%REQ(x)%', host_rewrite: '%REQ(x)%.example' },
    { pathFormat: '/%REQ(x)%', hostFormat: '%REQ(x)%.example' },
  ],
  [{ auto_host_rewrite: true }, { autoHost: true }],
  [{ host_rewrite_header: 'x' }, { hostFromHeader: 'x' }],
] as const) {
  test(`reads the rewrite ${JSON.stringify(action)}`, () =>
    assert.equal(forward(action).rewrite, { ...noRewrite, ...rewrite }));
}

test('reads retries', () => {
  const policy = (retry_policy: object): unknown => readRetry(rootObject({ retry_policy }, 'the test'));
  assert.equal(policy({ retry_on: 'connect-failure, refused-stream,,503', num_retries: 2, per_try_timeout: '2s' }), {
    on: ['connect-failure', 'refused-stream', '503'],
    attempts: 2,
    perTryTimeoutMs: 2000,
  });
  assert.equal(policy({}), { on: [], attempts: 1, perTryTimeoutMs: undefined });
  assert.equal(policy({ num_retries: 0 }), { on: [], attempts: 0, perTryTimeoutMs: undefined });
  assert.is(readRetry(rootObject({}, 'the test')), undefined);
});

test('reads mirrors', () => {
  const policies = [
    { cluster: 'm', runtime_fraction: { default_value: { numerator: 1, denominator: 'TEN_THOUSAND' } } },
    { cluster_header: 'x' },
    {},
  ];
  assert.equal(readMirrors(rootObject({ request_mirror_policies: policies }, 'the test')), [
    { cluster: 'm', percent: 0.01 },
    { cluster: 'header x', percent: 100 },
    { cluster: 'header ', percent: 100 },
  ]);
  assert.is(readMirrors(rootObject({ request_mirror_policies: [] }, 'the test')), undefined);
});

test('takes from above what the route does not say itself', () => {
  const above = {
    retry: { on: ['5xx'], attempts: 3, perTryTimeoutMs: undefined },
    mirrors: [{ cluster: 'above', percent: 100 }],
    cors: {
      allowOrigins: ['above'],
      allowMethods: [],
      allowHeaders: [],
      exposeHeaders: [],
      maxAge: undefined,
      allowCredentials: undefined,
    },
  };
  const inherited: Inherited = { ...nothing, ...above };
  const { retry, mirrors, cors } = forward({}, inherited);
  assert.equal({ retry, mirrors, cors }, above);
  const own = forward(
    { retry_policy: {}, request_mirror_policies: [{ cluster: 'own' }], cors: { max_age: '1' } },
    inherited,
  );
  assert.equal([own.retry?.attempts, own.mirrors, own.cors?.maxAge], [1, [{ cluster: 'own', percent: 100 }], '1']);
});

test("prefers the route's CORS to its action's", () => {
  const { cors } = read({
    route: { cluster: 'c', cors: { max_age: 'action' } },
    typed_per_filter_config: { 'envoy.filters.http.cors': { max_age: 'route' } },
  }) as ForwardAction;
  assert.is(cors?.maxAge, 'route');
});

test('reads the priority that has circuit breakers of its own', () => {
  assert.is(forward({ priority: 'HIGH' }).priority, 'HIGH');
  assert.is(forward({ priority: 'DEFAULT' }).priority, undefined);
});

test('reads for which protocols requests may ask', () => {
  const configs = [{ upgrade_type: 'WebSocket' }, { upgrade_type: 'CONNECT', enabled: false }];
  assert.equal(forward({ upgrade_configs: configs }).upgrades, [
    { type: 'websocket', isAllowed: true },
    { type: 'connect', isAllowed: false },
  ]);
  assert.is(forward({}).upgrades, undefined);
});

test('counts hash policies', () => assert.is(forward({ hash_policy: [{}, {}] }).hashPolicies, 2));

for (const [name, code] of [
  ['SERVICE_UNAVAILABLE', 503],
  ['NOT_FOUND', 404],
  ['INTERNAL_SERVER_ERROR', 500],
  ['NEWER', 503],
] as const) {
  test(`answers ${code} for a missing cluster by ${name}`, () =>
    assert.is(forward({ cluster_not_found_response_code: name }).clusterNotFoundCode, code));
}

test('reads the format of a path that clients are redirected to', () => {
  assert.is((read({ redirect: { path_rewrite: '/%REQ(x)%' } }) as RedirectAction).pathFormat, '/%REQ(x)%');
});

test('reads a redirect that says nothing more', () => {
  assert.equal(read({ redirect: {} }), {
    kind: 'redirect',
    code: 301,
    scheme: undefined,
    host: undefined,
    port: undefined,
    path: undefined,
    prefix: undefined,
    regex: undefined,
    stripQuery: false,
  });
});

for (const [redirect, expected] of [
  [{ https_redirect: true }, { scheme: 'https' }],
  [{ scheme_redirect: 'http' }, { scheme: 'http' }],
  [{ host_redirect: 'h' }, { host: 'h' }],
  [{ port_redirect: 8443 }, { port: 8443 }],
  [{ path_redirect: '/p' }, { path: '/p' }],
  [{ prefix_rewrite: '/p' }, { prefix: '/p' }],
  [{ regex_rewrite: { pattern: { regex: 'a' }, substitution: 'b' } }, { regex: { pattern: 'a', substitution: 'b' } }],
  [{ strip_query: true }, { stripQuery: true }],
  [{ response_code: 'MOVED_PERMANENTLY' }, { code: 301 }],
  [{ response_code: 'FOUND' }, { code: 302 }],
  [{ response_code: 'SEE_OTHER' }, { code: 303 }],
  [{ response_code: 'TEMPORARY_REDIRECT' }, { code: 307 }],
  [{ response_code: 'PERMANENT_REDIRECT' }, { code: 308 }],
] as const) {
  test(`reads the redirect ${JSON.stringify(redirect)}`, () => {
    const plain = read({ redirect: {} });
    assert.equal(read({ redirect }), { ...plain, ...expected });
    assert.equal(read(camelCased({ redirect })), { ...plain, ...expected });
  });
}

test('keeps a redirect with an unknown code by its name', () => {
  assert.equal(read({ redirect: { response_code: 'NEWER' } }), { kind: 'unknown', type: 'redirect NEWER' });
});

test('reads direct responses', () => {
  assert.equal(read({ direct_response: { status: 404, body: { inline_string: 'no' } } }), {
    kind: 'direct-response',
    code: 404,
    body: 'no',
  });
  assert.equal(read({ direct_response: { status: 200, body: { inline_bytes: 'w7w=' } } }), {
    kind: 'direct-response',
    code: 200,
    body: 'ü',
  });
  assert.equal(read({ direct_response: { body: { filename: '/x' } } }), {
    kind: 'direct-response',
    code: 0,
    body: undefined,
  });
  assert.equal(read({ direct_response: {} }), { kind: 'direct-response', code: 0, body: undefined });
});

test('keeps other actions by name', () => {
  assert.equal(read({ filter_action: {} }), { kind: 'unknown', type: 'filter_action' });
  assert.equal(read({ non_forwarding_action: {} }), { kind: 'unknown', type: 'non_forwarding_action' });
  assert.equal(read({}), { kind: 'unknown', type: 'no action' });
});

test.run();
