import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clientCaEndsWithin, endsWithin } from '#analysis/certificates/certificate-deadline.ts';
import { judge } from '#analysis/certificates/certificate-problems.ts';
import { onePem } from '#analysis/certificates/one-pem.ts';
import { claimsOf, type GatewayClaim } from '#analysis/istio/gateway-claims.ts';
import { stepText } from '#core/shell.ts';
import type { Secret } from '#model/certificate.ts';
import type { CertificateProblem, HostCertificate } from '#model/host-certificate.ts';
import type { KubernetesCertificate, SecretContent } from '#model/kubernetes-certificate.ts';
import { readSecretName } from '#model/secret-name.ts';
import { hostCertificate, intermediate, leaf, root, secret } from '../../support/builders/certificate.ts';
import { now } from '../../support/builders/fleet.ts';
import { rejection } from '../../support/rejection.ts';

interface Given {
  readonly value: HostCertificate;
  readonly pods?: readonly string[];
  readonly loadedAt?: Readonly<Record<string, string>>;
}

const problemsOf = (given: readonly Given[], claims: readonly GatewayClaim[] = []): (readonly CertificateProblem[])[] =>
  judge(
    given.map(({ value, pods = ['p1'], loadedAt = {} }) => ({ value, pods, loadedAt })),
    { claims, authorities: [root], namespace: 'istio-system', kubernetes: new Map(), now },
  ).map(({ problems }) => problems);

const codes = (changes: Partial<HostCertificate>, claims: readonly GatewayClaim[] = []): string[] =>
  (problemsOf([{ value: hostCertificate(changes) }], claims)[0] ?? []).map(
    ({ code, severity }) => `${severity} ${code}`,
  );

const holding = (changes: Parameters<typeof leaf>[0]): Partial<HostCertificate> => ({
  envoySecret: secret({ chain: [leaf(changes), intermediate] }),
});

test('a good certificate has no problem', () => assert.equal(codes({}), []));

test('says of each what is wrong with its validity', () => {
  assert.equal(codes(holding({ notAfter: '2026-11-20T00:00:00Z' })), ['error expired']);
  assert.equal(codes(holding({ notBefore: '2026-12-01T00:00:00Z' })), ['error not-yet-valid']);
  assert.equal(codes(holding({ notAfter: '2026-12-01T00:00:00Z' })), ['warning expiring']);
});

test('a key that Envoy refuses is an error, and nothing else is said of it', () => {
  const rows = (publicKey: string, changes: Partial<HostCertificate> = {}) =>
    problemsOf([{ value: hostCertificate({ ...holding({ publicKey }), ...changes }) }])[0] ?? [];
  for (const publicKey of ['RSA 1024', 'EC secp256k1', 'EC secp224r1', 'RSA-PSS 2048', 'ed448'])
    assert.equal(
      rows(publicKey).map(({ code, severity }) => `${severity} ${code}`),
      ['error weak-key'],
      publicKey,
    );
  for (const publicKey of ['RSA 2048', 'EC P-521', 'ed25519', 'unknown']) assert.equal(rows(publicKey), [], publicKey);
  assert.is(
    rows('RSA 1024')[0]?.text,
    'Envoy cannot use it: its key is RSA 1024, and Envoy takes RSA keys from 2048 bits on; clients get what was there before, or no certificate',
  );
  assert.equal(
    rows('RSA 1024', { outcome: 'passthrough' }).map(({ severity }) => severity),
    ['warning'],
  );
});

test('a certificate that is for other hosts is refused by clients; a wildcard stands for one label', () => {
  assert.equal(codes({ host: 'b.example' }), ['error not-covered']);
  assert.equal(codes({ host: 'x.y.example', ...holding({ dnsNames: ['*.example'] }) }), ['error not-covered']);
  assert.equal(codes({ host: '*.y.example', ...holding({ dnsNames: ['*.y.example'] }) }), []);
  assert.equal(codes({ host: '*' }), []);
});

test('a host that lets clients of HTTP/3 in without the certificate that it requires', () => {
  const value = hostCertificate({
    host: '*.example',
    openOverQuic: 'udp_8443',
    ...holding({ dnsNames: ['*.example'] }),
  });
  const [[problem] = []] = problemsOf([{ value }]);
  assert.equal([problem?.severity, problem?.code], ['warning', 'open-over-http3']);
  assert.equal(problem?.next.map(stepText), ['kubectl istio-ingress explain https://any.example:8443/ --http3']);
});

