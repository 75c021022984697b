import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { describeSpan } from '#core/duration.ts';
import type { HeaderMatch, RouteMatch } from '#model/match.ts';
import type { Route, RouteAction } from '#model/route.ts';
import { describeAction, describeRowAction } from '#render/words/describe-action.ts';
import { describeCluster } from '#render/words/describe-cluster.ts';
import { describeMatch } from '#render/words/describe-match.ts';
import { describeAgo, describeSince } from '#render/words/describe-time.ts';
import { now } from '../support/builders/fleet.ts';
import { forward, prefix, redirect, routeMatch, routeRow } from '../support/builders/route.ts';

const header = (changes: Partial<HeaderMatch>): RouteMatch =>
  routeMatch({
    headers: [
      {
        name: 'x-a',
        value: { kind: 'exact', value: 'b', ignoreCase: false },
        invert: false,
        treatMissingAsEmpty: false,
        ...changes,
      },
    ],
  });

const path = (value: RouteMatch['path']): RouteMatch => routeMatch({ path: value });

const matches: readonly (readonly [RouteMatch, string])[] = [
  [prefix('/two'), 'prefix /two'],
  [path({ kind: 'prefix', value: '/two', caseSensitive: false }), 'prefix /two, any case'],
  [path({ kind: 'exact', value: '/two', caseSensitive: true }), 'exact /two'],
  [path({ kind: 'path-separated-prefix', value: '/two', caseSensitive: true }), 'path-separated-prefix /two'],
  [path({ kind: 'regex', value: '/v[0-9]+ .*' }), 'regex "/v[0-9]+ .*"'],
  [path({ kind: 'template', value: '/{x}/**' }), 'template /{x}/**'],
  [path({ kind: 'connect' }), 'CONNECT'],
  [path({ kind: 'unknown', type: 'path_match_policy' }), 'unknown match path_match_policy'],
  [header({}), 'prefix / · header x-a = b'],
  [header({ invert: true }), 'prefix / · not (header x-a = b)'],
  [header({ treatMissingAsEmpty: true }), 'prefix / · header x-a = b, missing is empty'],
  [header({ name: ':method', value: { kind: 'exact', value: 'GET', ignoreCase: false } }), 'prefix / · method = GET'],
  [
    header({ name: 'method', value: { kind: 'exact', value: 'GET', ignoreCase: false } }),
    'prefix / · header method = GET',
  ],
  [header({ value: { kind: 'suffix', value: 'b', ignoreCase: true } }), 'prefix / · header x-a suffix b, any case'],
  [
    header({ value: { kind: 'exact', value: 'b, any case', ignoreCase: false } }),
    'prefix / · header x-a = "b, any case"',
  ],
  [header({ value: { kind: 'exact', value: '', ignoreCase: false } }), 'prefix / · header x-a = ""'],
  [header({ value: { kind: 'present', present: true } }), 'prefix / · header x-a present'],
  [header({ value: { kind: 'present', present: false } }), 'prefix / · header x-a absent'],
  [header({ value: { kind: 'range', start: 1, end: 5 } }), 'prefix / · header x-a >= 1 and < 5'],
  [header({ value: { kind: 'regex', value: 'a|b' } }), 'prefix / · header x-a regex a|b'],
  [header({ value: { kind: 'unknown', type: 'custom' } }), 'prefix / · header x-a unknown match custom'],
  [
    routeMatch({ query: [{ name: 'debug', value: { kind: 'present', present: true } }] }),
    'prefix / · query debug present',
  ],
  [
    routeMatch({ query: [{ name: 'debug', value: { kind: 'exact', value: '1', ignoreCase: false } }] }),
    'prefix / · query debug = 1',
  ],
  [routeMatch({ grpc: true }), 'prefix / · gRPC'],
  [routeMatch({ fraction: { numerator: 5, denominator: 100, runtimeKey: undefined } }), 'prefix / · 5% of requests'],
  [
    routeMatch({ fraction: { numerator: 5, denominator: 100, runtimeKey: 'canary' } }),
    'prefix / · 5% of requests (runtime canary)',
  ],
  [routeMatch({ others: ['tls_context'] }), 'prefix / · also tls_context'],
];

