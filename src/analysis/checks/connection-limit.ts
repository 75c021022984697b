import { defineCheck } from '#analysis/check/check.ts';
import { clusterText, concernedBy } from '#analysis/check/routed-findings.ts';
import { perPods, podList } from '#analysis/fleet/per-pods.ts';
import { count } from '#core/phrase.ts';
import { step } from '#core/shell.ts';
import { parseClusterName } from '#model/cluster-name.ts';
import type { ReachedLimit } from '#model/gathered.ts';

/** Counters since Envoy was started. */
const refused =
  /^listener\..*\.(?:downstream_cx_overflow|downstream_global_cx_overflow|downstream_cx_overload_reject)$/;

/** The connections to istiod have limits in every bootstrap. */
const isUncounted = ({ cluster, isKnown }: ReachedLimit): boolean =>
  !isKnown && parseClusterName(cluster) !== undefined;

export default defineCheck({
  id: 'KII061',
  section: 'load',
  severity: 'warning',
  name: 'connection-limit',
  title: 'no limit of connections or requests has been reached',
  reason: 'Beyond a limit Envoy refuses: clients see closed connections, or 503 with flag UO.',
  remedy:
    'Raise the limit in the DestinationRule (connectionPool) or of the listener, or find out why requests take so long. ' +
    "Limits of services are looked at as they are now; refused connections of clients are known only where the gateways' proxyStatsMatcher includes `downstream_cx_over`.",
  needs: ['pods', 'configurations'],
  perPod: true,
  find: ({ pods, configurations }) => {
    const services = pods.flatMap(({ pod, reached }) =>
      reached
        .filter(({ isKnown }) => isKnown)
        .map(({ cluster, of, limit }) => [JSON.stringify([cluster, of, limit]), pod.name] as const),
    );
    const clients = pods.flatMap(({ pod, stats }) =>
      [...stats].flatMap(([name, value]) => (value > 0 && refused.test(name) ? [[name, pod.name] as const] : [])),
    );
    return [
      ...perPods(services, (key, names) => {
        const [cluster, of, limit] = JSON.parse(key) as [string, string, number];
        return {
          text: `${clusterText(cluster)} has reached its limit of ${limit} ${limit === 1 ? of.replace(/s$/, '') : of} on ${podList(names)}`,
          pods: names,
          concerns: concernedBy(cluster, configurations),
          next: [step`kubectl istio-ingress clusters --name ${cluster} -o wide`],
        };
      }),
      ...perPods(clients, (name, names) => ({
        text: `connections of clients were refused since Envoy's start (${name}) on ${podList(names)}`,
        pods: names,
        next: [step`kubectl istio-ingress admin ${'stats?filter=downstream_cx'} --pod ${names[0] ?? ''}`],
      })),
    ];
  },
  unjudged: ({ pods }) => {
    const blind = pods.filter(({ reached }) => reached.some(isUncounted));
    if (blind.length === 0) return undefined;
    const versions = [...new Set(blind.map(({ report }) => report.proxy.envoyVersion))].join(', ');
    const where = count(blind.length, 'pod');
    return `whether limits of pending requests are reached is not known of ${where}: Envoy ${versions} does not count them`;
  },
});