test('what is not loaded names the Secret to look at', () => {
  const [[problem] = []] = problemsOf([
    {
      value: hostCertificate({
        outcome: 'none',
        why: 'not-loaded',
        waitsFor: 'kubernetes://team/a',
        envoySecret: undefined,
      }),
    },
  ]);
  assert.is(problem?.code, 'not-loaded');
  assert.equal(problem?.next.map(stepText)[0], 'kubectl -n team get secret a');
});

/** Of a Secret without ca.crt; undefined: that is not there. */
const secretA = (content: SecretContent | undefined): KubernetesCertificate => ({
  namespace: 'istio-system',
  name: 'a',
  content,
  issuedBy: undefined,
});
const withoutCa: SecretContent = {
  chain: [leaf(), intermediate],
  unreadable: undefined,
  keyProblem: undefined,
  authorities: [],
  changedAt: undefined,
  certificateName: undefined,
};

const notLoaded = (
  waitsFor: string,
  content: SecretContent | undefined,
  mode: 'MUTUAL' | 'OPTIONAL_MUTUAL' = 'MUTUAL',
  readAs = 'kubernetes://a',
): CertificateProblem | undefined =>
  judge(
    [{ value: hostCertificate({ outcome: 'none', why: 'not-loaded', waitsFor, mode }), pods: ['p1'], loadedAt: {} }],
    {
      claims: [],
      authorities: [root],
      namespace: 'istio-system',
      kubernetes: new Map([[readAs, secretA(content)]]),
      now,
    },
  )[0]?.problems.find(({ code }) => code === 'not-loaded');

test('of a Secret that is not there the Gateway that names it is shown', () => {
  const { next = [] } = notLoaded('kubernetes://a', undefined) ?? {};
  assert.is(next.map(stepText)[0], 'kubectl -n svc1 get gateways.networking.istio.io main -o yaml');
});

test('mutual TLS without a CA says which key is missing, and shows the Secret', () => {
  const problem = notLoaded('kubernetes://a-cacert', withoutCa);
  assert.match(problem?.text ?? '', 'clients have to bring a certificate, and Secret istio-system/a has no ca.crt');
  const optional = notLoaded('kubernetes://a-cacert', withoutCa, 'OPTIONAL_MUTUAL', 'kubernetes://a-cacert');
  assert.match(optional?.text ?? '', 'clients may bring a certificate, and Secret istio-system/a has no ca.crt');
  assert.is(problem?.next.map(stepText)[0], 'kubectl -n istio-system describe secret a');
  const whole = notLoaded('kubernetes://a-cacert', { ...withoutCa, authorities: [root] });
  assert.not.match(whole?.text ?? '', 'ca.crt');
});

test('what Envoy reads from a file, or cannot be read, is said', () => {
  assert.equal(codes({ secret: 'inline', envoySecret: undefined }), ['info from-file']);
  assert.equal(codes({ envoySecret: secret({ chain: [], unreadable: 'file', file: '/etc/tls.crt' }) }), [
    'info from-file',
  ]);
  assert.equal(codes({ envoySecret: secret({ chain: [], unreadable: 'not PEM' }) }), ['error unreadable']);
});

test('a certificate that only a handshake shows is judged as well', () => {
  const served = {
    outcome: 'certificate',
    protocol: 'TLSv1.3',
    alpn: undefined,
    chain: [leaf({ notAfter: '2026-11-20T00:00:00Z' }), intermediate],
  } as const;
  assert.equal(codes({ secret: 'inline', envoySecret: undefined, served }), ['error expired']);
  assert.equal(
    codes({ host: 'b.example', outcome: 'passthrough', secret: undefined, envoySecret: undefined, served }),
    ['error not-covered', 'error expired'],
  );
});

test('pods that differ only in what a handshake got hold the same', () => {
  const closed = { outcome: 'closed', why: 'x' } as const;
  const [[problem] = []] = problemsOf(
    [
      { value: hostCertificate(), pods: ['p1', 'p2'] },
      { value: hostCertificate({ served: closed }), pods: ['p3'] },
    ].toReversed(),
  );
  assert.is(problem?.code, 'served-closed');
});

