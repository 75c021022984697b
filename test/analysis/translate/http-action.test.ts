import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HttpRoute } from '#analysis/istio/virtual-service.ts';
import { servicesOf } from '#analysis/translate/destinations.ts';
import { type RoutePlace, translateAction, usualRetry } from '#analysis/translate/http-action.ts';
import { rootObject } from '#core/json.ts';
import { readAction } from '#dump/route-action.ts';
import { noFilters } from '#dump/route-filters.ts';
import { withoutSecretTexts } from '#dump/secret-texts.ts';
import type { ForwardAction, RouteAction } from '#model/route.ts';

const services = servicesOf(
  [],
  [
    'outbound|80||one.a.svc.cluster.local',
    'outbound|80||two.a.svc.cluster.local',
    'outbound|443||two.a.svc.cluster.local',
  ],
);
const place: RoutePlace = {
  port: 443,
  isTls: true,
  services,
  defaultRetry: usualRetry,
  withoutSecrets: (text: string) => text,
};
const translated = (http: HttpRoute, more: Partial<RoutePlace> = {}): RouteAction =>
  translateAction(http, { ...place, ...more }).action;
const forward = (http: Partial<HttpRoute>, more: Partial<RoutePlace> = {}): ForwardAction =>
  translated({ route: [to('one.a.svc.cluster.local')], ...http }, more) as ForwardAction;
const to = (host: string, more: object = {}): NonNullable<HttpRoute['route']>[number] => ({
  destination: { host },
  ...more,
});

test('a destination without a port has the only one of its Service, else that of the Gateway; one without a number port 0', () => {
  const cluster = (host: string): unknown => forward({ route: [to(host)] }).to;
  assert.equal(cluster('one.a.svc.cluster.local'), {
    kind: 'cluster',
    cluster: 'outbound|80||one.a.svc.cluster.local',
  });
  assert.equal(cluster('two.a.svc.cluster.local'), {
    kind: 'cluster',
    cluster: 'outbound|443||two.a.svc.cluster.local',
  });
  assert.equal(forward({ route: [{ destination: { host: 'one.a.svc.cluster.local', port: {} } }] }).to, {
    kind: 'cluster',
    cluster: 'outbound|0||one.a.svc.cluster.local',
  });
  const { unsure } = translateAction({ route: [to('none.a.svc.cluster.local')] }, place);
  assert.match(unsure[0] ?? '', /none\.a\.svc\.cluster\.local has no port, and its Service is not known/);
  const whole = { ...place, services: { ...services, isWhole: true } };
  const { action, unsure: none } = translateAction({ route: [to('none.a.svc.cluster.local')] }, whole);
  assert.equal(
    [(action as ForwardAction).to, none],
    [{ kind: 'cluster', cluster: 'outbound|443||none.a.svc.cluster.local' }, []],
  );
});

test('shares: a weight of 0 is left out, and a share may have its own host', () => {
  const route = [
    { ...to('one.a.svc.cluster.local'), weight: 90, headers: { request: { set: { Host: 'x' } } } },
    { ...to('one.a.svc.cluster.local'), weight: 0 },
    { destination: { host: 'one.a.svc.cluster.local', subset: 'v2', port: { number: 8080 } }, weight: 10 },
  ];
  assert.equal(forward({ route }).to, {
    kind: 'weighted',
    totalWeight: 100,
    clusters: [
      { cluster: 'outbound|80||one.a.svc.cluster.local', weight: 90, host: 'x' },
      { cluster: 'outbound|8080|v2|one.a.svc.cluster.local', weight: 10 },
    ],
  });
});

test('the host that a service gets: the rewrite, else the header of the route, else of the only destination', () => {
  const own = { headers: { request: { add: { ':authority': 'destination' } } } };
  const host = (http: Partial<HttpRoute>): unknown =>
    forward({ route: [to('one.a.svc.cluster.local', own)], ...http }).rewrite.host;
  assert.is(host({}), 'destination');
  assert.is(host({ headers: { request: { set: { host: 'route' } } } }), 'route');
  assert.is(host({ rewrite: { authority: 'rewrite' }, headers: { request: { set: { host: 'route' } } } }), 'rewrite');
});

