// The whole way of a request. What each case says was seen on a real Envoy: test/real-cluster/explain.test.ts.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '#analysis/request/explain.ts';
import type { AccessCondition } from '#model/access-rule.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import type { Outcome } from '#model/explanation.ts';
import type { FilterChainMatch, HttpHandler, Listener } from '#model/listener.ts';
import type { Request } from '#model/request.ts';
import type { Route, VirtualHost } from '#model/route.ts';
import { chainMatch, policies as policiesOf } from '../../support/builders/listener.ts';
import { redirect, routeMatch } from '../../support/builders/route.ts';
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
  routeConfiguration,
  secret,
  simpleTls,
  virtualHost,
} from '../../support/builders/way.ts';

const explained = (over: Partial<PodConfiguration> = {}, asked: Partial<Request> = {}) =>
  explain(configuration(over), request(asked), entry);
const outcomesOf = (over: Partial<PodConfiguration>, asked: Partial<Request> = {}): readonly Outcome[] =>
  explained(over, asked).outcomes;

/** The one failure, in words and what exists instead. */
function failure(over: Partial<PodConfiguration>, asked: Partial<Request> = {}): unknown[] {
  const [one, ...more] = outcomesOf(over, asked);
  assert.equal(more, []);
  return one?.kind === 'fail' ? [one.why, one.nearest] : [one?.kind];
}

/** The one outcome, in the fields that tell it. */
function told(over: Partial<PodConfiguration>, asked: Partial<Request> = {}): unknown[] {
  const [one, ...more] = outcomesOf(over, asked);
  assert.equal(more, []);
  if (one?.kind !== 'fail') return [one?.kind];
  return [one.at, one.code, one.flag];
}

function whyOf(over: Partial<PodConfiguration>): string {
  const [one] = outcomesOf(over);
  return one?.kind === 'fail' ? one.why : '';
}

const host = (over: Partial<VirtualHost>): Partial<PodConfiguration> => ({
  routeConfigurations: [routeConfiguration({ virtualHosts: [virtualHost(over)] })],
});
const to = (...of: readonly Route[]): Partial<PodConfiguration> =>
  host({ routes: of.map((one, index) => ({ ...one, position: index + 1 })) });
const managed = (over: Partial<HttpHandler>, more: Partial<PodConfiguration> = {}): Partial<PodConfiguration> => ({
  listeners: [listener({ filterChains: [chain({ handler: handler(over) })] })],
  ...more,
});
const listening = (over: Partial<Listener>): Partial<PodConfiguration> => ({ listeners: [listener(over)] });

test('a port that nobody listens on refuses the connection, and the ports that there are are named', () => {
  assert.is(explained(listening({ port: 8080 })).listener, undefined);
  assert.equal(failure(listening({ port: 8080 })), [
    'nothing listens on port 8443: the connection is refused',
    ['8080'],
  ]);
});

test('a listener that warms or was rejected is said to be so', () => {
  assert.equal(failure(listening({ state: 'warming' })), ['the listener on port 8443 is still warming', []]);
  const rejected = { details: 'duplicate server name', at: undefined, version: undefined };
  assert.equal(failure(listening({ state: 'warming', rejected })), [
    'Envoy rejected the listener on port 8443: duplicate server name',
    [],
  ]);
});

test('a server name without filter chain closes the connection; the nearest hosts are named', () => {
  assert.equal(failure({}, { sni: 'b.example.org' }), [
    'no filter chain for server name b.example.org: the connection is closed',
    ['a.example.org'],
  ]);
  assert.equal(failure({}, { sni: undefined }), [
    'no filter chain for a client that sends no server name: the connection is closed',
    ['a.example.org'],
  ]);
});

