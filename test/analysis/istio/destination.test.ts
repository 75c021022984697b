// Why a destination fails: the difference between what is asked for and what is there. Made for real in
// test/real-cluster/failing-requests.test.ts.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Destinations, plainTextToTls, whyNoCluster, whyNoEndpoint } from '#analysis/istio/destination.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Reason } from '#model/reason.ts';
import { object } from '../../support/builders/facts.ts';

const fqdn = 'web.ns.svc.cluster.local';
const service = (ports: readonly object[], more: object = {}): KubeObject =>
  object('Service', 'ns/web', { selector: { app: 'web' }, ports, ...more });
const known = (changes: Partial<Destinations> = {}): Destinations => ({
  services: [service([{ port: 80 }, { port: 443, name: 'https' }])],
  destinationRules: [],
  pods: [],
  namespace: 'istio-system',
  ...changes,
});
const rule = (id: string, spec: object): KubeObject => object('DestinationRule', id, { host: fqdn, ...spec });
const pod = (name: string, labels: Record<string, string>, ready = 'True'): KubeObject => ({
  kind: 'Pod',
  metadata: { namespace: 'ns', name, labels: { app: 'web', ...labels } },
  status: { conditions: [{ type: 'Ready', status: ready }] },
});

const brief = (reason: Reason | undefined): unknown =>
  reason && [
    reason.code,
    reason.objects.map(({ kind, namespace, name }) => `${kind} ${namespace}/${name}`),
    reason.text,
  ];
const routed = [{ kind: 'VirtualService', namespace: 'ns', name: 'web' }];
const noCluster = (cluster: string, changes: Partial<Destinations> = {}): unknown =>
  brief(whyNoCluster(cluster, routed, known(changes)));

test('a port that the Service has not', () => {
  assert.equal(noCluster(`outbound|8000||${fqdn}`), [
    'service-port',
    ['VirtualService ns/web', 'Service ns/web'],
    'Service ns/web has ports 80 and 443, not 8000',
  ]);
  assert.is(noCluster(`outbound|80||${fqdn}`), undefined);
});

test('a Service that an annotation hides from the gateway', () => {
  const hidden = (exportTo: string): unknown => {
    const own = service([{ port: 80 }]);
    const annotations = { 'networking.istio.io/exportTo': exportTo };
    return noCluster(`outbound|80||${fqdn}`, { services: [{ ...own, metadata: { ...own.metadata, annotations } }] });
  };
  assert.equal(hidden('., other'), [
    'service-absent',
    ['Service ns/web'],
    'annotation networking.istio.io/exportTo of Service ns/web is "., other", which hides it from istio-system',
  ]);
  for (const exportTo of ['*', '., istio-system', '']) assert.is(hidden(exportTo), undefined);
});

test('a Service that is not there: its namesake, a near name, or what there is', () => {
  const text = (services: readonly KubeObject[], name = 'webb'): unknown =>
    (noCluster(`outbound|80||${name}.ns.svc.cluster.local`, { services }) as readonly unknown[])[2];
  const other = object('Service', 'elsewhere/webb', {});
  assert.is(text([other]), 'Service ns/webb does not exist: one of that name is elsewhere/webb');
  assert.is(text([service([])]), 'Service ns/webb does not exist: ns/web is there');
  assert.is(text([service([])], 'payments'), 'Service ns/payments does not exist: namespace ns has web');
  assert.is(text([]), 'Service ns/webb does not exist: namespace ns has no Service');
});

test('a host that is no full name, and one that is no name of a Service', () => {
  const half =
    'istiod takes a host with a dot as it stands: Service ns/web is web.ns.svc.cluster.local, or that with the domain of the cluster';
  for (const host of ['web.ns', 'web.ns.svc'])
    assert.equal(noCluster(`outbound|80||${host}`), ['service-absent', ['VirtualService ns/web'], half]);
  for (const host of ['web.example', '10.0.0.1'])
    assert.equal(noCluster(`outbound|80||${host}`), [
      'service-absent',
      ['VirtualService ns/web'],
      `${host} is no Service's name: a ServiceEntry of this very host and port 80 brings it`,
    ]);
});

test('a subset: of a rule that has others, that is hidden, that does not count, of no rule', () => {
  const canary = `outbound|80|canary|${fqdn}`;
  const v1 = { subsets: [{ name: 'v1', labels: { version: '1' } }] };
  const both = { subsets: [...v1.subsets, { name: 'canary', labels: { version: '1.5' } }] };
  const text = (...rules: readonly KubeObject[]): unknown => {
    const found = noCluster(canary, { destinationRules: rules });
    return found && (found as readonly unknown[])[2];
  };
  assert.is(text(rule('ns/web', v1)), 'DestinationRule ns/web has subset v1, not canary');
  assert.is(
    text(rule('ns/web', { ...both, exportTo: ['.'] })),
    'DestinationRule ns/web would give subset canary, but exportTo [.] hides it from istio-system',
  );
  assert.match(
    text(rule('other/web', both)) as string,
    /^DestinationRule other\/web would give subset canary, but it stands in namespace other, /,
  );
  assert.is(text(), `no DestinationRule gives ${fqdn} a subset canary`);
  assert.is(text(rule('ns/web', { ...both, host: 'web' })), undefined);
  assert.is(noCluster(canary, { destinationRules: undefined }), undefined);
});

