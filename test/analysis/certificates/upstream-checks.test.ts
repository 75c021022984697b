import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { destinationsOf, upstreamCertificates } from '#analysis/certificates/upstream-certificates.ts';
import { judgePod, upstreamChecks } from '#analysis/certificates/upstream-checks.ts';
import type { UpstreamTls } from '#model/cluster.ts';
import type { UpstreamCertificate } from '#model/upstream-certificate.ts';
import type { PodTls } from '#model/upstream-check.ts';
import { certificateUse, leaf } from '../../support/builders/certificate.ts';

const simple = (changes: Partial<Extract<UpstreamTls, { readonly isVerified: boolean }>> = {}): UpstreamTls => ({
  mode: 'SIMPLE',
  sni: undefined,
  autoSni: false,
  subjectAltNames: [],
  ca: 'file-root:/ca.crt',
  isVerified: true,
  ...changes,
});

const presents = (changes: Parameters<typeof leaf>[0] = {}, untrusted?: string): PodTls => ({
  outcome: 'certificate',
  chain: [leaf(changes)],
  untrusted,
  protocol: 'TLSv1.3',
});
const plain: PodTls = { outcome: 'closed', why: 'TLS: wrong version number' };
const judged = (
  tls: UpstreamTls,
  pod: PodTls,
  secret = 'file-root:/ca.crt',
  envoyVersions: readonly string[] = ['1.38.0'],
): string => {
  const { outcome, why } = judgePod(tls, secret, pod, envoyVersions);
  return why === undefined ? outcome : `${outcome}: ${why}`;
};

test('a certificate of the CA with one of the names passes, by a wildcard too', () => {
  assert.is(judged(simple({ subjectAltNames: ['other', 'a.example'] }), presents()), 'passes');
  assert.is(judged(simple({ subjectAltNames: ['a.example'] }), presents({ dnsNames: ['*.example'] })), 'passes');
  assert.is(judged(simple(), presents()), 'passes: its names are not checked');
});

test('says why one would not pass', () => {
  assert.is(judged(simple(), presents({}, 'CN = x expired on 2026-11-20')), 'fails: CN = x expired on 2026-11-20');
  assert.is(
    judged(simple({ subjectAltNames: ['b', 'c'] }), presents()),
    'fails: its names are a.example, and the gateway asks for b or c',
  );
  assert.is(judged(simple(), plain), 'fails: the gateway speaks TLS and the pod does not: TLS: wrong version number');
});

test('plain text to a port that speaks TLS fails, also where the endpoint chooses', () => {
  const fails = 'fails: the pod speaks TLS and the gateway plain text: no DestinationRule says otherwise';
  const byEndpoint: UpstreamTls = { mode: 'per-endpoint', choices: [] };
  assert.is(judged({ mode: 'none' }, presents()), fails);
  assert.is(judged({ mode: 'none' }, plain), 'passes: plain text on both sides');
  assert.is(judged(byEndpoint, presents()), fails);
  assert.is(judged(byEndpoint, plain), 'passes: plain text, or the TLS of the mesh');
  assert.is(
    judged(byEndpoint, presents({ otherNames: ['spiffe://cluster.local/ns/a/sa/b'] })),
    'passes: the TLS of the mesh',
  );
});

test('what is not checked passes, and what cannot be told is not guessed', () => {
  assert.is(
    judged(simple({ isVerified: false }), presents({}, 'no CA')),
    'passes: nothing is checked: any certificate would',
  );
  assert.is(judged(simple(), presents(), 'inline'), 'unknown: the CA stands in the cluster itself');
  assert.is(
    judged(simple({ subjectAltNames: ['regex .*\\.b'] }), presents()),
    'unknown: names are matched by regex .*\\.b',
  );
  assert.is(
    judged({ mode: 'unknown', type: 'quic' }, presents()),
    'unknown: the gateway speaks quic, which this tool does not know',
  );
  assert.is(judged(simple(), { outcome: 'failed', why: 'forbidden' }), 'unknown: forbidden');
});

test('a leaf whose key may not sign fails where Envoy asks for it, by its version, its setting and the protocol', () => {
  const using = (publicKey: string, protocol = 'TLSv1.3'): PodTls => ({
    outcome: 'certificate',
    chain: [leaf({ publicKey, use: certificateUse({ keyUsage: ['keyEncipherment'] }) })],
    untrusted: undefined,
    protocol,
  });
  const outcome = (pod: PodTls, version: string | undefined, changes: Parameters<typeof simple>[0] = {}): string =>
    judgePod(simple(changes), 'file-root:/ca.crt', pod, version === undefined ? [] : [version]).outcome;
  assert.is(outcome(using('RSA 2048'), '1.37.2'), 'passes');
  assert.is(outcome(using('RSA 2048'), '1.37.2', { enforcesRsaKeyUsage: true }), 'fails');
  assert.is(outcome(using('RSA 2048'), '1.38.0'), 'fails');
  assert.is(outcome(using('RSA 2048'), '1.38.0', { isVerified: false }), 'fails');
  assert.is(outcome(using('RSA 2048'), '1.38.0', { enforcesRsaKeyUsage: false }), 'passes');
  assert.is(outcome(using('RSA 2048'), '1.39.0', { enforcesRsaKeyUsage: false }), 'fails');
  assert.is(outcome(using('RSA 2048', 'TLSv1.2'), '1.39.0'), 'unknown');
  assert.is(outcome(using('RSA 2048'), undefined), 'unknown');
  assert.is(outcome(using('EC P-256'), '1.30.0'), 'fails');
});

const row: UpstreamCertificate = {
  cluster: 'outbound|80||a.ns.svc.cluster.local',
  hosts: [],
  tls: simple(),
  destinationRule: undefined,
  secret: undefined,
  envoySecret: undefined,
};

test('a line for each pod that was tried, and one for a service without', () => {
  const pod = { namespace: 'ns', name: 'a-1', port: 8080 };
  assert.equal(
    upstreamChecks(row, { tried: [{ pod, tls: presents() }], why: undefined }, []).map(
      ({ pod: of, outcome, chain }) => [of?.name, outcome, chain.length],
    ),
    [['a-1', 'passes', 1]],
  );
  assert.equal(
    upstreamChecks(row, { tried: [], why: 'no pods' }, []).map(({ pod: of, outcome, why }) => [of, outcome, why]),
    [[undefined, 'unknown', 'no pods']],
  );
});

test('a place without routes leads nowhere', () => {
  const met = [
    { host: 'a.example', port: 8443, why: undefined, chain: undefined, serverName: undefined, update: undefined },
  ];
  assert.is(destinationsOf(met, []).size, 0);
  assert.equal(upstreamCertificates(new Map(), [], []), []);
});

test.run();
