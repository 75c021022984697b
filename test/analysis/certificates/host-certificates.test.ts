import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  chooseChains,
  hostCertificates,
  looseCertificates,
  secretMatcher,
  secretsOfChains,
} from '#analysis/certificates/host-certificates.ts';
import { hostCertificateKey } from '#model/host-certificate.ts';
import type { FilterChain, Listener } from '#model/listener.ts';
import { secret } from '../../support/builders/certificate.ts';
import {
  chainMatch,
  downstreamTls,
  filterChain,
  httpHandler,
  listener as listenerOf,
} from '../../support/builders/listener.ts';

const http = (routeConfiguration: string) => httpHandler({ routeConfiguration });
const tls = (certificates: readonly string[], clientCa?: string) =>
  downstreamTls({ mode: clientCa === undefined ? 'SIMPLE' : 'MUTUAL', certificates, clientCa });
const chain = (
  serverNames: readonly string[],
  ended: FilterChain['tls'],
  handler: FilterChain['handler'] = httpHandler(),
): FilterChain => filterChain({ match: chainMatch({ serverNames }), tls: ended, handler });
const listener = (port: number, filterChains: readonly FilterChain[], changes: Partial<Listener> = {}): Listener =>
  listenerOf({ name: `0.0.0.0_${port}`, port, filterChains, ...changes });

const passthrough = chain(['pass.example'], undefined, {
  kind: 'tcp',
  clusters: [{ cluster: 'outbound|443||db', weight: 1 }] as never,
  accessLogs: [],
});
const listeners: readonly Listener[] = [
  listener(8443, [
    chain(['a.example'], tls(['kubernetes://a'])),
    chain(['*.b.example'], tls(['kubernetes://b'])),
    chain(['x.b.example'], tls(['kubernetes://x'])),
  ]),
  listener(8444, [chain(['mtls.example'], tls(['kubernetes://m'], 'kubernetes://m-cacert'))]),
  listener(8445, [passthrough]),
  listener(8080, [chain([], undefined)]),
  listener(15021, [chain([], undefined)], { state: 'static' }),
  listener(9443, [chain(['late.example'], tls(['kubernetes://late']))], { state: 'warming' }),
];

const rows = (
  asked: string | undefined,
  names: readonly string[] = [],
  claimed: readonly { host: string; port: number }[] = [],
) =>
  hostCertificates(
    chooseChains(listeners, claimed, asked),
    names.map((name) => secret({ name })),
    'certificate',
  ).map(({ host, port, outcome, why, serverName, secret: name }) => [host, port, outcome, why, serverName, name]);

test('every server name of every listener that looks at TLS is a host; what is warming, static or plain is none', () => {
  assert.equal(
    rows(undefined, [
      'kubernetes://a',
      'kubernetes://b',
      'kubernetes://x',
      'kubernetes://m',
      'kubernetes://m-cacert',
    ]).map(([host, port, outcome]) => [host, port, outcome]),
    [
      ['a.example', 8443, 'certificate'],
      ['*.b.example', 8443, 'certificate'],
      ['x.b.example', 8443, 'certificate'],
      ['mtls.example', 8444, 'certificate'],
      ['pass.example', 8445, 'passthrough'],
    ],
  );
});

test('a certificate that is not there, or is there without the CA of its clients, is none', () => {
  const [a] = rows('a.example');
  assert.equal(a, ['a.example', 8443, 'none', 'not-loaded', 'a.example', 'kubernetes://a']);
  const [mutual] = hostCertificates(
    chooseChains(listeners, [], 'mtls.example'),
    [secret({ name: 'kubernetes://m' })],
    'certificate',
  );
  assert.equal([mutual?.outcome, mutual?.waitsFor], ['none', 'kubernetes://m-cacert']);
});

test('a certificate whose update is warming goes on serving', () => {
  const both = [secret({ name: 'kubernetes://a' }), secret({ name: 'kubernetes://a', state: 'warming', chain: [] })];
  for (const held of [both, both.toReversed()]) {
    const [a] = hostCertificates(chooseChains(listeners, [], 'a.example'), held, 'certificate');
    assert.equal([a?.outcome, a?.envoySecret?.state], ['certificate', 'active']);
  }
});