test('X-Forwarded-Proto of a proxy in front is asked for where it is believed and decides', () => {
  const hops = { headerRules: { trustedHops: 1 } };
  const caveats = (rules: Partial<HttpHandler>, requireTls: VirtualHost['requireTls'], headers: Request['headers']) =>
    explained(
      managed(rules, { routeConfigurations: [routeConfiguration({ virtualHosts: [virtualHost({ requireTls })] })] }),
      { headers },
    ).caveats.filter((caveat) => caveat.includes('X-Forwarded-Proto'));
  const [none, given] = [new Map(), new Map([['x-forwarded-proto', ['http']]])];
  assert.equal(caveats(hops, 'all', none), [
    "the gateway believes X-Forwarded-Proto of proxies in front, and it decides here: if one sends it, add it, as in -H 'X-Forwarded-Proto: http'",
  ]);
  assert.equal([caveats({}, 'all', none), caveats(hops, 'none', none), caveats(hops, 'all', given)].flat(), []);
});

test('the server name chooses the certificate, the Host header the virtual host', () => {
  const { chain: served } = explained({}, { authority: 'b.example.org' });
  assert.equal(
    served?.certificates.map(({ secret: name, coversHost }) => [name, coversHost]),
    [['kubernetes://a', true]],
  );
  assert.equal(failure({}, { authority: 'b.example.org' }), [
    'no virtual host serves b.example.org',
    ['a.example.org'],
  ]);
  assert.equal(failure({}, { authority: 'a.example.org.' }), [
    'no virtual host serves a.example.org.: with the dot at its end it is another host',
    ['a.example.org'],
  ]);
});

test('where another header chooses the virtual host, or more of them may come, none is said to be missing', () => {
  const routed = (unevaluated: readonly string[], domains: readonly string[]) =>
    told({ routeConfigurations: [routeConfiguration({ unevaluated, virtualHosts: [virtualHost({ domains })] })] });
  assert.equal(routed(['vhost_header'], ['a.example.org']), ['unknown']);
  assert.equal(routed(['vhost_header'], ['b.example.org']), ['unknown']);
  assert.equal(routed(['vhost_header'], ['*']), ['route', 404, 'NR']);
  assert.equal(routed(['vhds'], ['b.example.org']), ['unknown']);
  assert.equal(routed(['vhds'], ['a.example.org']), ['route', 404, 'NR']);
});

test('where filter chains are for clients of some addresses, the way of each is told, and none is certain', () => {
  const own = (name: string, match: Partial<FilterChainMatch>) => {
    const routes = routeConfiguration({ virtualHosts: [virtualHost({ domains: ['*'], routes: [answering(name)] })] });
    return chain({ tls: undefined, match: chainMatch(match), handler: handler({ inlineRoutes: routes }) });
  };
  const answering = (body: string) => route({ action: { kind: 'direct-response', code: Number(body), body } });
  const ways = (filterChains: Listener['filterChains'], defaultFilterChain?: Listener['defaultFilterChain']) => {
    const { outcomes, caveats } = explained(listening({ filterChains, defaultFilterChain }), { scheme: 'http' });
    return [
      outcomes.map((one) => ('code' in one ? [one.code, ...(one.onlyIf ?? [])] : 'why' in one ? one.why : '')),
      caveats,
    ];
  };
  const [inside, local] = [{ sourcePrefixes: ['10.0.0.0/8'] }, { sourcePrefixes: ['127.0.0.0/8'] }];
  const alone = 'this filter chain is for clients from 10.0.0.0/8 alone, and the client is not known';
  assert.equal(ways([own('201', inside), own('202', local)], own('203', {})), [
    [[201, "the client's address"], 'clients from 127.0.0.0/8: respond 202; other clients: respond 203'],
    [alone],
  ]);
  assert.equal(ways([own('201', inside)]), [
    [[201, "the client's address"], 'other clients: the connection is closed'],
    [alone],
  ]);
  assert.equal(ways([own('201', inside), own('202', {})]), [
    [[202]],
    ['other filter chains ask for the addresses of clients: clients from 10.0.0.0/8: respond 201'],
  ]);
  assert.equal(ways([own('201', inside), own('201', {})]), [[[201]], []], 'the same for all');
  const types = [own('201', { sourceType: 'external' }), own('202', { sourceType: 'same-ip-or-loopback' })];
  assert.equal(ways(types), [
    [[201, "the client's address"], 'clients from the pod itself: respond 202'],
    ['this filter chain is for clients from another machine alone, and the client is not known'],
  ]);
});

