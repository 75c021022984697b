import { defineCheck } from '#analysis/check/check.ts';
import { byWhom, clusterText, concernedBy, destinationsIn } from '#analysis/check/routed-findings.ts';
import { perPods } from '#analysis/fleet/per-pods.ts';
import { plainTextToTls } from '#analysis/istio/destination.ts';
import type { Lead } from '#analysis/select/routed-clusters.ts';
import { step } from '#core/shell.ts';
import type { Cluster } from '#model/cluster.ts';

/** Envoy speaks plain text, or TLS only to pods of the mesh (auto mTLS). */
const isPlain = ({ tls, destinationRule }: Cluster): boolean =>
  tls.mode === 'none' || (tls.mode === 'per-endpoint' && destinationRule === undefined);

/** What clients send is handed on as it is: it may be TLS. */
const isHandedOn = (lead: Lead): boolean => lead.kind === 'chain' && lead.row.chain?.tls === undefined;

export default defineCheck({
  id: 'KII054',
  section: 'routes',
  severity: 'error',
  name: 'plain-text-to-tls',
  title: 'no plain text is sent to a port that takes TLS',
  reason:
    'The service refuses plain text, and requests get 503 or 400. No DestinationRule that counts at the gateway gives TLS to this host and port.',
  remedy:
    'Where a DestinationRule is named, correct that one: its exportTo, host, port or mode. Else create one for the very host that the VirtualService names.',
  needs: ['configurations', 'services'],
  uses: ['gateway', 'destinationrules'],
  perPod: true,
  find: ({ configurations, ...objects }) => {
    const known = destinationsIn(objects);
    const plain = configurations.flatMap(({ clusters, pods, routed: { leads } }) =>
      clusters
        .filter((cluster) => isPlain(cluster) && leads.get(cluster.name)?.every(isHandedOn) !== true)
        .flatMap(({ name }) => pods.map((pod) => [name, pod] as const)),
    );
    const found = perPods(plain, (name, pods) => {
      const found = known && plainTextToTls(name, known);
      if (!found) return [];
      const { reason: why, isSure } = found;
      return [
        {
          severity: isSure ? ('error' as const) : ('warning' as const),
          text: `plain text goes to ${clusterText(name)}${byWhom(name, configurations)}: ${why.text}`,
          pods,
          concerns: [...concernedBy(name, configurations), ...why.objects],
          next: [step`kubectl istio-ingress clusters --name ${name}`, ...why.next],
        },
      ];
    });
    return found.flat();
  },
});