test('a host without filter chain or listener gets no certificate', () => {
  assert.equal(codes({ outcome: 'none', why: 'no-filter-chain', gateway: undefined, envoySecret: undefined }), [
    'error not-served',
  ]);
  const [[rejected] = []] = problemsOf([
    {
      value: hostCertificate({
        outcome: 'none',
        why: 'no-filter-chain',
        update: 'Envoy rejected it',
        gateway: undefined,
      }),
    },
  ]);
  assert.match(rejected?.text ?? '', 'the connection is closed (Envoy rejected it)');
  assert.equal(codes({ outcome: 'none', why: 'no-listener', gateway: undefined, envoySecret: undefined }), [
    'error not-served',
  ]);
  assert.equal(codes({ outcome: 'none', why: 'matcher-tree', gateway: undefined, envoySecret: undefined }), [
    'info not-served',
  ]);
});

test('a bundle of CAs is as good as the one that lasts longest', () => {
  const bundle = (...ends: readonly string[]) => ({
    envoySecret: secret({ kind: 'ca', chain: ends.map((notAfter) => ({ ...root, notAfter })) }),
  });
  assert.equal(codes(bundle('2026-01-01T00:00:00Z', '2030-01-01T00:00:00Z')), []);
  assert.equal(codes(bundle('2026-01-01T00:00:00Z')), ['error expired']);
  assert.equal(codes(bundle('2026-01-01T00:00:00Z', '2026-11-29T00:00:00Z')), ['warning expiring']);
});

test('pods that hold another certificate than most say which and since when', () => {
  const newer = {
    value: hostCertificate(holding({ serial: '06' })),
    pods: ['p1', 'p2'],
    loadedAt: { p1: '2026-11-23T12:07:40.683Z', p2: '2026-11-23T12:07:41Z' },
  };
  const older = {
    value: hostCertificate(holding({ serial: '05' })),
    pods: ['p3'],
    loadedAt: { p3: '2026-11-23T12:06:22Z' },
  };
  const [ofNewer, ofOlder] = problemsOf([newer, older]);
  assert.equal(ofNewer, []);
  assert.is(
    ofOlder?.[0]?.text,
    'p3 has serial 05 of kubernetes://a, loaded 2026-11-23T12:06:22Z, 2 pods have serial 06 of kubernetes://a, loaded 2026-11-23T12:07:40Z',
  );
});

const gateway = (
  namespace: string,
  name: string,
  creationTimestamp: string,
  hosts: readonly string[],
  spec: object = {},
) => ({
  metadata: { namespace, name, creationTimestamp },
  spec: {
    selector: { istio: 'ingressgateway' },
    servers: [
      { port: { number: 443, protocol: 'HTTPS' }, hosts, tls: { mode: 'SIMPLE', credentialName: `${name}-tls` } },
    ],
    ...spec,
  },
});

const claims = (...gateways: readonly ReturnType<typeof gateway>[]): GatewayClaim[] =>
  claimsOf(gateways, { istio: 'ingressgateway', app: 'x' }, (port) => (port === 80 ? 8080 : port + 8000));

const winner = gateway('svc1', 'main', '2026-01-01T00:00:00Z', ['a.example']);

test('a Gateway that asks for a host which another has is named, with the reason', () => {
  const loser = gateway('svc2', 'second', '2026-02-01T00:00:00Z', ['*/a.example', 'b.example']);
  const both = claims(winner, loser);
  const [[onA] = []] = problemsOf([{ value: hostCertificate() }], both);
  assert.equal([onA?.code, onA?.severity], ['gateway-lost', 'warning']);
  assert.is(
    onA?.text,
    'Gateway svc2/second asks for second-tls for it and loses its server on port 443 with all hosts: Gateway svc1/main has the host (older: created 2026-01-01T00:00:00Z, the other 2026-02-01T00:00:00Z). Clients get kubernetes://a of a.example',
  );
  const lost = hostCertificate({
    host: 'b.example',
    outcome: 'none',
    why: 'no-filter-chain',
    gateway: undefined,
    secret: undefined,
    envoySecret: undefined,
  });
  const [onB = []] = problemsOf([{ value: lost }], both);
  assert.equal(
    onB.map(({ code }) => code),
    ['not-served', 'gateway-lost'],
  );
  assert.is(
    onB[1]?.text,
    'Gateway svc2/second asks for second-tls for it and loses its server on port 443 with all hosts: Gateway svc1/main has a.example, which it asks for as well (older: created 2026-01-01T00:00:00Z, the other 2026-02-01T00:00:00Z). Clients get no certificate',
  );
});

