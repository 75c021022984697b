// Rules of Envoy's route, fault and CORS code that are easily got wrong, each with its source.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '#analysis/request/explain.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import type { Outcome } from '#model/explanation.ts';
import type { HttpHandler } from '#model/listener.ts';
import type { Request } from '#model/request.ts';
import type { ClusterChoice, Fault, HeaderOperations, Preflight, Rewrite, Route } from '#model/route.ts';
import type { RuntimeValue } from '#model/runtime.ts';
import { routeMatch } from '../../support/builders/route.ts';
import {
  chain,
  cluster,
  clusterName,
  configuration,
  endpoint,
  entry,
  forward,
  handler,
  listener,
  request,
  route,
  routedBy,
} from '../../support/builders/way.ts';

const headers = (all: Readonly<Record<string, string | readonly string[]>>): Partial<Request> => ({
  headers: new Map(Object.entries(all).map(([name, value]) => [name, [value].flat()])),
});

interface Setting {
  readonly asked?: Partial<Request>;
  readonly handler?: Partial<HttpHandler>;
  readonly runtime?: Readonly<Record<string, RuntimeValue>>;
  readonly clusters?: readonly string[];
}

function outcomes(one: Partial<Route>, { asked = {}, handler: over = {}, runtime = {}, clusters = [] }: Setting = {}) {
  const names = [clusterName, ...clusters];
  const pod: Partial<PodConfiguration> = {
    ...routedBy(route(one)),
    listeners: [listener({ filterChains: [chain({ handler: handler(over) })] })],
    clusters: names.map((name) => cluster({ name })),
    endpoints: names.map((name) => endpoint({ cluster: name })),
    runtime: new Map(Object.entries(runtime)),
  };
  return explain(configuration(pod), request(asked), entry).outcomes;
}
const brief = (all: readonly Outcome[]): unknown[] =>
  all.map((one) => [one.kind, one.share, 'cluster' in one ? one.cluster : 'code' in one && one.code]);

const fault = (over: Partial<Fault> = {}): Fault => ({
  abort: { code: 503, share: 1 },
  delay: undefined,
  headers: [],
  ...over,
});
const forwarded = ['forward', 1, clusterName];

test('a fault tells a gRPC client its gRPC status, others an empty 200', () => {
  const grpc = { fault: fault({ abort: { code: 200, share: 1, grpcStatus: 14 } }) };
  const [of] = outcomes(grpc, { asked: headers({ 'content-type': 'application/grpc' }) });
  assert.equal([of?.kind, of?.grpcStatus], ['abort', 14]);
  const [plain] = outcomes(grpc);
  assert.equal([plain?.kind, plain?.grpcStatus], ['abort', undefined]);
});

test('a fault by header takes code and share from the first value of its header, where there is a valid one', () => {
  const byHeader = { fault: fault({ abort: { code: 0, share: 1, byHeader: 100 } }) };
  const of = (all: Readonly<Record<string, string | readonly string[]>>) =>
    brief(outcomes(byHeader, { asked: headers(all) }));
  assert.equal(of({}), [forwarded]);
  assert.equal(of({ 'x-envoy-fault-abort-request': ['418', '503'] }), [['abort', 1, 418]]);
  assert.equal(of({ 'x-envoy-fault-abort-request': '99' }), [forwarded]);
  assert.equal(of({ 'x-envoy-fault-abort-request': '418', 'x-envoy-fault-abort-request-percentage': '25' }), [
    ['abort', 0.25, 418],
    ['forward', 0.75, clusterName],
  ]);
});

test('a fault is for one cluster, or for some nodes downstream', () => {
  assert.equal(brief(outcomes({ fault: fault({ upstreamCluster: 'other' }) })), [forwarded]);
  assert.equal(brief(outcomes({ fault: fault({ upstreamCluster: clusterName }) })), [['abort', 1, 503]]);
  const nodes = { fault: fault({ downstreamNodes: ['n1'] }) };
  const from = (node: string) => ({ asked: headers({ 'x-envoy-downstream-service-node': node }) });
  const inner = { handler: { useRemoteAddress: false } };
  assert.equal(brief(outcomes(nodes, { ...from('n1'), ...inner })), [['abort', 1, 503]]);
  assert.equal(brief(outcomes(nodes, { ...from('n2'), ...inner })), [forwarded]);
  // At the edge clients cannot send it, and `add_user_agent` writes the gateway's own.
  assert.equal(brief(outcomes(nodes, from('n1'))), [forwarded]);
  const named = { handler: { ...inner.handler, headerRules: { setsUserAgent: true } } };
  assert.equal(brief(outcomes(nodes, { ...from('n1'), ...named })), [forwarded]);
});

