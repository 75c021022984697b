import { defineCheck } from '#analysis/check/check.ts';
import { perPods, podList } from '#analysis/fleet/per-pods.ts';
import { type Step, step } from '#core/shell.ts';

export default defineCheck({
  id: 'KII021',
  section: 'configuration',
  severity: 'error',
  name: 'warming',
  title: 'no listener, cluster or secret is still warming, but for what KII033 tells',
  reason:
    'Envoy waits for something that belongs to it: endpoints, routes or a secret. Until then what was there before serves, or nothing.',
  remedy:
    'Just after a change this passes by itself. A secret that istiod does not deliver does not exist, or istiod may not read it.',
  needs: ['pods', 'statuses', 'certificates'],
  perPod: true,
  find: ({ pods, statuses, certificates }) => {
    const own = pods.flatMap(({ pod, warmingListeners, warmingClusters }) => [
      ...warmingListeners.map((name) => [`listener ${name}`, pod.name] as const),
      ...warmingClusters.map((name) => [`cluster ${name}`, pod.name] as const),
    ]);
    // Those that a host waits for are said there (certificate-missing), with what follows from it.
    const awaited = new Set(certificates.map(({ value }) => value.waitsFor));
    const secrets = statuses.flatMap(({ pod, report }) =>
      (report?.warmingSecrets ?? [])
        .filter((name) => !awaited.has(name))
        .map((name) => [`secret ${name}`, pod.name] as const),
    );
    return perPods([...own, ...secrets], (what, names) => ({
      text: `${what} is warming on ${podList(names)}`,
      pods: names,
      next: [nextFor(what)],
    }));
  },
});

/** What the ingress does not route to, and whom a secret hurts, is not shown by itself. */
function nextFor(what: string): Step {
  const [, kind = '', name = ''] = /^(\w+) (.*)$/s.exec(what) ?? [];
  if (kind === 'cluster') return step`kubectl istio-ingress clusters --name ${name} --whole-mesh`;
  return kind === 'secret'
    ? step`kubectl istio-ingress secrets --name ${name} -o wide`
    : step`kubectl istio-ingress ${`${kind}s`} --name ${name}`;
}
