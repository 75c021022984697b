// HTTP/3 of a real gateway: istiod makes a listener for QUIC where the gateway's Service has the UDP port.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { overHttp3 } from './explain/own/http3.ts';
import { apply, type Gateway, gateways, kii, kubectl, kubectlJson, namespace, until } from './truth/cluster.ts';

const [first] = gateways() as readonly [Gateway];
const host = 'http3.discovery.wmnet';
const mutual = 'mtls.discovery.wmnet';

const meta = { name: 'http3', namespace: 'svc8' };
const objects = [
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'Gateway',
    metadata: meta,
    spec: {
      selector: { istio: 'ingressgateway' },
      servers: [
        {
          port: { name: 'https', number: 443, protocol: 'HTTPS' },
          hosts: [host],
          tls: { mode: 'SIMPLE', credentialName: 'svc10-tls-certificate' },
        },
      ],
    },
  },
  {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: meta,
    spec: { hosts: [host], gateways: ['http3'], http: [{ directResponse: { status: 418 } }] },
  },
];

interface Service {
  readonly spec: { readonly ports: readonly object[] };
}

const service = ['-n', namespace, 'service', 'istio-ingressgateway'] as const;
const withPorts = (ports: readonly object[]): string =>
  kubectl('patch', ...service, '--type=merge', '-p', JSON.stringify({ spec: { ports } }));
const { ports } = kubectlJson<Service>('get', ...service).spec;

test.before(async () => {
  apply({ apiVersion: 'v1', kind: 'List', items: objects });
  const quic = [443, 8444].map((port) => ({
    name: `quic-${port}`,
    protocol: 'UDP',
    port,
    targetPort: port === 443 ? 8443 : port,
  }));
  withPorts([...ports, ...quic]);
  await until('every gateway listens for QUIC', async () => {
    const { out } = await kii('listeners');
    return /8443 UDP \(HTTP\/3\) +SNI http3\.discovery\.wmnet .*3\/3$/m.test(out);
  });
});

test.after(() => {
  withPorts(ports);
  const names = ['gateways.networking.istio.io/http3', 'virtualservice/http3'];
  kubectl('-n', meta.namespace, 'delete', '--ignore-not-found', ...names);
});

/** The answer of the first gateway to a client without a certificate. */
async function statusOf(serverName: string, port: number): Promise<string> {
  const headers = [
    [':method', 'GET'],
    [':scheme', 'https'],
    [':authority', port === 8443 ? serverName : `${serverName}:${port}`],
    [':path', '/'],
  ] as const;
  const [came] = await overHttp3([
    { address: first.address ?? '', port, serverName, headers, certificate: '', key: '' },
  ]);
  return came?.ended ?? Object.fromEntries(came?.headers ?? [])[':status'] ?? 'nothing';
}

test('a request over HTTP/3 does what explain says', async () => {
  assert.is(await statusOf(host, 8443), '418');
  const explained = await kii('explain', `https://${host}/`, '--http3', '--expect', 'code=418');
  assert.is(explained.code, 0, explained.err);
  assert.match(explained.out, 'listener   udp_0.0.0.0_8443');
  const passed = await kii('explain', 'https://pass.discovery.wmnet/', '--http3');
  assert.match(passed.out, 'no filter chain for server name pass.discovery.wmnet');
});

test('what requires a client certificate over TCP lets clients in without one over QUIC, and check says so', async () => {
  assert.match(await statusOf(mutual, 8444), /^[2-5]\d\d$/);
  const explained = await kii('explain', `https://${mutual}:8444/`);
  assert.match(explained.out, 'no client certificate is required');
  const { code, out } = await kii('check', '--only', 'client-certificate-http3', '--fail-on', 'warning');
  assert.is(code, 1);
  assert.match(out, mutual);
});

test('what istiod adds to routes where QUIC is listened for leaves preview sure of them', async () => {
  const { code, out } = await kii('preview', '--delete', 'vs/svc8/http3');
  assert.is(code, 0, out);
  assert.not.match(out, 'operations on headers');
});

test('without the UDP ports no gateway listens for QUIC', async () => {
  withPorts(ports);
  await until('no gateway listens for QUIC', async () => !(await kii('listeners')).out.includes('UDP'));
  const explained = await kii('explain', `https://${host}/`, '--http3');
  assert.match(explained.out, 'nothing answers HTTP/3');
});

test.run();
