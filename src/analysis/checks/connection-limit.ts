import { defineCheck } from '#analysis/check.ts';
import { perPods, who } from '#analysis/per-pods.ts';

/** Counters since Envoy was started. */
const downstream = /^listener\..*\.(?:downstream_cx_overflow|downstream_global_cx_overflow|downstream_cx_overload_reject)$/;
/** Gauges: the circuit breaker is open now. */
const upstream = /^cluster\.(.+?);?\.circuit_breakers\.\w+\.(cx|cx_pool|rq|rq_pending|rq_retry)_open$/;

function limitOf(name: string): string | undefined {
  if (downstream.test(name)) return `connections of clients were refused (${name})`;
  const [, cluster, what] = upstream.exec(name) ?? [];
  return cluster === undefined ? undefined : `the circuit breaker of ${cluster} is open (${what}_open)`;
}

export default defineCheck({
  id: 'KII061',
  section: 'load',
  severity: 'warning',
  name: 'connection-limit',
  title: 'no limit of connections or requests has been reached',
  reason: 'Beyond a limit Envoy refuses: clients see closed connections, or 503 with flag UO.',
  remedy: 'Raise the limit in the DestinationRule (connectionPool) or of the listener, or find out why requests take so long.',
  needs: ['pods'],
  perPod: true,
  find: ({ pods }) =>
    perPods(
      pods.flatMap(({ pod, stats }) =>
        [...stats].flatMap(([name, value]) => {
          const what = value > 0 ? limitOf(name) : undefined;
          return what === undefined ? [] : [[what, pod.name] as const];
        }),
      ),
      (what, names) => ({
        text: `${what} on ${who(names, '', '').trim()}`,
        pods: names,
        next: ['kubectl istio-ingress clusters -o wide'],
      }),
    ),
});
