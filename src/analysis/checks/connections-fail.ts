import { defineCheck, type FoundProblem } from '#analysis/check/check.ts';
import type { Configuration, PodFacts } from '#analysis/check/facts.ts';
import { byWhom, clusterText, concernedBy, leadsOfPods, ofMirrors } from '#analysis/check/routed-findings.ts';
import { someOf } from '#core/phrase.ts';
import { step } from '#core/shell.ts';
import { parseClusterName, serviceOfCluster } from '#model/cluster-name.ts';
import type { Severity } from '#model/finding.ts';
import type { FailedConnections } from '#model/gathered.ts';

/** Of more services than these the cause is none of theirs: a network, a policy, a CA. */
const mostApart = 4;

export default defineCheck({
  id: 'KII056',
  section: 'routes',
  severity: 'error',
  name: 'connections-fail',
  title: 'no endpoint has failed every connection to it',
  reason:
    'Envoy has tried connections to these endpoints and never got one: clients get 503 with flag UF or URX. ' +
    'Envoy counts for as long as it knows an endpoint: what is repaired stays here until a connection succeeds.',
  remedy:
    'Nothing listens at the targetPort of the Service, a NetworkPolicy is in the way, or TLS fails: a DestinationRule speaks TLS to a port that does not, or does not trust its certificate. ' +
    "The access log has Envoy's own words.",
  needs: ['pods', 'configurations'],
  uses: ['owner'],
  perPod: true,
  find: ({ pods, configurations, owner }) => {
    const bySeverity = Map.groupBy(failingOf(pods, configurations), (one) => severityOf(one, configurations));
    return [...bySeverity].flatMap(([severity, of]) => {
      const services = [...Map.groupBy(of, ({ cluster }) => cluster).values()];
      const isTogether = services.length > mostApart && owner === undefined;
      const found = isTogether ? [together(of)] : services.map((one) => apart(one, configurations));
      return found.map((one) => ({ ...one, severity }));
    });
  },
});

/** One cluster on one pod. */
interface Failing extends FailedConnections {
  readonly pod: string;
}

/** Where some endpoints take connections, most requests are tried again there. */
const severityOf = ({ cluster, failing, tried }: Failing, configurations: readonly Configuration[]): Severity =>
  failing === tried ? (ofMirrors(cluster, configurations).severity ?? 'error') : 'warning';

function failingOf(pods: readonly PodFacts[], configurations: readonly Configuration[]): Failing[] {
  const routed = leadsOfPods(configurations);
  return pods.flatMap(({ pod, failedConnections }) =>
    failedConnections
      .filter(({ cluster }) => routed.get(pod.name)?.has(cluster))
      .map((one) => ({ ...one, pod: pod.name })),
  );
}

function apart(of: readonly Failing[], configurations: readonly Configuration[]): FoundProblem {
  const [{ cluster = '', failing = 0, endpoints = 0 } = {}] = of;
  const service = serviceOfCluster(cluster);
  const which = endpoints === 1 ? 'only endpoint' : `${endpoints} endpoints`;
  const to = failing === endpoints ? `its ${which}` : `${failing} of its ${which}`;
  return {
    pods: podsOf(of),
    text: `${clusterText(cluster)}: every connection to ${to} has failed (${attemptsOf(of)} tried)${byWhom(cluster, configurations)}${ofMirrors(cluster, configurations).says}`,
    concerns: concernedBy(cluster, configurations),
    next: [
      step`kubectl istio-ingress endpoints --name ${cluster} -o wide`,
      step`kubectl istio-ingress logs --upstream ${service ? `${service.namespace}/${service.name}` : (parseClusterName(cluster)?.fqdn ?? cluster)} --errors --since 1h --explain`,
    ],
  };
}

function together(of: readonly Failing[]): FoundProblem {
  const clusters = [...new Set(of.map(({ cluster }) => cluster))];
  const which = of.every(({ failing, endpoints }) => failing === endpoints) ? 'the' : 'some';
  const names = someOf(clusters.map(clusterText), mostApart);
  return {
    pods: podsOf(of),
    text: `every connection to ${which} endpoints of ${clusters.length} services has failed (${attemptsOf(of)} tried): ${names}`,
    clusters,
    concerns: clusters.flatMap((cluster) => serviceOfCluster(cluster) ?? []),
    next: [step`kubectl istio-ingress logs --flag UF --since 1h --explain`],
  };
}

const attemptsOf = (of: readonly Failing[]): number => of.reduce((sum, { attempts }) => sum + attempts, 0);
const podsOf = (of: readonly Failing[]): string[] => [...new Set(of.map(({ pod }) => pod))];
