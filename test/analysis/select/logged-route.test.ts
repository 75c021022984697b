import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loggedRouteFinder } from '#analysis/select/logged-route.ts';
import type { AccessEntry } from '#model/access-log.ts';
import type { HeaderMatch, RouteMatch } from '#model/match.ts';
import type { Route } from '#model/route.ts';
import { headerMatch, redirect, routeMatch } from '../../support/builders/route.ts';
import { clusterName, forward, request, route, routeConfiguration, virtualHost } from '../../support/builders/way.ts';

const from = { kind: 'VirtualService', namespace: 'svc1', name: 'main' } as const;
const host = request().authority;
/** What the gateway answered itself. */
const own: AccessEntry = { authority: host, serverName: host, method: 'GET', path: '/a?x=1' };
const served: AccessEntry = { ...own, upstreamCluster: clusterName, responseCodeDetails: 'via_upstream' };

/** The routes stand in the order in which they are given. */
function find(of: readonly Partial<Route>[], entry = served): string | undefined {
  const all = of.map((one, index) => route({ from, position: index + 1, ...one }));
  return loggedRouteFinder([routeConfiguration({ virtualHosts: [virtualHost({ routes: all })] })])(entry);
}

const header = (name: string, changes: Partial<HeaderMatch> = {}): HeaderMatch => headerMatch({ name, ...changes });
const when = (over: Partial<RouteMatch>): Partial<Route> => ({ match: routeMatch(over) });
const canary = when({ headers: [header('x-canary')] });
const elsewhere = forward({ to: { kind: 'cluster', cluster: 'outbound|80||other.svc2.svc.cluster.local' } });

test('the first route that fits what the log shows, by number or by its own name', () => {
  assert.is(find([when({ path: { kind: 'exact', value: '/b', caseSensitive: true } }), {}, {}]), 'svc1/main #2');
  assert.is(find([{ name: 'named' }]), 'svc1/main named');
  assert.is(find([when({ headers: [header(':method')] }), {}]), 'svc1/main #2');
  assert.is(
    find([when({ headers: [header(':authority', { value: { kind: 'exact', value: host, ignoreCase: false } })] }), {}]),
    'svc1/main #1',
  );
  assert.is(
    find([when({ query: [{ name: 'x', value: { kind: 'exact', value: '2', ignoreCase: false } }] }), {}]),
    'svc1/main #2',
  );
});

test('where a header decides, every route that it may have been is named, and the header', () => {
  assert.is(find([canary, {}, {}]), 'svc1/main #1 or svc1/main #2, by header x-canary');
  assert.is(
    find([when({ headers: [header('x-old', { value: { kind: 'present', present: false } })] }), {}]),
    'svc1/main #1 or svc1/main #2, by header x-old',
  );
  assert.is(
    find([canary, when({ grpc: true }), {}]),
    'svc1/main #1 or svc1/main #2 or svc1/main #3, by header x-canary, header content-type',
  );
  assert.is(
    find([canary, canary, canary, canary, {}]),
    'svc1/main #1 or svc1/main #2 or svc1/main #3 or 2 more, by header x-canary',
  );
  assert.is(find([canary, { from: undefined }]), "svc1/main #1 or a route of istiod's own, by header x-canary");
  const half = { numerator: 50, denominator: 100, runtimeKey: undefined };
  assert.is(find([when({ fraction: half }), {}]), 'svc1/main #1 or svc1/main #2, by runtime_fraction');
  assert.is(find([when({ others: ['dynamic_metadata'] }), {}]), 'svc1/main #1 or svc1/main #2, by dynamic_metadata');
});

test('a path without a query may have had one, where a route asks for it', () => {
  const byQuery = when({ query: [{ name: 'x', value: { kind: 'present', present: true } }] });
  assert.is(find([byQuery, {}], { ...served, path: '/a' }), 'svc1/main #1 or svc1/main #2, by query x');
});

test('a name of statistics in the place of a cluster tells no route from another', () => {
  assert.is(
    find([canary, {}], { ...served, upstreamCluster: 'web_80' }),
    'svc1/main #1 or svc1/main #2, by header x-canary',
  );
});

test('where the log has a host that a route writes, the server name tells which one it was', () => {
  const written = { ...served, authority: 'b.internal' };
  const writing = forward({ rewrite: { ...forward().rewrite, host: 'b.internal' } });
  assert.is(find([{ action: writing }], written), 'svc1/main #1');
  assert.is(find([{}], written), undefined);
});

test('where the request went and what it got tells routes apart', () => {
  assert.is(find([{ ...canary, action: elsewhere }, {}]), 'svc1/main #2');
  assert.is(find([canary, { action: elsewhere }]), 'svc1/main #1');
  assert.is(find([{ ...canary, action: redirect() }, {}]), 'svc1/main #2');
  assert.is(
    find([{ ...canary, action: redirect() }, {}], { ...own, responseCodeDetails: 'direct_response' }),
    'svc1/main #1',
  );
  assert.is(
    find([{ ...canary, action: forward({ to: { kind: 'header', header: 'x-to' } }) }, {}]),
    'svc1/main #1 or svc1/main #2, by header x-canary',
  );
  const mirroring = forward({ ...elsewhere, mirrors: [{ cluster: clusterName, percent: 100 }] });
  assert.is(find([{ ...canary, action: mirroring }, {}]), 'svc1/main #2');
});

test('the name in the log tells routes apart', () => {
  assert.is(
    find([{ ...canary, name: 'canary' }, { name: 'main' }], { ...served, routeName: 'canary' }),
    'svc1/main canary',
  );
  assert.is(
    find([{ ...canary, name: 'canary' }, { name: 'main' }], { ...served, routeName: 'gone' }),
    'svc1/main canary or svc1/main main, by header x-canary',
  );
});

test('none where Envoy found none, or what it found is gone', () => {
  assert.is(find([{}], { ...own, responseCodeDetails: 'route_not_found' }), undefined);
  assert.is(find([{}], { ...own, responseFlags: ['NR'] }), undefined);
  assert.is(find([{ action: elsewhere }, {}]), undefined);
  assert.is(find([{}], { ...served, authority: 'other.example' }), undefined);
});

test.run();