for (const [value, text] of matches) {
  test(`describes a match as ${text}`, () => {
    assert.is(describeMatch(value), text);
  });
}

const svc2 = 'svc2/svc2-tls-service:4002';
const rewrite = forward().rewrite;
const weighted = (weights: readonly number[]): RouteAction =>
  forward({
    to: {
      kind: 'weighted',
      totalWeight: weights.reduce((a, b) => a + b),
      clusters: weights.map((weight, i) => ({ cluster: `outbound|80|v${i}|web.a.svc.cluster.local`, weight })),
    },
  });

const actions: readonly (readonly [RouteAction, string])[] = [
  [forward(), svc2],
  [forward({ timeoutMs: undefined }), `${svc2} · timeout 15s (default)`],
  [forward({ timeoutMs: 15_000 }), `${svc2} · timeout 15s`],
  [forward({ timeoutMs: 1500, idleTimeoutMs: 60_000 }), `${svc2} · timeout 1.5s · idle timeout 1m`],
  [forward({ retry: undefined }), `${svc2} · no retries`],
  [forward({ retry: { on: ['5xx'], attempts: 3, perTryTimeoutMs: 250 } }), `${svc2} · 3 retries, 250ms each on 5xx`],
  [weighted([90, 10]), '90% a/web:80 (v0), 10% a/web:80 (v1)'],
  [weighted([1, 2]), '1/3 a/web:80 (v0), 2/3 a/web:80 (v1)'],
  [forward({ to: { kind: 'header', header: 'x-to' } }), 'the cluster named by header x-to'],
  [forward({ to: { kind: 'unknown', type: 'plugin' } }), 'unknown cluster choice plugin'],
  [forward({ rewrite: { ...rewrite, prefix: '/v2', host: 'b.example' } }), `${svc2} · rewrite to /v2 · host b.example`],
  [forward({ rewrite: { ...rewrite, regex: { pattern: '^/a', substitution: '/b' } } }), `${svc2} · rewrite ^/a → /b`],
  [forward({ rewrite: { ...rewrite, autoHost: true } }), `${svc2} · host of the endpoint's own name`],
  [
    forward({ rewrite: { ...rewrite, pathFormat: '/%REQ(x)%', hostFormat: '%REQ(y)%' } }),
    `${svc2} · rewrite to /%REQ(x)% · host %REQ(y)%`,
  ],
  [
    forward({ mirrors: [{ cluster: 'outbound|80||m.a.svc.cluster.local', percent: 5 }] }),
    `${svc2} · mirror 5% to a/m:80`,
  ],
  [
    forward({
      cors: {
        allowOrigins: ['https://a'],
        allowMethods: ['GET', 'PUT'],
        allowHeaders: [],
        exposeHeaders: [],
        maxAge: '600',
        allowCredentials: false,
      },
    }),
    `${svc2} · CORS origins https://a; methods GET, PUT; max age 600; credentials no`,
  ],
  [forward({ hashPolicies: 1 }), `${svc2} · a hash policy`],
  [forward({ priority: 'HIGH' }), `${svc2} · priority HIGH`],
  [
    forward({
      upgrades: [
        { type: 'websocket', isAllowed: false },
        { type: 'connect', isAllowed: true },
      ],
    }),
    `${svc2} · forbids upgrades to websocket · takes upgrades to connect`,
  ],
  [forward({ clusterNotFoundCode: 500 }), `${svc2} · 500 where the cluster is missing`],
  [redirect({ path: '/new' }), '301 → /new'],
  [redirect({ prefix: '/new' }), '301 → /new…'],
  [redirect({ scheme: 'https' }), '301 → https://…'],
  [
    redirect({ code: 308, scheme: 'https', host: 'b.example', port: 8443, path: '/x', stripQuery: true }),
    '308 → https://b.example:8443/x, without the query',
  ],
  [redirect({ host: 'b.example' }), '301 → b.example'],
  [redirect({ regex: { pattern: '^/a', substitution: '/b' } }), '301 → ^/a → /b'],
  [redirect({ host: 'b.example', pathFormat: '/%REQ(x)%' }), '301 → b.example/%REQ(x)%'],
  [redirect(), '301 → the same URL'],
  [{ kind: 'direct-response', code: 503, body: undefined }, '503, direct response'],
  [{ kind: 'direct-response', code: 200, body: 'ok\n' }, '200, direct response "ok\\n"'],
  [{ kind: 'unknown', type: 'filter_action' }, 'unknown action filter_action'],
];

