// Views of `certs` that the demo cannot show: handshakes, and the certificates of services' pods.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Style } from '#command/command.ts';
import type { HostCertificateItem } from '#model/host-certificate.ts';
import type { UpstreamCheck } from '#model/upstream-check.ts';
import { certsView } from '#render/views/certs.ts';
import { upstreamChecksView } from '#render/views/upstream-checks.ts';
import { answerOf, onTerminal, piped, terminal, wide } from '../../support/builders/answer.ts';
import { hostCertificate, intermediate, leaf, secret } from '../../support/builders/certificate.ts';
import { ok, on, three } from '../../support/builders/fleet.ts';
import { golden } from '../../support/golden.ts';

const names = three.map(({ name }) => name);

const item = (
  value: Parameters<typeof hostCertificate>[0],
  problems: HostCertificateItem['problems'] = [],
  pods = names,
): HostCertificateItem => ({
  value: hostCertificate(value),
  pods,
  loadedAt: {},
  claims: [],
  kubernetes: undefined,
  problems,
});

const got = (serial: string) =>
  ({ outcome: 'certificate', chain: [leaf({ serial })], protocol: 'TLSv1.3', alpn: 'h2' }) as const;
const problem = (severity: 'error' | 'warning' | 'info', text: string, next: readonly string[] = []) =>
  ({ code: 'not-served', severity, text, next }) as const;

const items: readonly HostCertificateItem[] = [
  item({
    host: 'a.example',
    envoySecret: secret({ chain: [leaf({ serial: '06' }), intermediate] }),
    served: { ...got('06'), chain: [leaf({ serial: '06' })] },
  }),
  item(
    {
      host: 'b.example',
      envoySecret: secret({ chain: [leaf({ serial: '06' })] }),
      served: { ...got('05'), isOther: true },
    },
    [problem('error', 'a handshake gets serial 05')],
    names.slice(0, 1),
  ),
  item({ host: 'c.example', served: { outcome: 'closed', why: 'x' } }, [
    problem('error', 'a handshake ends without a certificate: x'),
  ]),
  item({ host: 'd.example', served: { outcome: 'failed', why: 'x' } }, [
    problem('warning', 'no handshake could be made: x'),
  ]),
  item({
    host: 'e.example',
    port: 9443,
    outcome: 'none',
    why: 'no-listener',
    envoySecret: undefined,
    secret: undefined,
    served: { outcome: 'closed', why: 'x' },
  }),
  item({ host: 'f.example', outcome: 'none', why: 'not-loaded', waitsFor: 'kubernetes://f-cacert', served: undefined }),
  item({ host: 'g.example', outcome: 'none', why: 'matcher-tree', envoySecret: undefined, secret: undefined }),
  item({ host: 'h.example', secret: 'inline', envoySecret: undefined, served: got('07') }, [
    problem('info', 'read from a file', ['kubectl istio-ingress certs h.example --served']),
  ]),
  item({ host: 'i.example', secret: 'inline', envoySecret: undefined }, [
    problem('info', 'read from a file', ['kubectl istio-ingress certs h.example --served']),
  ]),
  item({ host: 'j.example', envoySecret: secret({ chain: [], unreadable: 'not PEM' }) }),
  item({ host: 'k.example', envoySecret: secret({ chain: [], unreadable: 'file', file: '/etc/tls.crt' }) }),
  item({
    host: undefined,
    port: undefined,
    secret: 'ROOTCA',
    envoySecret: secret({ name: 'ROOTCA', kind: 'ca', chain: [intermediate, leaf()] }),
  }),
];

const render = (style: Style): string =>
  onTerminal(certsView.table(items, answerOf(certsView, items, three.map(ok)), style));

test('shows what handshakes got beside what is held, and every reason for none', () => {
  golden('render/certs/piped.txt', render(piped));
  golden('render/certs/80.txt', render(terminal(80)));
  golden('render/certs/120.txt', render(terminal(120)));
  golden('render/certs/wide.txt', render(wide));
});

test('names hosts with their port, and what no host uses by its secret', () => {
  assert.equal(items.slice(0, 1).concat(items.slice(-1)).map(certsView.name), [
    'certificate/a.example:8443',
    'certificate/ROOTCA',
  ]);
});

const check = (changes: Partial<UpstreamCheck>): UpstreamCheck => ({
  cluster: 'outbound|4001||svc1-tls-service.svc1.svc.cluster.local',
  hosts: ['svc1.discovery.wmnet'],
  tls: {
    mode: 'SIMPLE',
    sni: undefined,
    autoSni: false,
    subjectAltNames: ['svc1.discovery.wmnet'],
    ca: 'file-root:/etc/ssl/certs/ca.crt',
    isVerified: true,
  },
  destinationRule: undefined,
  secret: 'file-root:/etc/ssl/certs/ca.crt',
  envoySecret: undefined,
  pod: { namespace: 'svc1', name: 'svc1-main-7d9f', port: 4001 },
  outcome: 'passes',
  why: undefined,
  chain: [leaf()],
  ...changes,
});

const checks = [
  check({}),
  check({ outcome: 'passes', why: 'nothing is checked: any certificate would', tls: { mode: 'none' } }),
  check({
    outcome: 'fails',
    why: 'CN = svc1 expired on 2026-11-20',
    chain: [leaf({ notAfter: '2026-11-20T00:00:00Z' })],
  }),
  check({ outcome: 'unknown', why: 'its EndpointSlices name no pods', pod: undefined, chain: [] }),
].map((value, index) => on(value, index === 1 ? three.slice(1) : three));

test('says of each pod of a service whether the gateway would take its certificate', () => {
  const of = (style: Style): string =>
    onTerminal(upstreamChecksView.table(checks, answerOf(upstreamChecksView, checks, three.map(ok)), style));
  golden('render/upstream-checks/piped.txt', of(piped));
  golden('render/upstream-checks/80.txt', of(terminal(80)));
  golden('render/upstream-checks/120.txt', of(terminal(120)));
  golden('render/upstream-checks/wide.txt', of(wide));
  assert.equal(
    checks.map(upstreamChecksView.name).at(-1),
    'cluster/outbound|4001||svc1-tls-service.svc1.svc.cluster.local',
  );
});

test.run();