test('the fault of the filter itself acts where no route has its own; runtime goes before both', () => {
  const own = { handler: { faults: [fault()] } };
  assert.equal(brief(outcomes({}, own)), [['abort', 1, 503]]);
  assert.equal(brief(outcomes({ fault: fault({ abort: { code: 418, share: 1 } }) }, own)), [['abort', 1, 418]]);
  const runtime = { 'fault.http.abort.abort_percent': 0 };
  assert.equal(brief(outcomes({}, { ...own, runtime })), [forwarded]);
  assert.equal(brief(outcomes({}, { ...own, runtime: { 'fault.http.abort.http_status': 429 } })), [['abort', 1, 429]]);
});

test('a filter that is switched off for the route does nothing, one that the route configures acts', () => {
  const name = 'envoy.filters.http.fault';
  assert.equal(brief(outcomes({ fault: fault(), disabledFilters: [name] })), [forwarded]);
  const off = { handler: { httpFilters: [{ name, type: 'HTTPFault', disabled: true, isConfigured: false }] } };
  assert.equal(brief(outcomes({ fault: fault() }, off)), [['abort', 1, 503]]);
});

const preflight = (over: Partial<Preflight> = {}): Preflight => ({
  origins: [{ kind: 'exact', value: 'https://a', ignoreCase: false }],
  forwardsOthers: true,
  ...over,
});
const asking = (origin: string): Setting => ({
  asked: { method: 'OPTIONS', ...headers({ origin, 'access-control-request-method': 'GET' }) },
});

test('an origin matcher that takes the text * takes every origin', () => {
  const any = { kind: 'exact', value: '*', ignoreCase: false } as const;
  assert.equal(brief(outcomes({ preflight: preflight({ origins: [any] }) }, asking('https://b'))), [
    ['preflight', 1, 200],
  ]);
  assert.equal(
    brief(outcomes({ preflight: preflight({ origins: [{ kind: 'regex', value: '.' }] }) }, asking('https://b'))),
    [['preflight', 1, 200]],
  );
  assert.equal(brief(outcomes({ preflight: preflight() }, asking('https://b'))), [forwarded]);
});

test('CORS acts on the share that filter_enabled says, by runtime first', () => {
  const half = { preflight: preflight({ enabled: { numerator: 50, denominator: 100, runtimeKey: 'cors.on' } }) };
  assert.equal(brief(outcomes(half, asking('https://a'))), [
    ['preflight', 0.5, 200],
    ['forward', 0.5, clusterName],
  ]);
  assert.equal(brief(outcomes(half, { ...asking('https://a'), runtime: { 'cors.on': 0 } })), [forwarded]);
});

const weighted = (over: Partial<Extract<ClusterChoice, { kind: 'weighted' }>>): Partial<Route> => ({
  action: forward({
    to: {
      kind: 'weighted',
      clusters: [
        { cluster: 'one', weight: 25 },
        { cluster: 'two', weight: 75 },
      ],
      totalWeight: 100,
      ...over,
    },
  }),
});
const two = { clusters: ['one', 'two'] };

test('a number in the header of the weights chooses, where it is sent once', () => {
  const of = (value: string | readonly string[]) =>
    brief(outcomes(weighted({ randomHeader: 'x-random' }), { ...two, asked: headers({ 'x-random': value }) }));
  assert.equal(of('124'), [['forward', 1, 'one']]);
  assert.equal(of('125'), [['forward', 1, 'two']]);
  assert.equal(of('18446744073709551615'), [['forward', 1, 'one']]);
  const byChance = [
    ['forward', 0.25, 'one'],
    ['forward', 0.75, 'two'],
  ];
  assert.equal(of(['1', '2']), byChance);
  assert.equal(of('x'), byChance);
});

test('runtime values go before weights and fractions', () => {
  const runtime = { 'w.one': 300, 'w.two': 100 };
  assert.equal(brief(outcomes(weighted({ runtimeKeyPrefix: 'w' }), { ...two, runtime })), [
    ['forward', 0.75, 'one'],
    ['forward', 0.25, 'two'],
  ]);
  const fraction = { numerator: 0, denominator: 100, runtimeKey: 'on' };
  const match = routeMatch({ fraction });
  assert.equal(brief(outcomes({ match }, { runtime: { on: 100 } })), [forwarded]);
  assert.equal(brief(outcomes({ match })), [['fail', 1, 404]]);
});