test('a younger Gateway is no reason for the loss of a whole server', () => {
  const both = claims(winner, gateway('svc2', 'first', '2025-01-01T00:00:00Z', ['a.example', 'b.example']));
  const lost = hostCertificate({
    host: 'b.example',
    outcome: 'none',
    why: 'no-filter-chain',
    gateway: undefined,
    secret: undefined,
    envoySecret: undefined,
  });
  const [problems = []] = problemsOf([{ value: lost }], both);
  assert.match(problems[1]?.text ?? '', 'these pods have no filter chain of that');
});

test('a place with certificates of two kinds of keys is no difference between pods', () => {
  const rsa = hostCertificate({ secret: 'kubernetes://a-rsa', ...holding({ publicKey: 'RSA 2048' }) });
  const [ofRsa] = problemsOf([
    { value: rsa, pods: ['p1'] },
    { value: hostCertificate(), pods: ['p1', 'p2'] },
  ]);
  assert.equal(ofRsa, []);
});

test('of two Gateways of one second the name decides', () => {
  const [[problem] = []] = problemsOf(
    [{ value: hostCertificate() }],
    claims(winner, gateway('svc0', 'z-main', '2026-01-01T00:00:00Z', ['a.example'])),
  );
  assert.match(
    problem?.text ?? '',
    'Gateway svc1/main has the host (created in the same second, 2026-01-01T00:00:00Z, and first by name).',
  );
});

test('what istiod keeps is not said to be left out, whatever the pods have', () => {
  const [[problem] = []] = problemsOf(
    [{ value: hostCertificate() }],
    claims(winner, gateway('svc2', 'second', '2026-02-01T00:00:00Z', ['svc2/A.example'])),
  );
  assert.match(
    problem?.text ?? '',
    'Gateway svc2/second asks for second-tls for it and these pods have no filter chain of that.',
  );
});

test('a server that was left out takes no host from others', () => {
  const second = gateway('svc2', 'second', '2026-02-01T00:00:00Z', ['a.example', 'b.example']);
  const third = gateway('svc3', 'third', '2026-03-01T00:00:00Z', ['b.example']);
  const late = hostCertificate({
    host: 'b.example',
    outcome: 'none',
    why: 'no-filter-chain',
    gateway: undefined,
    secret: undefined,
    envoySecret: undefined,
  });
  const lost = (problemsOf([{ value: late }], claims(winner, second, third))[0] ?? []).filter(
    ({ code }) => code === 'gateway-lost',
  );
  assert.match(
    lost.find(({ text }) => text.includes('svc3/third'))?.text ?? '',
    'these pods have no filter chain of that',
  );
});

test('a server whose port is for another protocol is said to be so', () => {
  const tls = (name: string, protocol: string, createdAt: string) =>
    gateway('svc1', name, createdAt, [], {
      servers: [{ port: { number: 80, protocol }, hosts: [`${name}.example`], tls: { mode: 'SIMPLE' } }],
    });
  const plain = {
    ...tls('plain', 'HTTP', '2026-01-01T00:00:00Z'),
    spec: { servers: [{ port: { number: 80, protocol: 'HTTP' }, hosts: ['*'] }] },
  };
  const value = hostCertificate({
    host: 'second.example',
    port: 8080,
    outcome: 'none',
    why: 'no-listener',
    gateway: undefined,
    secret: undefined,
    envoySecret: undefined,
  });
  const [problems = []] = problemsOf(
    [{ value }],
    claims(plain as never, tls('second', 'HTTPS', '2026-02-01T00:00:00Z')),
  );
  assert.match(problems[1]?.text ?? '', 'Gateway svc1/plain has port 80 for HTTP (older');
});