test('a connection that is passed on may be for the cluster of its server name, and filters may close it', () => {
  const passed = (networkFilters: readonly string[], listenerFilters = ['tls_inspector']) => {
    const own = { kind: 'tcp', clusters: [{ cluster: 'own', weight: 1 }], accessLogs: [] } as const;
    const chains = [chain({ tls: undefined, networkFilters, handler: own, match: chainMatch() })];
    const clusters = ['own', 'a.example.org'].map((name) => cluster({ name }));
    const endpoints = clusters.map(({ name }) => endpoint({ cluster: name }));
    return explained({ ...listening({ filterChains: chains, listenerFilters }), clusters, endpoints });
  };
  const clustersOf = ({ outcomes }: ReturnType<typeof passed>) =>
    outcomes.map((one) => ('cluster' in one ? one.cluster : one.kind));
  assert.equal(clustersOf(passed([])), ['own']);
  assert.equal(clustersOf(passed(['a (sni_cluster)'])), ['a.example.org']);
  assert.equal(clustersOf(passed(['a (sni_cluster)'], [])), ['own']);
  assert.equal(passed(['envoy.filters.network.rbac']).mayAnswer, ['envoy.filters.network.rbac']);
});

test('a 404 behind another host than the server name is connection reuse, where the host has a filter chain of its own', () => {
  const forNames = (...serverNames: string[]) => chain({ match: { ...chain().match, serverNames } });
  const listeners = [listener({ filterChains: [chain(), forNames('b.example.org')] })];
  const codes = (over: Partial<PodConfiguration>, asked: Partial<Request>) =>
    outcomesOf(over, asked).flatMap(({ reasons = [] }) => reasons.map(({ code }) => code));
  const other = { authority: 'B.example.org.:443' };
  assert.equal(codes({ listeners }, other), ['connection-reuse']);
  const [one] = outcomesOf({ listeners, ...host({ domains: ['*'], routes: [] }) }, other);
  assert.match(one?.reasons?.[0]?.text ?? '', 'opened for a.example.org and used for b.example.org');
  assert.equal(codes({}, other), [], 'a host that has no filter chain');
  const both = forNames('a.example.org', 'b.example.org');
  assert.equal(codes({ listeners: [listener({ filterChains: [both] })] }, other), [], 'one filter chain for both');
  const httpFilters = [{ name: 'web', type: 'GrpcWeb', disabled: false, isConfigured: false }];
  const web = [listener({ filterChains: [chain({ handler: handler({ httpFilters }) }), forNames('b.example.org')] })];
  const headers = new Map([['content-type', ['application/grpc-web']]]);
  assert.equal(codes({ listeners: web }, { ...other, headers }), ['connection-reuse'], 'gRPC-Web, answered with 200');
  assert.equal(codes({ listeners }, {}), [], 'its own connection');
  assert.equal(codes({ listeners, ...host({ routes: [] }) }, {}), [], 'its own connection, and no route');
});

test('the Gateway behind the filter chain is named', () => {
  assert.equal(explained().gateway, { kind: 'Gateway', namespace: 'svc1', name: 'main' });
  assert.is(
    explained(
      managed(
        { routeConfiguration: 'http.8080' },
        { routeConfigurations: [routeConfiguration({ name: 'http.8080' })] },
      ),
    ).gateway,
    undefined,
  );
});

test('a certificate or CA that is not loaded fails the handshake', () => {
  assert.equal(told({ secrets: [] }), ['tls', undefined, undefined]);
  assert.equal(told({ secrets: [secret({ state: 'warming' })] }), ['tls', undefined, undefined]);
  const mutual = { ...simpleTls, mode: 'MUTUAL', clientCa: 'kubernetes://a-cacert' } as const;
  assert.equal(failure(listening({ filterChains: [chain({ tls: mutual })] })), [
    'CA kubernetes://a-cacert is not loaded: the handshake fails',
    [],
  ]);
});

