// `listeners` against each Envoy's own listeners, by istioctl, and by what answers on the ports.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schemaErrors } from '../support/schema.ts';
import { admin, gateways, handshake, istioctlJson, kiiJson, until } from './truth/cluster.ts';
import { envoyOutputIsIstioctls } from './truth/routes.ts';

const pods = gateways();

interface Chain {
  readonly match: { readonly serverNames: readonly string[] };
  readonly tls?: { readonly mode: string; readonly certificates: readonly string[] };
  readonly to: {
    readonly kind: string;
    readonly routeConfiguration?: string;
    readonly clusters?: readonly { readonly cluster: string }[];
  };
}

interface ListenerItem {
  readonly listener: string;
  readonly state: string;
  readonly port: number;
  readonly chain?: Chain;
  readonly pods: readonly string[];
}

interface EnvoyFilter {
  readonly typedConfig?: { readonly rds?: { readonly routeConfigName: string }; readonly cluster?: string };
}

interface EnvoyListener {
  readonly name: string;
  readonly address: { readonly socketAddress: { readonly portValue: number } };
  readonly filterChains?: readonly {
    readonly filterChainMatch?: { readonly serverNames?: readonly string[] };
    readonly transportSocket?: {
      readonly typedConfig: {
        readonly requireClientCertificate?: boolean;
        readonly commonTlsContext: { readonly tlsCertificateSdsSecretConfigs?: readonly { readonly name: string }[] };
      };
    };
    readonly filters: readonly EnvoyFilter[];
  }[];
}

/** A line of words for each filter chain, by istioctl, which leaves out what is rejected or drains. */
const expectedRows = (pod: string): readonly string[] =>
  istioctlJson<readonly EnvoyListener[]>('listeners', pod)
    .flatMap(({ name, address, filterChains = [] }) =>
      filterChains.map(({ filterChainMatch, transportSocket, filters }) => {
        const tls = transportSocket?.typedConfig;
        const last = filters.at(-1)?.typedConfig;
        const certificates = tls?.commonTlsContext.tlsCertificateSdsSecretConfigs?.map((secret) => secret.name) ?? [];
        const mode = tls === undefined ? 'none' : tls.requireClientCertificate ? 'MUTUAL' : 'SIMPLE';
        return [
          name,
          address.socketAddress.portValue,
          filterChainMatch?.serverNames ?? [],
          mode,
          certificates,
          last?.rds?.routeConfigName ?? last?.cluster ?? 'inline',
        ].join(' ');
      }),
    )
    .sort();

const actualRow = ({ listener, port, chain }: ListenerItem): string => {
  const to = chain?.to.routeConfiguration ?? chain?.to.clusters?.map(({ cluster }) => cluster).join() ?? 'inline';
  return [
    listener,
    port,
    chain?.match.serverNames,
    chain?.tls?.mode ?? 'none',
    chain?.tls?.certificates ?? [],
    to,
  ].join(' ');
};

test('every filter chain of every pod is what istioctl has of it', async () => {
  const document = await kiiJson<{ readonly complete: boolean; readonly items: readonly ListenerItem[] }>([
    'listeners',
  ]);
  assert.equal(schemaErrors(document), []);
  assert.is(document.complete, true);
  for (const { pod } of pods) {
    const rows = document.items
      .filter(({ pods: names, state }) => names.includes(pod) && state !== 'rejected' && state !== 'draining')
      .map(actualRow);
    assert.ok(rows.length > 15);
    assert.equal(rows.sort(), expectedRows(pod), pod);
  }
});

test('the addresses are those that Envoy listens on', async () => {
  const { items } = await kiiJson<{ readonly items: readonly ListenerItem[] }>([
    'listeners',
    '--pod',
    pods[0]?.pod ?? '',
  ]);
  const { listener_statuses } = JSON.parse(admin(pods[0] as (typeof pods)[0], 'listeners?format=json')) as {
    readonly listener_statuses: readonly {
      readonly local_address: { readonly socket_address: { readonly port_value: number } };
    }[];
  };
  const bound = listener_statuses.map(({ local_address }) => local_address.socket_address.port_value);
  // What an earlier test has removed drains for a while, and is not listened on any more.
  const inForce = items.filter(({ state }) => state !== 'rejected' && state !== 'draining');
  assert.equal([...new Set(inForce.map(({ port }) => port))].sort(), [...new Set(bound)].sort());
});

test('a client meets what the chain of its server name says: TLS with or without asking for its certificate, or the service itself', async () => {
  const modeOf = async (host: string): Promise<readonly unknown[]> => {
    const { items } = await kiiJson<{ readonly items: readonly ListenerItem[] }>(['listeners', '--host', host]);
    return items
      .filter(({ chain }) => chain?.match.serverNames.includes(host))
      .map(({ port, chain }) => [port, chain?.tls?.mode ?? chain?.to.kind]);
  };
  assert.equal(await modeOf('svc1.discovery.wmnet'), [[8443, 'SIMPLE']]);
  assert.equal(await modeOf('mtls.discovery.wmnet'), [[8444, 'MUTUAL']]);
  assert.equal(await modeOf('pass.discovery.wmnet'), [[8445, 'tcp']]);
  const gateway = pods[0] as (typeof pods)[0];
  assert.match(handshake(gateway, 8443, 'svc1.discovery.wmnet'), 'No client certificate CA names sent');
  // In TLS 1.3 the alert comes after the handshake, and openssl may have ended by then.
  await until('who brings no certificate is told so', () =>
    handshake(gateway, 8444, 'mtls.discovery.wmnet').includes('alert certificate required'),
  );
});

for (const [index, gateway] of pods.entries())
  test(`-o envoy is istioctl's own JSON: pod ${index}`, () => envoyOutputIsIstioctls('listeners', gateway));

test.run();
