import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseFilterChain, connectionOf } from '#analysis/request/filter-chain.ts';
import type { FilterChainMatch } from '#model/listener.ts';
import { chainMatch } from '../../support/builders/listener.ts';
import { chain, listener, request } from '../../support/builders/way.ts';

const named = (name: string, match: Partial<FilterChainMatch>) => chain({ name, match: chainMatch(match) });
const connection = { serverName: 'x.w.example.org', isTls: true, alpn: ['h2', 'http/1.1'], port: 8443 } as const;
const chosen = (chains: ReturnType<typeof named>[], over: Partial<Parameters<typeof chooseFilterChain>[1]> = {}) => {
  const { chain: found, failedAt } = chooseFilterChain(listener({ filterChains: chains }), { ...connection, ...over });
  return found?.name ?? failedAt;
};

const exact = named('exact', { serverNames: ['x.w.example.org'] });
const near = named('near', { serverNames: ['*.w.example.org'] });
const far = named('far', { serverNames: ['*.example.org'] });
const any = named('any', {});

test('takes the most specific server name, whatever the order', () => {
  assert.is(chosen([any, far, near, exact]), 'exact');
  assert.is(chosen([any, far, near]), 'near');
  assert.is(chosen([any, far], { serverName: 'y.x.w.example.org' }), 'far');
  assert.is(chosen([far, any], { serverName: 'example.org' }), 'any');
  assert.is(chosen([far, any], { serverName: undefined }), 'any');
  assert.is(chosen([exact], { serverName: 'X.W.Example.ORG' }), 'exact');
});

test('does not go back to a less specific name when a later level fails', () => {
  const h2Only = named('h2 only', { serverNames: ['x.w.example.org'], applicationProtocols: ['h2'] });
  assert.is(chosen([h2Only, near, any], { alpn: ['http/1.1'] }), 'application protocol');
  const port = named('port', { destinationPort: 8443, serverNames: ['other.example.org'] });
  assert.is(chosen([port, exact]), 'server name');
});

test("takes the client's first protocol that some chain asks for, then a chain that asks for none", () => {
  const [h1, h2, none] = [
    named('h1', { applicationProtocols: ['http/1.1'] }),
    named('h2', { applicationProtocols: ['h2'] }),
    named('none', {}),
  ];
  assert.is(chosen([h1, h2, none]), 'h2');
  assert.is(chosen([h1, h2, none], { alpn: ['http/1.1', 'h2'] }), 'h1');
  assert.is(chosen([h1, h2, none], { alpn: ['spdy'] }), 'none');
});

test('tells TLS from plain text', () => {
  const [tls, raw] = [named('tls', { transportProtocol: 'tls' }), named('raw', { transportProtocol: 'raw_buffer' })];
  assert.is(chosen([tls, raw]), 'tls');
  assert.is(chosen([tls, raw], { isTls: false }), 'raw');
  assert.is(chosen([tls], { isTls: false }), 'transport protocol');
});

test('falls back to the default chain, and says so', () => {
  const { chain: found, isDefault } = chooseFilterChain(listener({ filterChains: [exact], defaultFilterChain: any }), {
    ...connection,
    serverName: 'b',
  });
  assert.equal([found?.name, isDefault], ['any', true]);
});

test('prefers a chain that asks for no addresses, and says that others do', () => {
  const inside = named('inside', { sourcePrefixes: ['10.0.0.0/8'] });
  const { chain: found, others } = chooseFilterChain(listener({ filterChains: [inside, any] }), connection);
  assert.equal([found?.name, others.map((one) => one?.name)], ['any', ['inside']]);
  assert.not.ok(chooseFilterChain(listener({ filterChains: [inside, any] }), connection).isByAddress);
  assert.ok(chooseFilterChain(listener({ filterChains: [inside] }), connection).isByAddress);
});

test('the longest prefix that holds the address comes before the server name, and there is no way back', () => {
  const wide = named('wide', { destinationPrefixes: ['10.0.0.0/8', 'fd00::/8'], serverNames: ['other.example.org'] });
  const narrow = named('narrow', { destinationPrefixes: ['10.0.0.1/32'] });
  const at = (address: string | undefined, ...chains: ReturnType<typeof named>[]): unknown =>
    chosen(chains, address === undefined ? {} : { address });
  assert.is(at('10.0.0.1', wide, narrow, any), 'narrow');
  assert.is(at('10.0.0.2', wide, narrow, any), 'server name');
  assert.is(at('fd00::1', wide, any), 'server name');
  assert.is(at('192.0.2.1', wide, narrow, any), 'any');
  assert.is(at('192.0.2.1', wide, narrow), 'destination address');
  assert.is(at('10.0.0.1', named('port', { destinationPort: 8443 }), narrow), 'port');
  const { others } = chooseFilterChain(listener({ filterChains: [narrow, any] }), {
    ...connection,
    address: '10.0.0.1',
  });
  assert.equal(others, []);
});

test('what the HTTP inspector finds is a protocol that is offered', () => {
  const http = request({ scheme: 'http', sni: undefined, alpn: [] });
  const inspected = listener({ listenerFilters: ['envoy.filters.listener.http_inspector'] });
  assert.equal(connectionOf(inspected, http, 8080).alpn, ['http/1.1']);
  assert.equal(connectionOf(inspected, request(), 8443).alpn, []);
  assert.equal(connectionOf(listener(), http, 8080).alpn, []);
});

test('a listener without a TLS inspector knows nothing of the hello', () => {
  assert.equal(connectionOf(listener({ listenerFilters: [] }), request(), 8080), {
    serverName: undefined,
    isTls: false,
    alpn: [],
    port: 8080,
  });
  assert.is(connectionOf(listener(), request(), 8443).serverName, 'a.example.org');
  const renamed = listener({ listenerFilters: ['hello (TlsInspector)'] });
  assert.is(connectionOf(renamed, request(), 8443).serverName, 'a.example.org');
});

test('a connection of QUIC is chosen for without an inspector, as quic and h3', () => {
  const udp = { listenerFilters: [], transport: 'UDP' } as const;
  const over = connectionOf(udp, request({ sni: 'x.w.example.org' }), 8443);
  const [tls, quic, h2, h3] = [
    named('tls', { transportProtocol: 'tls' }),
    named('quic', { transportProtocol: 'quic' }),
    named('h2', { applicationProtocols: ['h2'] }),
    named('h3', { applicationProtocols: ['h3'] }),
  ];
  assert.is(chosen([tls, quic, any], over), 'quic');
  assert.is(chosen([tls], over), 'transport protocol');
  assert.is(chosen([h2, h3, any], over), 'h3');
  assert.is(chosen([far, near, any], over), 'near');
  assert.is(chosen([quic, any]), 'any');
});

test.run();