test('mutual TLS wants a certificate of the client, optional mutual TLS does not', () => {
  const secrets = [secret(), secret({ name: 'ca', kind: 'ca' })];
  const withTls = (mode: 'MUTUAL' | 'OPTIONAL_MUTUAL'): Partial<PodConfiguration> => ({
    ...listening({ filterChains: [chain({ tls: { ...simpleTls, mode, clientCa: 'ca' } })] }),
    ...to(route()),
    secrets,
  });
  assert.equal(told(withTls('MUTUAL')), ['tls', undefined, undefined]);
  assert.equal(told(withTls('MUTUAL'), { hasClientCertificate: true }), ['forward']);
  assert.equal(told(withTls('OPTIONAL_MUTUAL')), ['forward']);
});

test('TLS to a chain of plain text fails, and plain text to one of TLS', () => {
  const plain = listening({ filterChains: [chain({ tls: undefined, match: { ...chain().match, serverNames: [] } })] });
  assert.equal(told(plain), ['tls', undefined, 'DPE']);
  const anyName = listening({ filterChains: [chain({ match: { ...chain().match, serverNames: [] } })] });
  assert.equal(told(anyName, { scheme: 'http', sni: undefined }), ['tls', undefined, undefined]);
});

test('a path that cannot be normalised is a 400, one with escaped slashes may be a redirect', () => {
  assert.equal(told({}, { path: '/%00' }), ['route', 400, undefined]);
  const [outcome] = outcomesOf(managed({ escapedSlashes: 'UNESCAPE_AND_REDIRECT' }), { path: '/a%2Fb?c' });
  assert.equal(outcome, { kind: 'redirect', share: 1, route: undefined, code: 307, location: '/a/b?c' });
  const grpc = new Map([['content-type', ['application/grpc']]]);
  assert.equal(told(managed({ escapedSlashes: 'UNESCAPE_AND_REDIRECT' }), { path: '/a%2Fb', headers: grpc }), [
    'route',
    200,
    undefined,
  ]);
});

test('a route configuration that is not loaded is a 404', () => {
  assert.equal(told({ routeConfigurations: [] }), ['route configuration', 404, 'NR']);
});

test('what this tool does not evaluate is unknown, not wrong', () => {
  assert.equal(told(listening({ hasMatcherTree: true })), ['unknown']);
  assert.equal(told(host({ hasMatcherTree: true })), ['unknown']);
  assert.equal(told(managed({ routeConfiguration: undefined })), ['unknown']);
  assert.equal(told(listening({ filterChains: [chain({ handler: { kind: 'unknown', type: 'x.Redis' } })] })), [
    'unknown',
  ]);
  assert.equal(told(to(route({ action: { kind: 'unknown', type: 'filter_action' } }))), ['unknown']);
});

test('routes in the listener itself need no route configuration', () => {
  const inline = routeConfiguration({ name: '', virtualHosts: [virtualHost({ routes: [route()] })] });
  assert.equal(told(managed({ routeConfiguration: undefined, inlineRoutes: inline }, { routeConfigurations: [] })), [
    'forward',
  ]);
});

test('a virtual host that requires TLS redirects plain requests, port and path as they came', () => {
  const plain = listening({ filterChains: [chain({ tls: undefined, match: { ...chain().match, serverNames: [] } })] });
  const asked = { scheme: 'http', sni: undefined, authority: 'a.example.org:8080', path: '/x?y' } as const;
  const [outcome] = outcomesOf({ ...plain, ...host({ requireTls: 'all', routes: [route()] }) }, asked);
  assert.equal(outcome, {
    kind: 'redirect',
    share: 1,
    route: undefined,
    code: 301,
    location: 'https://a.example.org:8080/x?y',
  });
  assert.equal(explained({ ...plain, ...host({ requireTls: 'external-only' }) }, asked).caveats, [
    'clients with a private address are not redirected to https',
  ]);
  assert.equal(told(host({ requireTls: 'all', routes: [route()] })), ['forward']);
});