test('a host whose Gateway has no filter chain gets what a wildcard has', () => {
  const wild = hostCertificate({
    host: 'c.example',
    serverName: '*.example',
    gateway: { kind: 'Gateway', namespace: 'w', name: 'wild' },
    ...holding({ dnsNames: ['*.example'] }),
  });
  const [[problem] = []] = problemsOf(
    [{ value: wild }],
    claims(gateway('svc3', 'third', '2026-02-01T00:00:00Z', ['c.example'])),
  );
  assert.equal([problem?.code, problem?.severity], ['gateway-lost', 'error']);
  assert.match(problem?.text ?? '', 'these pods have no filter chain of that. Clients get kubernetes://a of *.example');
  const ofIngress = hostCertificate({ gateway: { kind: 'Ingress', namespace: 'svc1', name: 'main' } });
  const [[namesake] = []] = problemsOf([{ value: ofIngress }], claims(winner));
  assert.is(namesake?.code, 'gateway-lost', 'an Ingress of the same name is another object');
});

test('Gateways for other pods, plain ports and other hosts claim nothing here', () => {
  const other = gateway('x', 'other', '2025-01-01T00:00:00Z', ['a.example'], { selector: { istio: 'eastwest' } });
  const plain = gateway('x', 'plain', '2025-01-01T00:00:00Z', ['a.example'], {
    servers: [{ port: { number: 443, protocol: 'HTTP' }, hosts: ['a.example'] }],
  });
  const elsewhere = gateway('x', 'else', '2025-01-01T00:00:00Z', ['z.example']);
  assert.equal(codes({}, claims(winner, other, plain, elsewhere)), []);
});

test('a Gateway without selector is for every gateway, and one without servers asks for nothing', () => {
  assert.is(claims(gateway('x', 'all', '2025-01-01T00:00:00Z', ['a.example'], { selector: undefined })).length, 1);
  assert.is(claimsOf([{ metadata: { name: 'empty', namespace: 'x' } }], {}, (port) => port).length, 0);
});

test('credentials of a server are named from whichever field has them', () => {
  const asked = (tls: object): string | undefined =>
    claims(
      gateway('x', 'a', '2025-01-01T00:00:00Z', [], {
        servers: [{ port: { number: 443, protocol: 'HTTPS' }, hosts: ['a.example'], tls: { mode: 'SIMPLE', ...tls } }],
      }),
    )[0]?.credential;
  assert.is(asked({ credentialName: 'one' }), 'one');
  assert.is(asked({ credentialNames: ['rsa', 'ecdsa'] }), 'rsa, ecdsa');
  assert.is(asked({ serverCertificate: '/etc/a.crt' }), '/etc/a.crt');
  assert.is(asked({ tlsCertificates: [{ serverCertificate: '/etc/a.crt' }, {}] }), '/etc/a.crt');
  assert.is(asked({}), undefined);
});

test('names in SDS lead to Secrets, in the namespace of the gateway or their own', () => {
  assert.equal(readSecretName('kubernetes://a'), { namespace: undefined, name: 'a' });
  assert.equal(readSecretName('kubernetes://team/a'), { namespace: 'team', name: 'a' });
  assert.equal(readSecretName('kubernetes-gateway://team/a'), { namespace: 'team', name: 'a' });
  assert.is(readSecretName('file-root:/etc/ca.crt'), undefined);
  assert.is(readSecretName('ROOTCA'), undefined);
});

const dayMs = 86_400_000;

test('a deadline looks at the whole chain, of CAs at the one that lasts longest, and at what is not there', () => {
  assert.not.ok(endsWithin(hostCertificate(), 14 * dayMs, now));
  assert.ok(endsWithin(hostCertificate(), 61 * dayMs, now));
  assert.ok(endsWithin(hostCertificate(holding({ notBefore: '2026-12-01T00:00:00Z' })), 0, now));
  assert.ok(
    endsWithin(
      hostCertificate({
        envoySecret: secret({ chain: [leaf(), { ...intermediate, notAfter: '2026-12-01T00:00:00Z' }] }),
      }),
      14 * dayMs,
      now,
    ),
  );
  const bundle = [{ ...root, notAfter: '2026-01-01T00:00:00Z' }, root];
  assert.not.ok(endsWithin(hostCertificate({ envoySecret: secret({ kind: 'ca', chain: bundle }) }), 14 * dayMs, now));
  assert.ok(
    endsWithin(hostCertificate({ envoySecret: secret({ kind: 'ca', chain: bundle.slice(0, 1) }) }), 14 * dayMs, now),
  );
  assert.ok(endsWithin(hostCertificate({ outcome: 'none', why: 'not-loaded', envoySecret: undefined }), 0, now));
  assert.not.ok(endsWithin(hostCertificate({ outcome: 'passthrough', envoySecret: undefined }), 14 * dayMs, now));
});

