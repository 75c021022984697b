import { defineCheck } from '#analysis/check/check.ts';
import { byWhom, clusterText, concernedBy } from '#analysis/check/routed-findings.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { step } from '#core/shell.ts';
import type { Cluster } from '#model/cluster.ts';
import { parseClusterName, serviceOfFqdn } from '#model/cluster-name.ts';

interface ServicePort {
  readonly name?: string;
  readonly port?: number;
  readonly appProtocol?: string;
}

/** Envoy speaks plain text, or TLS only to pods of the mesh (auto mTLS). */
const isPlain = ({ tls, destinationRule }: Cluster): boolean =>
  tls.mode === 'none' || (tls.mode === 'per-endpoint' && destinationRule === undefined);

/**
 * Why the port takes TLS; undefined where nothing says so. Source:
 * istio.io/latest/docs/ops/configuration/traffic-management/protocol-selection.
 */
function whyTls({ name = '', port, appProtocol = '' }: ServicePort): string | undefined {
  if (/^(https|tls)$/i.test(appProtocol)) return `appProtocol ${appProtocol}`;
  if (/^(https|tls)(-|$)/.test(name)) return `its name is ${name}`;
  return port === 443 ? 'port 443' : undefined;
}

export default defineCheck({
  id: 'KII054',
  section: 'routes',
  severity: 'error',
  name: 'plain-text-to-tls',
  title: 'no plain text is sent to a port that takes TLS',
  reason:
    'The service refuses plain text, and requests get 503 or 400. No DestinationRule that the gateway sees gives TLS to this host and port: there is none, it is for another host or port, or its exportTo hides it.',
  remedy: 'Create the DestinationRule for the very host and port that the VirtualService names.',
  needs: ['configurations', 'services'],
  perPod: true,
  find: ({ configurations, services }) => {
    const byName = new Map(
      services.map((service) => [`${service.metadata.namespace}/${service.metadata.name}`, service]),
    );
    const plain = new Map<string, string[]>();
    for (const { clusters, pods } of configurations) {
      for (const { name } of clusters.filter(isPlain)) plain.set(name, [...(plain.get(name) ?? []), ...pods]);
    }
    return [...plain].flatMap(([name, pods]) => {
      const why = reasonOf(name, byName);
      if (why === undefined) return [];
      const next = [step`kubectl istio-ingress clusters --name ${name}`, 'kubectl get destinationrules -A'];
      return [
        {
          text: `plain text goes to ${clusterText(name)}, which takes TLS (${why})${byWhom(name, configurations)}`,
          pods,
          concerns: concernedBy(name, configurations),
          next,
        },
      ];
    });
  },
});

function reasonOf(cluster: string, services: ReadonlyMap<string, KubeObject>): string | undefined {
  const parsed = parseClusterName(cluster);
  const ref = serviceOfFqdn(parsed?.fqdn ?? '');
  const service = ref && services.get(`${ref.namespace}/${ref.name}`);
  const { ports = [] } = (service?.['spec'] ?? {}) as { readonly ports?: readonly ServicePort[] };
  const port = ports.find((one) => one.port === parsed?.port);
  return port && whyTls(port);
}