test('a host that no chain names gets that of a wildcard, else the connection is closed on every port', () => {
  assert.equal(rows('y.b.example', ['kubernetes://b']), [
    ['y.b.example', 8443, 'certificate', undefined, '*.b.example', 'kubernetes://b'],
  ]);
  assert.equal(
    rows('nobody.example').map(([host, port, outcome, why]) => [host, port, outcome, why]),
    [8443, 8444, 8445].map((port) => ['nobody.example', port, 'none', 'no-filter-chain']),
  );
});

test('a host that only a Gateway names is looked up as its clients would', () => {
  const claimed = [
    { host: 'z.b.example', port: 8443 },
    { host: 'c.example', port: 7443 },
  ];
  assert.equal(rows('z.b.example', ['kubernetes://b'], claimed), [
    ['z.b.example', 8443, 'certificate', undefined, '*.b.example', 'kubernetes://b'],
  ]);
  assert.equal(rows('c.example', [], claimed), [['c.example', 7443, 'none', 'no-listener', undefined, undefined]]);
});

test('what is asked for may be a pattern, or the name of a secret', () => {
  const hosts = (asked: string): unknown[] => rows(asked).map(([host]) => host);
  assert.equal(hosts('*.example'), ['a.example', '*.b.example', 'x.b.example', 'mtls.example', 'pass.example']);
  assert.equal(hosts('kubernetes://b'), ['*.b.example']);
  assert.equal(hosts('m-cacert'), ['mtls.example']);
  assert.equal(hosts('ROOTCA'), []);
});

test('only the secrets of what is asked for are needed', () => {
  assert.equal(secretsOfChains(chooseChains(listeners, [], 'mtls.example')), [
    'kubernetes://m',
    'kubernetes://m-cacert',
  ]);
});

test('the CA of clients is a row of its own, for hosts that have one', () => {
  const chosen = chooseChains(listeners, [], undefined);
  const cas = hostCertificates(chosen, [], 'client-ca');
  assert.equal(
    cas.map(({ host, secret: name }) => [host, name]),
    [['mtls.example', 'kubernetes://m-cacert']],
  );
});

test('a chain for a destination port is taken before one for the server name', () => {
  const first = chain([], tls(['kubernetes://port']));
  const byPort = { ...first, match: { ...first.match, destinationPort: 8443 } };
  const [chosen] = chooseChains(
    [listener(8443, [chain(['a.example'], tls(['kubernetes://a'])), byPort])],
    [],
    'a.example',
  );
  assert.equal(chosen?.chain?.tls?.certificates, ['kubernetes://port']);
  const other = { ...byPort, match: { ...byPort.match, serverNames: ['other.example'] } };
  const [closed] = chooseChains(
    [listener(8443, [chain(['a.example'], tls(['kubernetes://a'])), other])],
    [],
    'a.example',
  );
  assert.is(closed?.why, 'no-filter-chain');
});

test('where no chain takes a host, an update of the listener that is not in force is named', () => {
  const chains = [chain(['a.example'], tls(['kubernetes://a']))];
  const updates = (listeners: readonly Listener[], host = 'b.example') =>
    chooseChains(listeners, [{ host, port: 8443 }], host).map(({ update }) => update);
  const rejected = { details: 'overlapping', at: undefined, version: undefined };
  assert.equal(updates([listener(8443, chains, { rejected })]), [
    'Envoy rejected the last update of 0.0.0.0_8443: overlapping',
  ]);
  assert.equal(updates([listener(8443, chains), listener(8443, chains, { state: 'warming' })]), [
    'an update of 0.0.0.0_8443 is warming',
  ]);
  assert.equal(updates([listener(8443, chains), listener(0, [], { name: '', state: 'warming', rejected })]), [
    'Envoy rejected the last update of a listener: overlapping',
  ]);
  assert.equal(updates([listener(8443, chains)]), [undefined]);
  assert.equal(updates([listener(8443, chains, { rejected })], 'a.example'), [undefined]);
});