test('timeouts and retries', () => {
  assert.is(forward({}).timeoutMs, 0);
  assert.is(forward({ timeout: '1m1.5s' }).timeoutMs, 61_500);
  assert.equal(forward({}).retry, usualRetry);
  assert.is(forward({ retries: { attempts: 0 } }).retry, undefined);
  assert.equal(forward({ retries: { attempts: 3, perTryTimeout: '2s', retryOn: '5xx, 429' } }).retry, {
    on: ['5xx', 'retriable-status-codes'],
    attempts: 3,
    perTryTimeoutMs: 2_000,
  });
});

test('mirrors: 100 % where nothing is said, none at 0', () => {
  const mirror = { host: 'two.a.svc.cluster.local', port: { number: 80 } };
  const percents = (http: Partial<HttpRoute>): unknown => forward(http).mirrors.map(({ percent }) => percent);
  assert.equal(percents({ mirror }), [100]);
  assert.equal(percents({ mirror, mirrorPercentage: { value: 12.5 } }), [12.5]);
  assert.equal(percents({ mirror, mirrorPercent: 7 }), [7]);
  assert.equal(percents({ mirror, mirrorPercentage: { value: 0 } }), []);
  assert.equal(
    percents({ mirrors: [{ destination: mirror, percentage: { value: 1 } }, { destination: mirror }] }),
    [1, 100],
  );
});

test('redirects: the usual port of the scheme is left out', () => {
  const redirect = (wanted: NonNullable<HttpRoute['redirect']>, more: Partial<RoutePlace> = {}): unknown =>
    translated({ redirect: wanted }, more);
  const about = {
    kind: 'redirect',
    code: 301,
    scheme: undefined,
    host: undefined,
    port: undefined,
    path: undefined,
    prefix: undefined,
    regex: undefined,
    stripQuery: false,
  };
  assert.equal(redirect({ authority: 'a', uri: '/b' }), { ...about, host: 'a', path: '/b' });
  assert.equal(redirect({ derivePort: 'FROM_REQUEST_PORT' }), about);
  assert.equal(redirect({ derivePort: 'FROM_REQUEST_PORT' }, { port: 8443 }), { ...about, port: 8443 });
  assert.equal(redirect({ scheme: 'http', port: 80, redirectCode: 308 }), { ...about, scheme: 'http', code: 308 });
  assert.equal(redirect({ port: 80 }), { ...about, port: 80 });
  assert.equal(redirect({ prefixRewrite: '/p', uri: '/u' }), { ...about, prefix: '/p' });
  assert.equal(redirect({ redirectCode: 305 }), { kind: 'unknown', type: 'no action' });
});

test('an answer of its own', () => {
  assert.equal(translated({ directResponse: { status: 503, body: { string: 'no' } } }), {
    kind: 'direct-response',
    code: 503,
    body: 'no',
  });
  assert.equal(translated({ directResponse: { status: 200, body: { bytes: 'bm8=' } } }), {
    kind: 'direct-response',
    code: 200,
    body: 'no',
  });
});

test('what is taken for a secret is so in an object and in what Envoy has of it', () => {
  const body = 'send "Authorization: Bearer TOKEN"';
  const safe = { withoutSecrets: withoutSecretTexts };
  const read = (route: object): RouteAction =>
    readAction(rootObject(route, 'the test'), {
      retry: undefined,
      mirrors: [],
      cors: undefined,
      filters: noFilters,
      headers: { operations: [], mostSpecificWins: false },
    });
  const ofObject = translated({ directResponse: { status: 401, body: { string: body } } }, safe);
  assert.equal(read({ direct_response: { status: 401, body: { inline_string: body } } }), ofObject);
  assert.not.match(JSON.stringify(ofObject), 'TOKEN');
  assert.equal(
    read({ redirect: { path_redirect: '/a?access_token=hush', host_redirect: 'me:hush@b' } }),
    translated({ redirect: { uri: '/a?access_token=hush', authority: 'me:hush@b' } }, safe),
  );
  const rewrite = forward({ rewrite: { uri: '/a?api_key=hush' } }, safe).rewrite;
  assert.equal(read({ route: { cluster: 'c', prefix_rewrite: '/a?api_key=hush' } }), {
    ...read({ route: { cluster: 'c' } }),
    rewrite,
  });
  assert.not.match(JSON.stringify(rewrite), 'hush');
});

test.run();
