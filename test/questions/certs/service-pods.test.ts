import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ClientHello } from '#core/client-request.ts';
import { ToolError } from '#core/error.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import type { UpstreamCertificate } from '#model/upstream-certificate.ts';
import { tryService } from '#questions/certs/service-pods.ts';
import { leaf, root } from '../../support/certificates.ts';

const now = new Date('2026-11-24T00:00:00Z');

const row: UpstreamCertificate = {
  cluster: 'outbound|443||web.ns.svc.cluster.local',
  hosts: ['*.a.example', 'b.example'],
  tls: { mode: 'SIMPLE', sni: undefined, autoSni: true, subjectAltNames: [], ca: 'x', isVerified: true },
  destinationRule: undefined,
  secret: 'x',
  envoySecret: undefined,
};

const slice = (endpoints: readonly object[], ports: readonly object[]): KubeObject => ({
  metadata: { name: 's', namespace: 'ns' },
  endpoints,
  ports,
});
const pod = (name: string): object => ({ addresses: ['10.0.0.1'], targetRef: { kind: 'Pod', namespace: 'ns', name } });

interface Asked {
  readonly pod: string;
  readonly port: number;
  readonly serverName: string | undefined;
}

function sourceOf(slices: readonly KubeObject[], asked: Asked[] = [], service?: KubeObject): Source {
  const source: Partial<Source> = {
    list: async (resource, options) =>
      resource === 'endpointslices' && options?.labelSelector === 'kubernetes.io/service-name=web' ? slices : [],
    read: async () => service,
    handshake: async ({ name }, port, { serverName }: ClientHello) => {
      asked.push({ pod: name, port, serverName });
      if (name === 'refuses') throw new ToolError('refused', 'nothing listens');
      const der = Buffer.from(leaf.replace(/-----[^-]+-----/g, ''), 'base64');
      return { outcome: 'certificate', chain: [der], protocol: 'TLSv1.3', alpn: undefined };
    },
  };
  return source as Source;
}

test('tries the pods that the EndpointSlices name, by the name that the gateway would send', async () => {
  const asked: Asked[] = [];
  const { tried, why } = await tryService(
    sourceOf(
      [slice([pod('web-1'), pod('refuses'), { addresses: ['10.9.9.9'] }], [{ name: 'https', port: 8443 }])],
      asked,
    ),
    row,
    [root],
    now,
  );
  assert.is(why, undefined);
  assert.equal(asked, [
    { pod: 'web-1', port: 8443, serverName: 'b.example' },
    { pod: 'refuses', port: 8443, serverName: 'b.example' },
  ]);
  assert.equal(
    tried.map(({ tls }) => [tls.outcome, 'untrusted' in tls ? tls.untrusted : tls.why]),
    [
      ['certificate', 'it is signed by O = Wikimedia-like, CN = discovery intermediate, which is not among the CAs'],
      ['failed', 'nothing listens'],
    ],
  );
});

test('sends the name of the cluster, none where that has none, and a host where the gateway speaks plain text', async () => {
  const nameFor = async (tls: UpstreamCertificate['tls']): Promise<unknown> => {
    const asked: Asked[] = [];
    await tryService(sourceOf([slice([pod('web-1')], [{ port: 8443 }])], asked), { ...row, tls }, [], now);
    return asked[0]?.serverName;
  };
  const simple = {
    mode: 'SIMPLE',
    sni: undefined,
    autoSni: false,
    subjectAltNames: [],
    ca: undefined,
    isVerified: false,
  } as const;
  assert.is(await nameFor({ ...simple, sni: 'own.example' }), 'own.example');
  assert.is(await nameFor(simple), undefined);
  assert.is(await nameFor({ mode: 'none' }), 'b.example');
});

test('of several ports it takes the one that the Service has under that number', async () => {
  const asked: Asked[] = [];
  const service: KubeObject = {
    metadata: { name: 'web' },
    spec: {
      ports: [
        { name: 'http', port: 80 },
        { name: 'tls', port: 443 },
      ],
    },
  };
  const ports = [
    { name: 'http', port: 8080 },
    { name: 'tls', port: 8443 },
  ];
  await tryService(sourceOf([slice([pod('web-1')], ports)], asked, service), row, [], now);
  assert.equal(
    asked.map(({ port }) => port),
    [8443],
  );
});

test('at most five pods of a service are tried', async () => {
  const asked: Asked[] = [];
  await tryService(
    sourceOf(
      [
        slice(
          Array.from({ length: 20 }, (_, i) => pod(`web-${i}`)),
          [{ port: 8443 }],
        ),
      ],
      asked,
    ),
    row,
    [],
    now,
  );
  assert.is(asked.length, 5);
});

test('says why there is no pod to try', async () => {
  const why = async (source: Source, cluster = row.cluster): Promise<unknown> =>
    (await tryService(source, { ...row, cluster }, [], now)).why;
  assert.is(await why(sourceOf([])), 'its EndpointSlices name no pods');
  assert.is(await why(sourceOf([]), 'outbound|443||www.example.org'), 'it is no service of this cluster');
  const forbidden = {
    ...sourceOf([]),
    list: async () => Promise.reject(new ToolError('forbidden', 'endpointslices is forbidden')),
  };
  assert.is(await why(forbidden), 'endpointslices is forbidden');
});

test.run();
