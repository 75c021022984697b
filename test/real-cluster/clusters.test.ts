// `clusters` against istioctl, the Kubernetes objects behind them, and what the gateway answers where a cluster is
// missing.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schemaErrors } from '../support/schema.ts';
import { admin, gateways, istioctlJson, kii, kiiJson, kubectlJson, request } from './truth/cluster.ts';
import { envoyOutputIsIstioctls } from './truth/routes.ts';

const pods = gateways();

interface ClusterItem {
  readonly name: string;
  readonly state: string;
  readonly type?: string;
  readonly fqdn?: string;
  readonly isRouted: boolean;
  readonly destinationRule?: { readonly namespace: string; readonly name: string };
  readonly tls?: { readonly mode: string; readonly isVerified?: boolean; readonly ca?: string };
  readonly circuitBreakers?: readonly { readonly priority: string; readonly maxConnections?: number }[];
  readonly pods: readonly string[];
}

interface ClusterList {
  readonly complete: boolean;
  readonly items: readonly ClusterItem[];
}

interface EnvoyCluster {
  readonly name: string;
  readonly type?: string;
  readonly metadata?: { readonly filterMetadata?: { readonly istio?: { readonly config?: string } } };
  readonly circuitBreakers?: {
    readonly thresholds: readonly { readonly priority?: string; readonly maxConnections?: number }[];
  };
}

const ruleIn = ({ metadata }: EnvoyCluster): string =>
  /namespaces\/(.*)\/destination-rule\/(.*)$/
    .exec(metadata?.filterMetadata?.istio?.config ?? '')
    ?.slice(1)
    .join('/') ?? '';

test('the whole mesh is every cluster that istioctl has of each pod, with type, DestinationRule and limits', async () => {
  const document = await kiiJson<ClusterList>(['clusters', '--whole-mesh']);
  assert.equal(schemaErrors(document), []);
  assert.is(document.complete, true);
  for (const { pod } of pods) {
    const ours = document.items
      .filter(({ pods: names, state }) => names.includes(pod) && state !== 'missing')
      .map(({ name, type, destinationRule, circuitBreakers = [] }) =>
        [
          name,
          type,
          destinationRule ? `${destinationRule.namespace}/${destinationRule.name}` : '',
          circuitBreakers[0]?.maxConnections,
        ].join(' '),
      );
    const theirs = istioctlJson<readonly EnvoyCluster[]>('clusters', pod).map((cluster) =>
      [
        cluster.name,
        cluster.type ?? 'STATIC',
        ruleIn(cluster),
        cluster.circuitBreakers?.thresholds[0]?.maxConnections,
      ].join(' '),
    );
    assert.ok(ours.length > 30);
    assert.equal(ours.sort(), theirs.sort(), pod);
  }
});

test('what is routed to is what the VirtualServices name, and no other service', async () => {
  interface Destination {
    readonly destination: { readonly host: string };
  }
  interface VirtualService {
    readonly metadata: { readonly namespace: string };
    readonly spec: Readonly<Record<'http' | 'tls', readonly { readonly route?: readonly Destination[] }[] | undefined>>;
  }
  const { items } = kubectlJson<{ readonly items: readonly VirtualService[] }>('get', 'virtualservices', '-A');
  // Of two Gateways that claim svc0's host one answers, so svc0 may be routed to or not.
  const wanted = items
    .flatMap(({ metadata, spec }) =>
      [...(spec.http ?? []), ...(spec.tls ?? [])].flatMap(({ route = [] }) =>
        route.map(({ destination: { host } }) =>
          host.includes('.') ? host : `${host}.${metadata.namespace}.svc.cluster.local`,
        ),
      ),
    )
    .filter((host) => !host.includes('.svc0.'));
  const routed = (await kiiJson<ClusterList>(['clusters'])).items.flatMap(({ fqdn }) =>
    fqdn?.includes('.svc0.') ? [] : (fqdn ?? []),
  );
  assert.ok(wanted.length > 10);
  assert.equal([...new Set(routed)].sort(), [...new Set(wanted)].sort());
});

test('TLS towards a service is what its DestinationRule says', async () => {
  interface Rule {
    readonly metadata: { readonly namespace: string; readonly name: string };
    readonly spec: {
      readonly host: string;
      readonly trafficPolicy: { readonly tls: { readonly mode: string; readonly insecureSkipVerify?: boolean } };
    };
  }
  const { items: rules } = kubectlJson<{ readonly items: readonly Rule[] }>('get', 'destinationrules', '-A');
  const { items } = await kiiJson<ClusterList>(['clusters', '--whole-mesh']);
  assert.ok(rules.length > 10);
  for (const { metadata, spec } of rules) {
    const found = items.find(({ fqdn }) => fqdn === spec.host);
    assert.equal(
      [
        found?.tls?.mode,
        found?.tls?.isVerified,
        `${found?.destinationRule?.namespace}/${found?.destinationRule?.name}`,
      ],
      [
        spec.trafficPolicy.tls.mode,
        spec.trafficPolicy.tls.insecureSkipVerify !== true,
        `${metadata.namespace}/${metadata.name}`,
      ],
    );
  }
});

test('a cluster that is said to be missing is in no Envoy, and one that is there answers', async () => {
  const stateOf = async (...args: readonly string[]): Promise<readonly string[]> =>
    (await kiiJson<ClusterList>(['clusters', ...args])).items.map(
      ({ fqdn, state, pods: names }) => `${fqdn} ${state} ${names.length}`,
    );
  assert.equal(await stateOf('--host', 'nosecret.discovery.wmnet'), [
    `nothing.svc3.svc.cluster.local missing ${pods.length}`,
  ]);
  assert.equal(await stateOf('--host', 'svc1.discovery.wmnet', '--path', '/one'), [
    `svc1-tls-service.svc1.svc.cluster.local active ${pods.length}`,
  ]);
  for (const gateway of pods) {
    assert.not.match(admin(gateway, 'clusters'), 'nothing.svc3');
    assert.is(request(gateway, 'https://svc1.discovery.wmnet:8443/one'), 200);
  }
});

test('a service that exists and is not routed to is said to be so', async () => {
  const { code, out, err } = await kii('clusters', '--service', 'svc12-tls-service');
  assert.equal([code, out], [0, '']);
  assert.match(err, 'svc12/svc12-tls-service:4012 exists, but the ingress does not route to it');
});

for (const [index, gateway] of pods.entries())
  test(`-o envoy of the whole mesh is istioctl's own JSON: pod ${index}`, () =>
    envoyOutputIsIstioctls('clusters', gateway, '--whole-mesh'));

test.run();
