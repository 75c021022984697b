import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { redirectLoops } from '#analysis/check/redirect-loops.ts';
import type { RedirectAction, Route, VirtualHost } from '#model/route.ts';
import { chainMatch, filterChain, httpHandler, listener } from '../../support/builders/listener.ts';
import {
  headerMatch,
  prefix,
  redirect,
  route,
  routeConfiguration,
  routeMatch,
  virtualHost,
} from '../../support/builders/route.ts';

const name = 'https.443.https.svc1-main.svc1';

function loops(
  routes: readonly Route[],
  {
    isPlain = false,
    port = isPlain ? 8080 : 8443,
    ...of
  }: Partial<VirtualHost> & { isPlain?: boolean; port?: number } = {},
): string[] {
  const chain = filterChain({
    handler: httpHandler({ routeConfiguration: name }),
    ...(isPlain ? { tls: undefined } : {}),
  });
  const configuration = routeConfiguration({ name, virtualHosts: [virtualHost({ routes, ...of })] });
  return redirectLoops([listener({ port, filterChains: [chain] })], [configuration]).map(
    ({ url, routes: taken }) => `${url} ${taken.map(({ position }) => position).join()}`,
  );
}

const redirecting = (position: number, path: string, changes: Partial<RedirectAction>, match = prefix(path)): Route =>
  route({ position, match, action: redirect(changes) });

test('a redirect to the same URL', () => {
  assert.equal(loops([redirecting(1, '/', { scheme: 'https' })]), ['https://svc1.discovery.wmnet/ 1']);
  assert.equal(loops([redirecting(1, '/', { scheme: 'https' })], { isPlain: true }), []);
  assert.equal(loops([redirecting(1, '/', { host: 'elsewhere.example' })]), []);
  assert.equal(loops([redirecting(1, '/', { host: 'svc1.discovery.wmnet' })]), ['https://svc1.discovery.wmnet/ 1']);
  assert.equal(loops([redirecting(1, '/', {})], { domains: ['*.wmnet:443'] }), ['https://any.wmnet/ 1']);
  assert.equal(loops([redirecting(1, '/', {})], { isPlain: true }), ['http://svc1.discovery.wmnet/ 1']);
  assert.equal(loops([redirecting(1, '/', {})], { port: 8444 }), ['https://svc1.discovery.wmnet:8444/ 1']);
});

test('one whose target it takes itself, at once or longer and longer', () => {
  assert.equal(loops([redirecting(1, '/', { path: '/login' })]), ['https://svc1.discovery.wmnet/ 1']);
  assert.equal(loops([redirecting(1, '/', { prefix: '/app/' })]), ['https://svc1.discovery.wmnet/ 1']);
  assert.equal(loops([route({ position: 1, match: prefix('/login') }), redirecting(2, '/', { path: '/login' })]), []);
});

test('two that lead to each other are told from where each begins', () => {
  const exact = (value: string) => routeMatch({ path: { kind: 'exact', value, caseSensitive: true } });
  assert.equal(
    loops([redirecting(1, '/a', { path: '/b' }, exact('/a')), redirecting(2, '/b', { path: '/a' }, exact('/b'))]),
    ['https://svc1.discovery.wmnet/a 1,2', 'https://svc1.discovery.wmnet/b 2,1'],
  );
});

test('what only some requests take, nobody takes, or the virtual host redirects before, is none', () => {
  const some = routeMatch({ headers: [headerMatch()] });
  assert.equal(loops([redirecting(1, '/', {}, some)]), []);
  assert.equal(loops([route({ position: 1, match: prefix('/') }), redirecting(2, '/x', {})]), []);
  assert.equal(loops([redirecting(1, '/', {})], { isPlain: true, requireTls: 'all' }), []);
});

const virtualHosts = (hosts: Readonly<Record<string, Route>>): VirtualHost[] =>
  Object.entries(hosts).map(([domain, only]) => virtualHost({ domains: [domain], routes: [only] }));

test('two hosts that lead to each other are one finding; a host of the same case and port is the same', () => {
  const between = (hosts: Readonly<Record<string, Route>>): string[] => {
    const handler = httpHandler({ routeConfiguration: name });
    const chain = filterChain({ match: chainMatch(), handler, tls: undefined });
    const configuration = routeConfiguration({ name, virtualHosts: virtualHosts(hosts) });
    return redirectLoops([listener({ port: 8080, filterChains: [chain] })], [configuration]).map(
      ({ url, routes: taken }) => `${url} ${taken.map(({ position }) => position).join()}`,
    );
  };
  const [www, apex] = [redirecting(1, '/', { host: 'WWW.a.test' }), redirecting(2, '/', { host: 'a.test:80' })];
  assert.equal(between({ 'a.test': www, 'www.a.test': apex }), ['http://a.test/ 1,2']);
  assert.equal(between({ 'a.test': www, 'www.a.test': route({ position: 2, match: prefix('/') }) }), []);
  assert.equal(between({ 'a.test': www }), []);
  assert.equal(between({ 'a.test': www, 'www.a.test': apex, 'b.test': redirecting(3, '/', { host: 'a.test' }) }), [
    'http://a.test/ 1,2',
  ]);
  assert.equal(between({ '*.a.test': redirecting(1, '/', { host: 'b.a.test' }) }), ['http://any.a.test/ 1']);
});

test('from https to http, where the virtual host leads back', () => {
  const [plain, secure] = ['http.8080', 'https.443.https.a.n'];
  const of = (routeConfiguration: string, tls: object): ReturnType<typeof filterChain> =>
    filterChain({ match: chainMatch(), handler: httpHandler({ routeConfiguration }), ...tls });
  const hosts = (only: Route, changes: Partial<VirtualHost> = {}): VirtualHost[] => [
    virtualHost({ domains: ['a.test'], routes: [only], ...changes }),
  ];
  const found = redirectLoops(
    [
      listener({ port: 8080, filterChains: [of(plain, { tls: undefined })] }),
      listener({ port: 8443, filterChains: [of(secure, {})] }),
    ],
    [
      routeConfiguration({ name: plain, virtualHosts: hosts(route({ match: prefix('/') }), { requireTls: 'all' }) }),
      routeConfiguration({ name: secure, virtualHosts: hosts(redirecting(1, '/', { scheme: 'http' })) }),
    ],
  );
  assert.equal(
    found.map(({ url }) => url),
    ['https://a.test/'],
  );
});

test.run();