test('the port of the host is cut off where the connection manager does so', () => {
  const exact = {
    routeConfigurations: [
      routeConfiguration({ ignorePortInHostMatching: false, virtualHosts: [virtualHost({ routes: [route()] })] }),
    ],
  };
  const asked = (authority: string, over: Partial<HttpHandler>): unknown[] => told(managed(over, exact), { authority });
  assert.equal(asked('a.example.org:8443', {}), ['virtual host', 404, 'NR']);
  assert.equal(asked('a.example.org:8443', { stripHostPort: 'matching' }), ['forward']);
  assert.equal(asked('a.example.org:443', { stripHostPort: 'matching' }), ['virtual host', 404, 'NR']);
  assert.equal(asked('a.example.org:443', { stripHostPort: 'any' }), ['forward']);
  assert.equal(asked('a.example.org.', { stripTrailingHostDot: true }), ['forward']);
  assert.equal(asked('a.example.org.', {}), ['virtual host', 404, 'NR']);
});

test('no route is a 404, with every route as a near miss', () => {
  const noneFits = to(route({ match: routeMatch({ path: { kind: 'exact', value: '/x', caseSensitive: true } }) }));
  const { misses } = explained(noneFits);
  assert.equal(told(noneFits), ['route', 404, 'NR']);
  assert.equal(
    misses.map(({ mismatches }) => mismatches.map(({ condition }) => condition)),
    [['path']],
  );
});

test('a cluster that does not exist is a 503 with NC, in Envoy 1.17 with NR; or what the route says', () => {
  const gone = to(route());
  assert.equal(told({ ...gone, clusters: [] }), ['cluster', 503, 'NC']);
  assert.equal(told({ ...gone, clusters: [], envoyVersion: '1.17.5' }), ['cluster', 503, 'NR']);
  assert.equal(told({ ...to(route({ action: forward({ clusterNotFoundCode: 404 }) })), clusters: [] }), [
    'cluster',
    404,
    'NC',
  ]);
  const warming = { ...gone, clusters: [cluster({ state: 'warming' })] };
  assert.equal(told(warming), ['cluster', 503, 'NC']);
  assert.match(whyOf(warming), 'is warming: Envoy waits for its first endpoints');
  assert.match(whyOf({ ...gone, clusters: [] }), 'does not exist');
});

test('a cluster whose name DNS does not know says so', () => {
  const unknown = cluster({ type: 'STRICT_DNS', inlineEndpoints: ['no.such.example:443'] });
  const resolved = { ...to(route()), clusters: [unknown], endpoints: [] };
  assert.match(whyOf(resolved), 'has no endpoint: Envoy has got no address of no.such.example from DNS');
});

test('a cluster without a healthy endpoint is a 503 with UH; in panic health does not count', () => {
  const sick = [endpoint({ health: 'UNHEALTHY' })];
  assert.equal(told({ ...to(route()), endpoints: [] }), ['endpoint', 503, 'UH']);
  assert.equal(told({ ...to(route()), endpoints: sick }), ['endpoint', 503, 'UH']);
  const [outcome] = outcomesOf({ ...to(route()), endpoints: sick, clusters: [cluster({ panicThreshold: 50 })] });
  assert.equal(outcome?.kind === 'forward' && outcome.isInPanic, true);
});

test('weights share the requests out; the route goes before the share in the host that the service gets', () => {
  const other = 'outbound|80||other.svc1.svc.cluster.local';
  const action = forward({
    to: {
      kind: 'weighted',
      totalWeight: 10,
      clusters: [
        { cluster: clusterName, weight: 9, host: 'set.example.org' },
        { cluster: other, weight: 1 },
        { cluster: 'none', weight: 0 },
      ],
    },
  });
  const outcomes = outcomesOf(to(route({ action })));
  assert.equal(
    outcomes.map(({ kind, share }) => [kind, share]),
    [
      ['forward', 0.9],
      ['fail', 0.1],
    ],
  );
  assert.is(outcomes[0]?.kind === 'forward' && outcomes[0].host, 'set.example.org');
  const [literal] = outcomesOf(
    to(route({ action: { ...action, rewrite: { ...action.rewrite, host: 'route.example.org' } } })),
  );
  assert.is(literal?.kind === 'forward' && literal.host, 'route.example.org');
});

test('the cluster may be named by a header, which may be missing', () => {
  const byHeader = to(route({ action: forward({ to: { kind: 'header', header: 'x-to' } }) }));
  assert.equal(told(byHeader, { headers: new Map([['x-to', [clusterName]]]) }), ['forward']);
  assert.equal(failure(byHeader), ['the header that names the cluster is missing', []]);
});