test('a listener with a matcher tree is not guessed at', () => {
  const [chosen] = chooseChains(
    [listener(8443, [chain(['a.example'], tls(['kubernetes://a']))], { hasMatcherTree: true })],
    [],
    'a.example',
  );
  assert.equal([chosen?.why, chosen?.chain], ['matcher-tree', undefined]);
});

test('seven hundred hosts are looked up without going through all chains for each', () => {
  const hosts = Array.from({ length: 700 }, (_, i) => `svc${i}.example`);
  let looked = 0;
  const count = ({ match }: FilterChain): FilterChain['match'] => {
    looked += 1;
    return match;
  };
  const chains = hosts.map((host) => {
    const one = chain([host], tls([`kubernetes://${host}`]));
    return Object.defineProperty({ ...one }, 'match', { enumerable: true, get: () => count(one) });
  });
  assert.is(chooseChains([listener(8443, chains)], [], undefined).filter((chosen) => chosen.chain).length, 700);
  assert.ok(looked < 700 * 60, `${looked}`);
});

test('a Gateway that the name of the route configuration does not tell is shown as that name', () => {
  const rows = (address: string, ...existing: string[]) =>
    hostCertificates(
      chooseChains(
        [
          listener(8443, [chain(['a.example'], tls([]), http('https.8443.https.gw.ns.10.0.0.1'))], { address }),
          listener(8443, [chain(['b.example'], tls([]))], { address: '10.0.0.7' }),
        ],
        [],
        'a.example',
      ),
      [],
      'certificate',
      { existing: existing.map((name) => ({ kind: 'Gateway', namespace: 'ns', name })) },
    ).map(({ gateway, routeConfiguration }) => gateway?.name ?? routeConfiguration);
  assert.equal(rows('10.0.0.1'), ['gw']);
  const unclear = httpHandler({ routeConfiguration: 'https.443.https' });
  const [row] = hostCertificates(
    chooseChains([listener(8443, [chain(['a.example'], tls([]), unclear)])], [], undefined),
    [],
    'certificate',
  );
  assert.equal([row?.gateway, row?.routeConfiguration], [undefined, 'https.443.https']);
});

test('secrets are named with or without their scheme', () => {
  assert.ok(secretMatcher('svc1-*')('kubernetes://svc1-tls'));
  assert.ok(secretMatcher('kubernetes://svc1-tls')('kubernetes://svc1-tls'));
  assert.not.ok(secretMatcher('svc1')('kubernetes://svc1-tls'));
});

test('a secret that no host uses is a row without a host', () => {
  const [ca, waiting] = looseCertificates([
    secret({ name: 'ROOTCA', kind: 'ca' }),
    secret({ name: 'w', state: 'warming', chain: [] }),
  ]);
  assert.equal([ca?.host, ca?.outcome, waiting?.outcome, waiting?.waitsFor], [undefined, 'certificate', 'none', 'w']);
});

const rowsOf = (listeners_: readonly Listener[], claimed: { host: string; port: number }[] = []) =>
  hostCertificates(chooseChains(listeners_, claimed, undefined), [], 'certificate').map(
    ({ host, address, secret: name, why }) => [host, address, name, why],
  );

test('QUIC beside TCP is no second row, and takes no TLS passthrough away, in whatever order they stand', () => {
  const tcp = listener(8443, [chain(['a.example'], tls(['kubernetes://a'])), passthrough]);
  const udp = listener(8443, [chain(['a.example'], tls(['kubernetes://a']))], { transport: 'UDP' });
  const rows = [
    ['a.example', undefined, 'kubernetes://a', 'not-loaded'],
    ['pass.example', undefined, undefined, undefined],
  ];
  assert.equal(rowsOf([tcp, udp]), rows);
  assert.equal(rowsOf([udp, tcp]), rows);
});