test('the CA that clients have to have their certificates from ends a host, too', () => {
  const ends = (mode: 'MUTUAL' | 'OPTIONAL_MUTUAL', ...chain: readonly (typeof root)[]): boolean =>
    clientCaEndsWithin(hostCertificate({ mode, clientSecret: secret({ kind: 'ca', chain }) }), 14 * dayMs, now);
  const old = { ...root, notAfter: '2026-12-01T00:00:00Z' };
  assert.ok(ends('MUTUAL', old));
  assert.not.ok(ends('MUTUAL', old, root));
  // Clients without a certificate still get in.
  assert.not.ok(ends('OPTIONAL_MUTUAL', old));
  assert.not.ok(clientCaEndsWithin(hostCertificate(), 61 * dayMs, now));
});

const pem = (name: string, pod: string, text: string) => ({ secret: name, pod, pem: text });

test('one chain is printed where all pods hold the same, and nothing else', async () => {
  assert.is(onePem([pem('a', 'p1', 'PEM'), pem('a', 'p2', 'PEM')]), 'PEM');
  const code = async (held: Parameters<typeof onePem>[0]) => (await rejection((async () => onePem(held))())).code;
  assert.is(await code([pem('a', 'p1', 'PEM'), pem('a', 'p2', 'other')]), 'differs');
  assert.is(await code([pem('a', 'p1', 'PEM'), pem('b', 'p1', 'PEM')]), 'usage');
  assert.is(await code([]), 'usage');
  assert.is(await code([pem('a', 'p1', '')]), 'not-ready');
});

/** What an Envoy 1.40 does with each list was tried. */
test("what refuses every client's certificate is told of hosts that ask for one: an ended CA, or list of revoked ones", () => {
  const [nextUpdate, issuer] = ['2026-11-01T00:00:00Z', root.use.subject];
  const said = (ca: Partial<Secret>, mode: HostCertificate['mode'] = 'MUTUAL'): string[] => {
    const clientSecret = secret({ name: 'kubernetes://a-cacert', kind: 'ca', chain: [root], ...ca });
    const value = hostCertificate({ mode, clientSecret });
    const options = { claims: [], authorities: [], namespace: 'istio-system', kubernetes: new Map(), now };
    const [item] = judge([{ value, pods: ['p1'], loadedAt: {} }], options);
    return (item?.problems ?? [])
      .map(({ severity, text }) => `${severity} ${text}`)
      .filter((text) => /a-cacert/.test(text));
  };
  assert.equal(said({}), []);
  assert.equal(said({ revocations: [{ issuer, nextUpdate: undefined }] }), []);
  assert.equal(
    said({
      revocations: [
        { issuer, nextUpdate },
        { issuer, nextUpdate: '2027-01-01T00:00:00Z' },
      ],
    }),
    [],
  );
  const refused = "Envoy refuses every client's certificate";
  assert.equal(said({ revocations: [{ issuer, nextUpdate }] }), [
    `error kubernetes://a-cacert has a list of revoked certificates that ended on ${nextUpdate}: ${refused}`,
  ]);
  const none = `error kubernetes://a-cacert has no list of revoked certificates that is of its CA: ${refused}`;
  assert.equal(
    [said({ revocations: [] }), said({ revocations: [{ issuer: ['cn=b'], nextUpdate: undefined }] })],
    [[none], [none]],
  );
  const ended = { ...root, notAfter: '2026-11-01T00:00:00Z' };
  assert.equal(said({ chain: [ended] }), [
    "error the CA that clients' certificates are checked with, kubernetes://a-cacert, expired on 2026-11-01T00:00:00Z",
  ]);
  assert.equal([said({ chain: [ended, root] }), said({ chain: [ended] }, 'SIMPLE')], [[], []]);
});

test.run();