test('the service gets the rewritten path and host', () => {
  const rewrite = { ...forward().rewrite, prefix: '/new', host: 'b.example.org' };
  const [outcome] = outcomesOf(
    to(
      route({
        match: routeMatch({ path: { kind: 'prefix', value: '/old', caseSensitive: true } }),
        action: forward({ rewrite }),
      }),
    ),
    { path: '/old/x?y' },
  );
  assert.equal(outcome?.kind === 'forward' && [outcome.path, outcome.host], ['/new/x?y', 'b.example.org']);
});

test('a fault aborts its share of the requests before the route acts', () => {
  const fault = { abort: { code: 418, share: 0.3 }, delay: { ms: 10, share: 0.5 }, headers: [] };
  const { outcomes, caveats } = explained(to(route({ fault })));
  assert.equal(
    outcomes.map(({ kind, share }) => [kind, share]),
    [
      ['abort', 0.3],
      ['forward', 0.7],
    ],
  );
  assert.equal(caveats, ['route 1 delays 50% of its requests by 10ms']);
  const all = { ...fault, abort: { code: 418, share: 1 } };
  assert.equal(told(to(route({ fault: all, action: redirect() }))), ['abort']);
  const onlyFor = {
    name: 'x-a',
    value: { kind: 'present', present: true },
    invert: false,
    treatMissingAsEmpty: false,
  } as const;
  assert.equal(told(to(route({ fault: { ...all, headers: [onlyFor] } }))), ['forward']);
  assert.equal(told({ ...managed({ httpFilters: [] }), ...to(route({ fault: all })) }), ['forward']);
});

test('the CORS filter answers preflights of routes that forward, by their origin', () => {
  const preflight = {
    origins: [{ kind: 'exact', value: 'https://b', ignoreCase: false }],
    forwardsOthers: true,
  } as const;
  const asked = (origin: string, method = 'OPTIONS'): Partial<Request> => ({
    method,
    headers: new Map([
      ['origin', [origin]],
      ['access-control-request-method', ['GET']],
    ]),
  });
  assert.equal(told(to(route({ preflight })), asked('https://b')), ['preflight']);
  assert.equal(told(to(route({ preflight })), asked('https://c')), ['forward']);
  assert.equal(told(to(route({ preflight })), asked('https://b', 'GET')), ['forward']);
  assert.equal(told(to(route({ preflight: { ...preflight, forwardsOthers: false } })), asked('https://c')), [
    'preflight',
  ]);
  assert.equal(told(to(route({ preflight, action: redirect() })), asked('https://b')), ['redirect']);
});

test("gRPC clients get Envoy's own answers as 200 with a status", () => {
  const grpc = { headers: new Map([['content-type', ['application/grpc']]]) };
  const [notFound] = outcomesOf({}, grpc);
  assert.equal(notFound?.kind === 'fail' && [notFound.code, notFound.grpcStatus], [200, 12]);
  const [moved] = outcomesOf(to(route({ action: redirect() })), grpc);
  assert.equal(moved?.kind === 'redirect' && [moved.code, moved.grpcStatus, moved.location], [
    200,
    2,
    'https://a.example.org/',
  ]);
  assert.equal(told(to(route()), grpc), ['forward']);
});

test('so do clients of gRPC-Web, where its filter makes gRPC of what they send', () => {
  const web = { headers: new Map([['content-type', ['application/grpc-web+proto']]]) };
  const filter = { name: 'envoy.filters.http.grpc_web', type: 'GrpcWeb', disabled: false, isConfigured: false };
  const told = (changes: Parameters<typeof managed>[0]): unknown => {
    const [outcome] = outcomesOf(managed(changes), web);
    return outcome?.kind === 'fail' && [outcome.code, outcome.grpcStatus];
  };
  assert.equal(told({ httpFilters: [filter] }), [200, 12]);
  assert.equal(told({ httpFilters: [{ ...filter, disabled: true }] }), [404, undefined]);
  assert.equal(told({ httpFilters: [] }), [404, undefined]);
});

