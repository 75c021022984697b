import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type JudgedConfiguration, TrafficJudge } from '#analysis/select/judged-traffic.ts';
import type { LoggedRequest } from '#analysis/select/logged-answer.ts';
import type { Route } from '#model/route.ts';
import { headerMatch, redirect, routeMatch } from '../../support/builders/route.ts';
import { forward, listener, request, route, routeConfiguration, virtualHost } from '../../support/builders/way.ts';

const host = request().authority;
const one: LoggedRequest = {
  authority: host,
  serverName: host,
  method: 'GET',
  path: '/one?x=1',
  downstreamLocalAddress: '10.0.0.1:8443',
};

const service = (name: string): string => `outbound|80||${name}.ns.svc.cluster.local`;
const to = (name: string, path?: string): Partial<Route> => ({
  action: forward({ to: { kind: 'cluster', cluster: service(name) } }),
  ...(path === undefined ? {} : { match: routeMatch({ path: { kind: 'prefix', value: path, caseSensitive: true } }) }),
});

const serving = (...routes: readonly Partial<Route>[]): JudgedConfiguration => ({
  listeners: [listener()],
  routes: [
    routeConfiguration({
      virtualHosts: [virtualHost({ routes: routes.map((each, index) => route({ position: index + 1, ...each })) })],
    }),
  ],
  clusters: new Set(['a', 'b'].map(service)),
});

function judge(
  before: JudgedConfiguration,
  after: JudgedConfiguration,
  requests: readonly LoggedRequest[],
  headersOf: (route: Route) => string = () => '',
): string[] {
  const judged = new TrafficJudge(before, after, headersOf);
  for (const each of requests) judged.add(each);
  const { requests: all, otherwise, undecided, undecidedBy } = judged.totals();
  const changes = judged
    .changes()
    .map(
      (change) =>
        `${change.requests}/${change.of} ${change.before.name} → ${change.after.by} ${change.after.name} ${change.examples.join()}`,
    );
  return [`${otherwise} of ${all}, ${undecided} by ${undecidedBy.join()}`, ...changes];
}

const path = (text: string): LoggedRequest => ({ ...one, path: text });

test('requests that go to another service, with how many it has', () => {
  const requests = [path('/one'), path('/one'), path('/two'), path('/two?q'), path('/two?q')];
  assert.equal(judge(serving(to('a')), serving(to('b', '/two'), to('a')), requests), [
    '3 of 5, 0 by ',
    `3/5 ns/a:80 → service ns/b:80 GET ${host}/two`,
  ]);
});

test('what no route takes any more, and what a gateway answers itself', () => {
  assert.match(judge(serving(to('a')), serving(to('a', '/two')), [one])[1] ?? '', /^1\/1 ns\/a:80 → gateway 404/);
  assert.match(
    judge(serving(to('a')), serving({ action: redirect({ code: 302 }) }), [one])[1] ?? '',
    /gateway a redirect \(302\)/,
  );
});

test('a service that goes, though the route stays', () => {
  const gone = { ...serving(to('a')), clusters: new Set([service('b')]) };
  assert.match(judge(serving(to('a')), gone, [one])[1] ?? '', /→ gateway 503, as ns\/a:80 is not there/);
});

test('the same service by a route of other settings', () => {
  const rewritten = { action: forward({ to: { kind: 'cluster', cluster: service('a') }, timeoutMs: 1 }) };
  assert.match(
    judge(serving(to('a')), serving(rewritten), [one])[1] ?? '',
    /→ service ns\/a:80 by a route of other settings/,
  );
});

test('a route of another name and place is the same', () => {
  const moved = { ...to('a'), name: 'other', from: { kind: 'VirtualService', namespace: 'x', name: 'y' } } as const;
  assert.equal(judge(serving(to('a')), serving(to('b', '/other'), moved), [one]), ['0 of 1, 0 by ']);
});

test('the same service by a route that does something else to headers', () => {
  const headersOf = ({ name }: Route): string => (name === 'adds' ? 'request add x-a 1' : '');
  const [before, after] = [serving(to('a')), serving({ ...to('a'), name: 'adds' })];
  assert.match(judge(before, after, [one], headersOf)[1] ?? '', /→ service ns\/a:80 by a route of other settings/);
  assert.equal(judge(before, after, [one]), ['0 of 1, 0 by ']);
});

test('what depends on a header is not decided, unless both are alike', () => {
  const canary = { ...to('b'), match: routeMatch({ headers: [headerMatch({ name: 'x-canary' })] }) };
  assert.equal(judge(serving(to('a')), serving(canary, to('a')), [one, one]), ['0 of 2, 2 by header x-canary']);
  assert.equal(judge(serving(canary, to('a')), serving(canary, to('a')), [one]), ['0 of 1, 0 by ']);
});

test('a connection that no filter chain takes, and a line without a port', () => {
  const closed = { ...serving(to('a')), listeners: [] };
  assert.match(judge(serving(to('a')), closed, [one])[1] ?? '', /→ gateway a closed connection/);
  const { downstreamLocalAddress: _, ...nowhere } = one;
  assert.equal(judge(serving(to('a')), serving(to('b')), [nowhere]), ['0 of 1, 1 by the port of the listener']);
});

test('a line without a server name, which no filter chain would have taken', () => {
  const { serverName: _, ...nameless } = one;
  assert.equal(judge(serving(to('a')), serving(to('b')), [nameless]), ['0 of 1, 1 by the filter chain that took them']);
});

test('more kinds of requests than are remembered are counted all the same', () => {
  const requests = Array.from({ length: 50_000 }, (_, index) => path(`/two/${index % 30_000}`));
  assert.equal(judge(serving(to('a')), serving(to('b', '/two'), to('a')), requests)[0], '50000 of 50000, 0 by ');
});

test('a request over HTTP/3 is judged by the listener for UDP', () => {
  const quic = listener({ transport: 'UDP', filterChains: [] });
  const [before, after] = [serving(to('a')), serving(to('a'))];
  const requests = [one, { ...one, protocol: 'HTTP/3' }];
  const both = (some: JudgedConfiguration, udp = listener({ transport: 'UDP' })): JudgedConfiguration => ({
    ...some,
    listeners: [udp, ...some.listeners],
  });
  assert.is(judge(both(before), both(after), requests)[0], '0 of 2, 0 by ');
  assert.match(judge(both(before), both(after, quic), requests)[1] ?? '', /^1\/2 .* → gateway a closed connection/);
});

test.run();