test('a share may name its cluster by a header, of which the first value counts, and tell the filters for itself', () => {
  const byHeader = weighted({ clusters: [{ cluster: 'header x-to', header: 'x-to', weight: 1 }], totalWeight: 1 });
  assert.equal(brief(outcomes(byHeader, { ...two, asked: headers({ 'x-to': ['two', 'one'] }) })), [
    ['forward', 1, 'two'],
  ]);
  assert.equal(brief(outcomes(byHeader, two)), [['fail', 1, 503]]);
  const aborting = weighted({
    clusters: [
      { cluster: 'one', weight: 25, filters: { fault: fault() } },
      { cluster: 'two', weight: 75 },
    ],
  });
  assert.equal(brief(outcomes(aborting, two)), [
    ['abort', 0.25, 503],
    ['forward', 0.75, 'two'],
  ]);
});

function hostOf(
  rewrite: Partial<Rewrite>,
  all: Readonly<Record<string, string | readonly string[]>> = {},
  path = '/',
): unknown {
  const [one] = outcomes(
    { action: forward({ rewrite: { ...forward().rewrite, ...rewrite } }) },
    { asked: { ...headers(all), path } },
  );
  return one?.kind === 'forward' ? one.host : one;
}

test('the host from a header is its first value after what the route does to headers; an empty one changes nothing', () => {
  const hostFromHeader = 'x-host';
  assert.is(hostOf({ hostFromHeader }, { 'x-host': ['b', 'c'] }), 'b');
  assert.is(hostOf({ hostFromHeader }, { 'x-host': '' }), 'a.example.org');
  assert.is(hostOf({ hostFromHeader }), 'a.example.org');
  const set = (value: string, action: 'append' | 'overwrite' | 'add-if-absent', remove: readonly string[] = []) => ({
    hostFromHeader,
    headerOperations: [{ remove, set: [{ name: 'x-host', value, action }] }],
  });
  assert.is(hostOf(set('new', 'overwrite'), { 'x-host': 'b' }), 'new');
  assert.is(hostOf(set('new', 'append'), { 'x-host': 'b' }), 'b');
  assert.is(hostOf(set('new', 'append', ['x-host']), { 'x-host': 'b' }), 'new');
  assert.is(hostOf(set('new', 'add-if-absent'), {}), 'new');
  assert.is(hostOf(set('%REQ(X-Other)%.test', 'overwrite'), { 'x-other': 'o' }), 'o.test');
  assert.is(hostOf(set('%START_TIME%', 'overwrite')), undefined);
});

test('a format takes the first value of a header, and no host is made of an empty one', () => {
  const set = [{ name: 'x-host', value: '%REQ(x-other)%', action: 'overwrite' } as const];
  const host = (...values: string[]): unknown =>
    hostOf({ hostFromHeader: 'x-host', headerOperations: [{ remove: [], set }] }, { 'x-other': values });
  assert.is(host('first', 'second'), 'first');
  assert.is(host('', 'second'), host(''));
});

test('a format finds headers as earlier operations and the removals of its own have left them', () => {
  const host = (...headerOperations: HeaderOperations[]): unknown =>
    hostOf({ hostFromHeader: 'x-host', headerOperations }, { 'x-other': 'sent' });
  const fromOther = { name: 'x-host', value: '%REQ(x-other)%', action: 'overwrite' } as const;
  const other = (value: string) => ({ name: 'x-other', value, action: 'overwrite' }) as const;
  assert.is(host({ remove: [], set: [fromOther] }), 'sent');
  assert.is(host({ remove: [], set: [other('first')] }, { remove: [], set: [fromOther] }), 'first');
  assert.is(host({ remove: [], set: [other('beside'), fromOther] }), 'sent');
  assert.is(host({ remove: ['x-other'], set: [fromOther] }), undefined);
  assert.is(host({ remove: ['x-other'], set: [] }, { remove: [], set: [fromOther] }), undefined);
});

test('the host from the path is made of the path as it came, without the query', () => {
  const hostFromPath = { pattern: '^/wiki/([a-z]+)/.*$', substitution: '\\1.wiki' };
  assert.is(hostOf({ hostFromPath }, {}, '/wiki/de/Foo?x'), 'de.wiki');
  assert.is(hostOf({ hostFromPath, prefix: '/other/' }, {}, '/wiki/de/Foo'), 'de.wiki');
});