test('a connection that is passed through is closed where no rule lets it, or a rule meets all', () => {
  const handler = { kind: 'tcp', clusters: [{ cluster: clusterName, weight: 1 }], accessLogs: [] } as const;
  const tellOf = (action: string, ...one: readonly AccessCondition[]): unknown => {
    const policies = [policiesOf(action, { one })];
    const [outcome] = explained(listening({ filterChains: [chain({ tls: undefined, handler, policies })] })).outcomes;
    return outcome?.kind === 'fail' ? [outcome.code, outcome.reasons?.[0]?.text] : outcome?.kind;
  };
  const client: AccessCondition = { kind: 'unknown', says: "the client's address", isOfClient: true };
  assert.equal(tellOf('ALLOW'), [undefined, 'no rule of the AuthorizationPolicies with action ALLOW can be met by it']);
  assert.equal(tellOf('DENY', { kind: 'always' }), [
    undefined,
    'AuthorizationPolicy istio-system/one denies it: spec.rules[0]',
  ]);
  assert.is(tellOf('ALLOW', client), 'tcp');
  assert.is(tellOf('DENY', client), 'tcp');
});

test('passthrough goes by server name to a cluster, and fails without an answer', () => {
  const tcp = (name: string): Partial<PodConfiguration> =>
    listening({
      filterChains: [
        chain({ tls: undefined, handler: { kind: 'tcp', clusters: [{ cluster: name, weight: 1 }], accessLogs: [] } }),
      ],
    });
  assert.equal(told(tcp(clusterName)), ['tcp']);
  assert.equal(explained(tcp(clusterName)).caveats, []);
  const tls = {
    mode: 'SIMPLE',
    sni: undefined,
    autoSni: false,
    subjectAltNames: [],
    ca: undefined,
    isVerified: false,
  } as const;
  assert.match(
    explained({ ...tcp(clusterName), clusters: [cluster({ tls })] }).caveats.join(),
    "inside a TLS of the gateway's own",
  );
  assert.equal(told(tcp('gone')), ['cluster', undefined, 'NC']);
  assert.equal(told({ ...tcp(clusterName), endpoints: [] }), ['endpoint', undefined, 'UH']);
});

test('filters that may answer first are caveats, and so are conditions that nobody can judge', () => {
  const httpFilters = [
    { name: 'envoy.filters.http.ext_authz', type: 'ExtAuthz', disabled: false, isConfigured: true },
    { name: 'envoy.filters.http.fault', type: 'HTTPFault', disabled: false, isConfigured: false },
    { name: 'off', type: 'Lua', disabled: true, isConfigured: true },
  ];
  const { caveats, outcomes } = explained({
    ...managed({ httpFilters }),
    ...to(route({ match: routeMatch({ others: ['dynamic_metadata'] }) }), route()),
  });
  assert.equal(
    outcomes.map(({ onlyIf }) => onlyIf),
    [['dynamic_metadata'], undefined],
  );
  assert.equal(caveats, [
    'filter envoy.filters.http.ext_authz may refuse (401, 403) by asking an authorization service',
    'route 1 also asks for dynamic_metadata, which cannot be judged from outside',
  ]);
});