test('a host that two addresses of one port have is a row for each, and a claim finds it at either', () => {
  const bound = (address: string, ...names: readonly string[]) =>
    listener(8443, [chain(names, tls([`kubernetes://${address}`]))], { name: `${address}_8443`, address });
  const both = [bound('10.0.0.1', 'a.example'), bound('10.0.0.2', 'a.example', 'b.example')];
  const rows = [
    ['a.example', '10.0.0.1', 'kubernetes://10.0.0.1', 'not-loaded'],
    ['a.example', '10.0.0.2', 'kubernetes://10.0.0.2', 'not-loaded'],
    ['b.example', '10.0.0.2', 'kubernetes://10.0.0.2', 'not-loaded'],
  ];
  assert.equal(rowsOf(both, [{ host: 'b.example', port: 8443 }]), rows);
  assert.equal(rowsOf(both.toReversed(), [{ host: 'b.example', port: 8443 }]), [rows[1], rows[2], rows[0]]);
});

test('a port with QUIC alone has a row for each host, by the chains for QUIC', () => {
  const only = (serverNames: readonly string[], transportProtocol: string): FilterChain =>
    filterChain({
      match: chainMatch({ serverNames, transportProtocol }),
      tls: tls([`kubernetes://${transportProtocol}`]),
    });
  const udp = listener(8443, [only(['a'], 'tls'), only(['a'], 'quic')], { transport: 'UDP' });
  assert.equal(rowsOf([udp]), [['a', undefined, 'kubernetes://quic', 'not-loaded']]);
});

test('a client certificate that is required over TCP and not over QUIC', () => {
  const tcp = listener(8443, [chain(['a'], tls(['kubernetes://a'], 'kubernetes://a-cacert'))]);
  const udp = (...chains: readonly FilterChain[]): Listener =>
    listener(8443, chains, { name: 'udp_0.0.0.0_8443', transport: 'UDP' });
  const openOf = (...all: readonly Listener[]): unknown[] =>
    hostCertificates(chooseChains(all, [], undefined), [], 'certificate').map(({ openOverQuic }) => openOverQuic);
  const open = chain(['a'], downstreamTls({ mode: 'OPTIONAL_MUTUAL', certificates: ['kubernetes://a'] }));
  assert.equal(openOf(udp(open), tcp), ['udp_0.0.0.0_8443']);
  assert.equal(openOf(udp(...tcp.filterChains), tcp), [undefined]);
  assert.equal(openOf(udp(chain(['b'], tls([]))), tcp), [undefined]);
  assert.equal(openOf({ ...udp(open), port: 9443 }, tcp)[0], undefined);
  assert.equal(openOf(udp(open), listener(8443, [open])), [undefined]);
});

test('a filter chain that offers no HTTP/2 is told apart', () => {
  const withAlpn = (name: string, alpn: readonly string[]): FilterChain =>
    chain([name], downstreamTls({ certificates: ['kubernetes://a'], alpn }));
  const all = [
    listener(8443, [withAlpn('a.x', ['http/1.1']), withAlpn('b.x', ['h2', 'http/1.1']), withAlpn('c.x', [])]),
  ];
  assert.equal(
    hostCertificates(chooseChains(all, [], undefined), [], 'certificate').map(({ isWithoutHttp2 }) => isWithoutHttp2),
    [true, undefined, undefined],
  );
});

test('hosts of a Gateway with several servers have their route configurations, which make no pods differ', () => {
  const servers = [
    chain(['a.example'], tls(['kubernetes://a']), http('https.443.https-a.both.shop')),
    chain(['b.example'], tls(['kubernetes://a']), http('https.443.https-b.both.shop')),
    chain(['c.example'], tls(['kubernetes://a']), http('https.443.https.alone.shop')),
  ];
  const of = (chains: readonly FilterChain[]) =>
    hostCertificates(chooseChains([listener(8443, chains)], [], undefined), [], 'certificate');
  assert.equal(
    of(servers).map(({ routeConfiguration }) => routeConfiguration),
    ['https.443.https-a.both.shop', 'https.443.https-b.both.shop', undefined],
  );
  const keyOf = (chains: readonly FilterChain[]): string => of(chains).map(hostCertificateKey)[0] ?? '';
  assert.is(keyOf(servers), keyOf(servers.slice(0, 1)));
});

test.run();