test('fields that are not evaluated are caveats, and what they would make is not told', () => {
  const one = route({ unevaluated: ['host_rewrite', 'metadata_match', 'path_rewrite'] });
  const { caveats, outcomes: all } = explain(configuration(routedBy(one)), request(), entry);
  assert.equal(caveats, [
    'route 1 has host_rewrite, which this tool does not evaluate',
    'route 1 has metadata_match, which this tool does not evaluate',
    'route 1 has path_rewrite, which this tool does not evaluate',
  ]);
  const [first] = all;
  assert.equal(first?.kind === 'forward' && [first.host, first.path], [undefined, undefined]);
});

const noSuchRoute = (setting: Setting): unknown[] => {
  const elsewhere = routeMatch({ path: { kind: 'exact', value: '/elsewhere', caseSensitive: true } });
  return brief(outcomes({ match: elsewhere }, setting));
};

test('the fault of the filter itself acts where no route matches, too', () => {
  assert.equal(noSuchRoute({ handler: { faults: [fault()] } }), [['abort', 1, 503]]);
  assert.equal(noSuchRoute({ handler: { faults: [fault({ abort: { code: 418, share: 0.25 } })] } }), [
    ['abort', 0.25, 418],
    ['fail', 0.75, 404],
  ]);
  assert.equal(noSuchRoute({}), [['fail', 1, 404]]);
});

test('a request that names the cluster of its client has runtime keys of its own, and not those of all', () => {
  const own = { faults: [fault()], useRemoteAddress: false };
  const asked = headers({ 'x-envoy-downstream-service-cluster': 'web' });
  const at = (runtime: Readonly<Record<string, RuntimeValue>>) => brief(outcomes({}, { handler: own, asked, runtime }));
  assert.equal(at({ 'fault.http.abort.abort_percent': 0, 'fault.http.abort.http_status': 429 }), [['abort', 1, 503]]);
  assert.equal(at({ 'fault.http.web.abort.abort_percent': 0 }), [forwarded]);
  assert.equal(at({ 'fault.http.web.abort.http_status': 429 }), [['abort', 1, 429]]);
});

test('each fault filter of a chain does what it is told by its own name', () => {
  const filters = ['first', 'second'].map((name) => ({
    name,
    type: 'HTTPFault',
    disabled: false,
    isConfigured: false,
  }));
  const named = (filter: string, code: number): Fault => fault({ filter, abort: { code, share: 0.5 } });
  const told = { fault: named('second', 500), otherFaults: [named('first', 418)] };
  assert.equal(brief(outcomes(told, { handler: { httpFilters: filters } })), [
    ['abort', 0.5, 418],
    ['abort', 0.25, 500],
    ['forward', 0.25, clusterName],
  ]);
  // What is told to a filter that the chain has not hides nothing.
  assert.equal(brief(outcomes(told, { handler: { httpFilters: filters.slice(0, 1) } })), [
    ['abort', 0.5, 418],
    ['forward', 0.5, clusterName],
  ]);
});

test('preflights are answered before faults where their filter comes first', () => {
  const told = { fault: fault(), preflight: preflight() };
  assert.equal(brief(outcomes(told, asking('https://a'))), [['abort', 1, 503]]);
  const httpFilters = [
    { name: 'envoy.filters.http.cors', type: 'Cors', disabled: false, isConfigured: false },
    { name: 'envoy.filters.http.fault', type: 'HTTPFault', disabled: false, isConfigured: false },
  ];
  assert.equal(brief(outcomes(told, { ...asking('https://a'), handler: { httpFilters } })), [['preflight', 1, 200]]);
});

test('a listener that waits for a PROXY header and a request for another protocol are caveats', () => {
  const caveats = (over: Parameters<typeof listener>[0], asked: Partial<Request>): readonly string[] =>
    explain(configuration({ ...routedBy(route()), listeners: [listener(over)] }), request(asked), entry).caveats;
  const names = ['envoy.filters.listener.tls_inspector', 'envoy.filters.listener.proxy_protocol'];
  assert.match(caveats({ listenerFilters: names }, {}).join(), 'without a PROXY header');
  assert.match(caveats({}, headers({ connection: 'Upgrade', upgrade: 'websocket' })).join(), 'another protocol');
  assert.equal(caveats({}, {}), []);
});

test.run();
