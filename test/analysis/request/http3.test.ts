// HTTP/3 beside TCP on one port. What Envoy does is in the differential test: test/real-cluster/explain-envoy.test.ts.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explain } from '#analysis/request/explain.ts';
import type { PodConfiguration } from '#model/configuration.ts';
import type { FilterChain, Listener } from '#model/listener.ts';
import type { Request } from '#model/request.ts';
import {
  chain,
  configuration,
  entry,
  handler,
  listener,
  request,
  route,
  routeConfiguration,
  secret,
  simpleTls,
  virtualHost,
} from '../../support/builders/way.ts';

const quicTls = { ...simpleTls, alpn: ['h3'] };
const quic = (changes: Partial<FilterChain> = {}, more: Partial<Listener> = {}): Listener =>
  listener({
    name: 'udp_0.0.0.0_8443',
    transport: 'UDP',
    listenerFilters: [],
    filterChains: [chain({ tls: quicTls, ...changes })],
    ...more,
  });
const routes = (name: string): PodConfiguration['routeConfigurations'][number] =>
  routeConfiguration({ name, virtualHosts: [virtualHost({ routes: [route()] })] });
const own = routeConfiguration().name;

const beside = (udp: Listener, over: Partial<PodConfiguration> = {}): Partial<PodConfiguration> => ({
  listeners: [udp, listener()],
  routeConfigurations: [routes(own)],
  ...over,
});
const explained = (over: Partial<PodConfiguration>, asked: Partial<Request> = {}) =>
  explain(configuration(over), request(asked), entry);
const http3: Partial<Request> = { alpn: ['h3'] };
const failureOf = (over: Partial<PodConfiguration>, asked: Partial<Request> = http3): unknown => {
  const [one] = explained(over, asked).outcomes;
  return one?.kind === 'fail' ? [one.at, one.code, one.flag, one.why] : one?.kind;
};

test('a client of HTTP/3 reaches the listener for UDP, every other that for TCP', () => {
  const both = beside(quic({ handler: handler({ routeConfiguration: 'other' }) }), {
    routeConfigurations: [routes(own), routes('other')],
  });
  const way = (asked: Partial<Request>): unknown[] => {
    const { listener: met, routeConfiguration: met2, outcomes } = explained(both, asked);
    return [met, met2, outcomes[0]?.kind];
  };
  assert.equal(way(http3), ['udp_0.0.0.0_8443', 'other', 'forward']);
  assert.equal(way({}), ['0.0.0.0_8443', own, 'forward']);
});

test('what HTTP/3 does otherwise is a line of the way over TCP, and nothing where it is alike', () => {
  const told = (udp: Listener, over: Partial<PodConfiguration> = {}, asked: Partial<Request> = {}): string =>
    explained(beside(udp, over), asked)
      .caveats.filter((line) => line.includes('HTTP/3'))
      .join();
  const line = (what: string): string =>
    `HTTP/3 differs (listener udp_0.0.0.0_8443): ${what} (explain --http3 tells more)`;
  assert.is(told(quic()), '');
  assert.is(told(quic(), {}, http3), '');
  assert.is(told(quic({ match: { ...chain().match, serverNames: [] } })), '');
  assert.is(
    told(quic({ match: { ...chain().match, serverNames: ['b'] } })),
    line('no filter chain for server name a.example.org: the handshake fails'),
  );
  const secrets = [secret(), secret({ name: 'kubernetes://b' })];
  assert.is(
    told(quic({ tls: { ...quicTls, certificates: ['kubernetes://b'] } }), { secrets }),
    line('the certificates are kubernetes://b'),
  );
  assert.is(
    told(quic({ handler: handler({ routeConfiguration: 'other' }) }), {
      routeConfigurations: [routes(own), routes('other')],
    }),
    line('the routes are other'),
  );
  const guarded = chain({ networkFilters: ['envoy.filters.network.rbac'] });
  assert.is(
    told(quic(), { listeners: [quic(), listener({ filterChains: [guarded] })] }),
    line('the filters that may answer first are none by name'),
  );
});

test('a client certificate that TCP alone requires', () => {
  const mutual = listener({ filterChains: [chain({ tls: { ...simpleTls, mode: 'MUTUAL' } })] });
  const listeners = [mutual, quic({ tls: { ...quicTls, mode: 'OPTIONAL_MUTUAL' } })];
  const { caveats, outcomes } = explained(beside(quic(), { listeners }));
  assert.is(outcomes[0]?.kind, 'fail');
  assert.match(caveats.join(), /no client certificate is required; forwarded to outbound\|80\|\|web/);
  const brought = explained(beside(quic(), { listeners }), { hasClientCertificate: true });
  assert.match(brought.caveats.join(), /: no client certificate is required \(explain/);
});

test('before 1.40 Envoy asks nobody for a client certificate over QUIC', () => {
  const mutual = beside(quic({ tls: { ...quicTls, mode: 'MUTUAL' } }));
  const brings = { ...http3, hasClientCertificate: true };
  assert.equal(failureOf(mutual, brings), 'forward');
  assert.match(JSON.stringify(failureOf({ ...mutual, envoyVersion: '1.39.1' }, brings)), /"tls",null,null,"a client/);
});

test('a port that has TCP alone says what HTTP/3 takes, and an update of TCP is no reason', () => {
  const [at, , , why] = failureOf({ listeners: [listener()] }) as string[];
  assert.is(at, 'listener');
  assert.match(why ?? '', /^only TCP is listened for on port 8443: .*PILOT_ENABLE_QUIC_LISTENERS .* for UDP too$/);
  assert.match(
    JSON.stringify(failureOf({ listeners: [listener({ state: 'warming' })] })),
    /nothing listens on port 8443/,
  );
});

test('a connection that no filter chain of QUIC takes is in no access log', () => {
  const other = quic({ match: { ...chain().match, serverNames: ['b'] } });
  assert.equal(failureOf(beside(other)), [
    'filter chain',
    undefined,
    undefined,
    'no filter chain for server name a.example.org: the handshake fails',
  ]);
});

test.run();