const noEndpoint = (changes: Partial<Destinations>, subset = ''): unknown =>
  (brief(whyNoEndpoint(`outbound|80|${subset}|${fqdn}`, known(changes))) as readonly unknown[] | undefined)?.[2];

test('no endpoint: labels that no pod has, with those that they have', () => {
  const destinationRules = [rule('ns/web', { subsets: [{ name: 'canary', labels: { version: '1.5' } }] })];
  const pods = [
    pod('a', { version: '1.4' }),
    pod('b', { version: '1.4' }),
    pod('c', { version: 'v1.5' }),
    pod('d', {}),
  ];
  assert.is(
    noEndpoint({ destinationRules, pods }, 'canary'),
    'subset canary of DestinationRule ns/web wants version=1.5; the pods have 1.4 (2), no version (1) and v1.5 (1)',
  );
  const two = [rule('ns/web', { subsets: [{ name: 'canary', labels: { version: '1.5', tier: 'a' } }] })];
  assert.match(noEndpoint({ destinationRules: two, pods }, 'canary') as string, 'version=1.4,no tier (2)');
});

test('no endpoint: a selector without pods, pods that are not ready; nothing where that is not known', () => {
  assert.is(noEndpoint({}), 'the selector of Service ns/web (app=web) finds no pod');
  assert.is(noEndpoint({ pods: [pod('a', {}, 'False')] }), 'Service ns/web has 1 pod, none of them ready');
  assert.is(noEndpoint({ pods: [pod('a', {})] }), undefined);
  assert.is(noEndpoint({ pods: undefined }), undefined);
  assert.is(noEndpoint({ services: [service([], { selector: undefined })] }), undefined);
});

test('plain text to a port that takes TLS: the rule that would give it', () => {
  const tls = { trafficPolicy: { tls: { mode: 'SIMPLE' } } };
  const plain = (port: number, ...rules: readonly KubeObject[]): unknown =>
    (
      brief(plainTextToTls(`outbound|${port}||${fqdn}`, known({ destinationRules: rules }))?.reason) as
        | readonly unknown[]
        | undefined
    )?.[2];
  const takes = 'port 443 of Service ns/web takes TLS (its name is https)';
  assert.is(plain(80), undefined);
  assert.is(plain(443), `${takes}; no DestinationRule is for ${fqdn}`);
  assert.is(
    plain(443, rule('ns/web', { ...tls, exportTo: ['.'] })),
    `${takes}; DestinationRule ns/web would give it, but exportTo [.] hides it from istio-system`,
  );
  assert.is(plain(443, rule('ns/web', {})), `${takes}; DestinationRule ns/web gives no TLS to this port`);
  const other = { trafficPolicy: { portLevelSettings: [{ port: { number: 80 }, tls: { mode: 'SIMPLE' } }] } };
  assert.is(plain(443, rule('ns/web', other)), `${takes}; DestinationRule ns/web gives no TLS to this port`);
});

test('which port takes TLS, and which may', () => {
  const said = (port: object): string | undefined => {
    const found = plainTextToTls(`outbound|443||${fqdn}`, known({ services: [service([{ port: 443, ...port }])] }));
    return found && `${found.isSure}: ${/Service ns\/web (.*);/.exec(found.reason.text)?.[1]}`;
  };
  assert.is(said({ name: 'https-web' }), 'true: takes TLS (its name is https-web)');
  assert.is(said({ name: 'web', appProtocol: 'HTTPS' }), 'true: takes TLS (appProtocol HTTPS)');
  assert.is(said({ appProtocol: 'kubernetes.io/wss' }), 'true: takes TLS (appProtocol kubernetes.io/wss)');
  const may = 'false: may take TLS (by its number; neither name nor appProtocol tells)';
  for (const port of [{}, { name: 'web' }, { name: 'tcp' }, { name: 'https', appProtocol: 'example.org/x' }])
    assert.is(said(port), may, JSON.stringify(port));
  for (const port of [
    { name: 'http' },
    { name: 'grpc-web' },
    { name: 'https', appProtocol: 'http' },
    { name: 'https', appProtocol: 'kubernetes.io/h2c' },
  ])
    assert.is(said(port), undefined, JSON.stringify(port));
});

test.run();