test('of two addresses of one port the other is said to be there, with what comes of a request to it', () => {
  const bound = (address: string, serverNames: readonly string[]) =>
    listener({
      name: `${address}_8443`,
      address,
      filterChains: [chain({ match: { ...chain().match, serverNames } })],
    });
  const both = [bound('10.0.0.1', ['b.example.org']), bound('10.0.0.2', ['a.example.org'])];
  const { listener: met, caveats } = explained({ ...to(route()), listeners: both });
  assert.is(met, '10.0.0.2_8443');
  assert.match(caveats.join(), /listener 10.0.0.1_8443 has the same port at another address: .*no filter chain/);
  assert.is(explained({ ...to(route()), listeners: both, podIp: '10.0.0.1' }).listener, '10.0.0.1_8443');
  // `::` need not take IPv4: which of these two takes the connection is not known.
  const dual = [bound('::', ['b.example.org']), bound('10.0.0.2', ['a.example.org'])];
  assert.is(explained({ ...to(route()), listeners: dual, podIp: '10.0.0.1' }).listener, '10.0.0.2_8443');
  const alone = { ...to(route()), listeners: [bound('10.0.0.2', ['a.example.org'])], podIp: '10.0.0.1' };
  assert.match(explained(alone).caveats.join(), /nothing listens at the pod's own address, 10.0.0.1, .* at 10.0.0.2/);
  assert.not.match(explained({ ...alone, podIp: '10.0.0.2' }).caveats.join(), /nothing listens/);
  const sixth = bound('::', ['a.example.org']);
  const only = (one: Listener): string =>
    explained({ ...to(route()), listeners: [one], podIp: '10.0.0.1' }).caveats.join();
  assert.match(only(sixth), "nothing listens at 10.0.0.1, the pod's address: :: takes IPv6 alone");
  assert.not.match(only({ ...sixth, ipv4Compat: true }), /nothing listens/);
});

test('a port where only QUIC is listened for refuses a TCP connection', () => {
  assert.match(JSON.stringify(outcomesOf(listening({ transport: 'UDP' }))), /only UDP .HTTP\/3. is listened for/);
});

const http: Partial<Request> = { scheme: 'http', sni: undefined, alpn: [] };
const proto = (value: string) => new Map([['x-forwarded-proto', [value]]]);
/** A plain HTTP listener with these settings, whose virtual host asks for TLS. */
const askingForTls = (over: Partial<HttpHandler>): Partial<PodConfiguration> => ({
  ...host({ requireTls: 'all', routes: [route()] }),
  listeners: [
    listener({
      filterChains: [chain({ tls: undefined, match: { ...chain().match, serverNames: [] }, handler: handler(over) })],
    }),
  ],
});

test('behind a load balancer that ends TLS, X-Forwarded-Proto decides where it is believed', () => {
  const asked = { ...http, headers: proto('https') };
  assert.equal(told(askingForTls({}), asked), ['redirect']);
  assert.equal(told(askingForTls({ headerRules: { trustedHops: 1 } }), asked), ['forward']);
  assert.equal(told(askingForTls({ useRemoteAddress: false }), asked), ['forward']);
  assert.equal(told(askingForTls({ headerRules: { trustedHops: 1 } }), { ...http, headers: proto('') }), [
    'route',
    404,
    'NR',
  ]);
});

test('the scheme of a redirect is the one that Envoy has for the request, and so is the port that goes', () => {
  const locationOf = (over: Partial<HttpHandler>, authority: string): unknown => {
    const [outcome] = outcomesOf(
      {
        ...askingForTls(over),
        ...to(route({ action: redirect({ path: '/new' }) })),
      },
      { ...http, authority, headers: proto('https') },
    );
    return outcome && 'location' in outcome && outcome.location;
  };
  assert.is(locationOf({}, 'a.example.org'), 'http://a.example.org/new');
  assert.is(locationOf({ useRemoteAddress: false }, 'a.example.org'), 'https://a.example.org/new');
});

test('a route that asks for a header which the gateway takes away is not matched, and that is said', () => {
  const asking = { name: 'x-envoy-retry-on', value: { kind: 'present', present: true } } as const;
  const routes = to(
    route({ match: routeMatch({ headers: [{ ...asking, invert: false, treatMissingAsEmpty: false }] }) }),
  );
  const headers = new Map([['x-envoy-retry-on', ['5xx']]]);
  assert.equal(told(routes, { headers }), ['route', 404, 'NR']);
  assert.match(explained(routes, { headers }).caveats.join(), 'takes header x-envoy-retry-on away');
});

test('paths are matched up to their first semicolon where the route configuration says so', () => {
  const exact = to(route({ match: routeMatch({ path: { kind: 'exact', value: '/a', caseSensitive: true } }) }));
  const ignoring = {
    routeConfigurations: exact.routeConfigurations?.map((one) => ({ ...one, ignoresPathParameters: true })),
  } as Partial<PodConfiguration>;
  assert.equal(told(exact, { path: '/a;v=1?x' }), ['route', 404, 'NR']);
  assert.equal(told(ignoring, { path: '/a;v=1?x' }), ['forward']);
});

test.run();