for (const [value, text] of actions) {
  test(`describes an action as ${text}`, () => {
    assert.is(describeAction(value), text);
  });
}

test('describes no two matches, no two actions alike', () => {
  for (const texts of [
    matches.map(([value]) => describeMatch(value)),
    actions.map(([value]) => describeAction(value)),
  ]) {
    assert.is(new Set(texts).size, texts.length);
  }
});

test('of a long body a row has both ends, and the action itself the whole', () => {
  const page = `<html>${'x'.repeat(3_000)}</html>\n`;
  const action = { kind: 'direct-response', code: 503, body: page } as const;
  assert.is(
    describeRowAction(routeRow({ route: { ...(routeRow().route as Route), action } })),
    `503, direct response "<html>${'x'.repeat(54)}…${'x'.repeat(11)}</html>\\n"`,
  );
  assert.match(describeAction(action), 'x'.repeat(3_000));
});

test('says that a virtual host without routes answers 404, and that plain HTTP is redirected', () => {
  assert.is(describeRowAction(routeRow({ route: undefined })), '404, no routes');
  assert.is(describeRowAction(routeRow({ requireTls: 'all' })), `plain HTTP: 301 to https · ${svc2}`);
  assert.is(
    describeRowAction(routeRow({ requireTls: 'external-only' })),
    `plain HTTP from outside: 301 to https · ${svc2}`,
  );
});

const clusters: readonly (readonly [string, string])[] = [
  ['outbound|4002||svc2-tls-service.svc2.svc.cluster.local', svc2],
  ['outbound|4002|v1|svc2-tls-service.svc2.svc.cluster.local', `${svc2} (v1)`],
  ['outbound|443||api.example.org', 'api.example.org:443'],
  ['outbound|80||web.a.svc.other.domain', 'web.a.svc.other.domain:80'],
  ['inbound|80||', 'inbound|80||'],
  ['outbound_.80_._.web.a.svc.cluster.local', 'outbound_.80_._.web.a.svc.cluster.local'],
  ['BlackHoleCluster', 'BlackHoleCluster'],
  [svc2, `"${svc2}"`],
];

for (const [name, text] of clusters) {
  test(`describes cluster ${name} as ${text}`, () => {
    assert.is(describeCluster(name), text);
  });
}

test('cuts spans down to one unit', () => {
  const spans: readonly (readonly [number, string])[] = [
    [-5, '0s'],
    [59_999, '59s'],
    [60_000, '1m'],
    [119 * 60_000, '119m'],
    [120 * 60_000, '2h'],
    [47 * 3_600_000, '47h'],
    [48 * 3_600_000, '2 days'],
  ];
  for (const [ms, text] of spans) assert.is(describeSpan(ms), text);
});

test('gives the date of a moment more than a day ago, and bears clocks that differ', () => {
  assert.is(describeSince('2026-11-23T13:51:00Z', now), '13:51 UTC, 14m ago');
  assert.is(describeSince('2026-11-20T13:51:00Z', now), '2026-11-20 13:51 UTC, 3 days ago');
  assert.is(describeAgo('2026-11-23T14:06:00Z', now), 'now');
  assert.is(describeAgo('junk', now), 'junk');
});

test.run();
