import { defineCheck, type FoundProblem } from '#analysis/check/check.ts';
import { describeRoute, eachOnce, virtualHostsOnPods } from '#analysis/check/route-findings.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import { hostOfDomain } from '#core/host.ts';
import { step } from '#core/shell.ts';
import type { Severity } from '#model/finding.ts';
import { type Fault, faultsOf, type Route } from '#model/route.ts';

export default defineCheck({
  id: 'KII057',
  section: 'routes',
  severity: 'error',
  name: 'route-fails',
  title: 'no route fails or delays requests by itself',
  reason:
    'The gateway itself answers with the error, or waits, as the VirtualService asks it to. ' +
    'Mostly a test or a maintenance page that nobody has taken back.',
  remedy: 'Take the fault or the direct response out of the VirtualService; `--known` is for those that shall stay.',
  avoid: 'Do not look for it in the service: the gateway does it, and does it again after a restart.',
  needs: ['configurations'],
  perPod: true,
  find: ({ configurations }) =>
    eachOnce(
      virtualHostsOnPods(configurations).flatMap(({ host, pods }) =>
        host.routes.flatMap((route) =>
          failuresOf(route).map((one) => ({ ...problem(route, hostOfDomain(host.domains[0] ?? ''), one), pods })),
        ),
      ),
    ),
});

interface RouteFailure {
  /** Behind the name of the route. */
  readonly says: string;
  readonly severity: Severity;
  /** Envoy's, in the access log. */
  readonly flag: string | undefined;
}

function problem(route: Route, host: string, { says, severity, flag }: RouteFailure): FoundProblem {
  const hosts = host.startsWith('*') ? {} : { host };
  return {
    severity,
    text: `${host}: ${describeRoute(route)} ${says}`,
    concerns: route.from ? [route.from] : [],
    hosts: [host],
    next: [
      ...(route.from ? [showObject(route.from)] : []),
      ...(flag === undefined ? [] : [step`kubectl istio-ingress logs ${hosts} --flag ${flag} --since 1h`]),
    ],
  };
}

function failuresOf(route: Route): RouteFailure[] {
  const { action } = route;
  const answer: RouteFailure[] =
    action.kind === 'direct-response' && action.code >= 500
      ? [{ says: `answers with ${action.code} itself (direct response)`, severity: 'warning', flag: undefined }]
      : [];
  return [...answer, ...faultsOf(route).flatMap((fault) => faultsIn(fault, isForSome(route, fault)))];
}

/** Requests with some headers get it: that is how one tries it out. */
const isForSome = ({ match }: Route, { headers, downstreamNodes }: Fault): boolean =>
  match.headers.length + match.query.length + headers.length > 0 || downstreamNodes !== undefined;

function faultsIn({ abort, delay }: Fault, isTried: boolean): RouteFailure[] {
  const found: RouteFailure[] = [];
  if (happens(abort)) {
    const answer = abort.grpcStatus === undefined ? abort.code : `gRPC status ${abort.grpcStatus}`;
    const says = `aborts ${percent(abort.share)} of its requests with ${answer} (fault injection)`;
    found.push({ says, severity: blocks(abort) ? 'info' : 'error', flag: 'FI' });
  }
  if (happens(delay)) {
    const says = `delays ${percent(delay.share)} of its requests by ${delay.ms} ms (fault injection)`;
    found.push({ says, severity: 'warning', flag: 'DI' });
  }
  return isTried ? found.map((one) => ({ ...one, severity: 'info' })) : found;
}

/** As a direct response does, which older Istios have not: all requests get what no service that fails would answer. */
const blocks = ({ share, code, grpcStatus }: NonNullable<Fault['abort']>): boolean =>
  share >= 1 && code < 500 && grpcStatus === undefined;

/** What a header of the request asks for is a wish of who sends it. */
const happens = <T extends { readonly share: number; readonly byHeader?: number | undefined }>(
  part: T | undefined,
): part is T => part !== undefined && part.share > 0 && part.byHeader === undefined;

const percent = (share: number): string => `${Math.round(share * 10_000) / 100 || 'less than 0.01'}%`;
