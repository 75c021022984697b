// A failing line in words: what its flags, details and transport failure mean, the usual cause, the next step.

import { withoutPort } from '#core/host.ts';
import { type Step, step, stepText } from '#core/shell.ts';
import { type AccessEntry, type Cause, urlOfEntry } from '#model/access-log.ts';
import { verdictOf } from './failure.ts';
import { denyingRule, explainDetails, explainTransportFailure, parseDetails } from './response-details.ts';
import { responseFlag } from './response-flags.ts';

/** Facts about a request that its line does not have. */
export interface RouteFacts {
  /** The timeout of the route that it took; undefined where the route is not known. */
  readonly timeoutMs: number | undefined;
}

/** The causes of a failing entry; empty where nothing is wrong with it. */
export function explainEntry(entry: AccessEntry, route?: RouteFacts): Cause[] {
  const { responseCode = 0, responseFlags = [], responseCodeDetails, grpcStatus } = entry;
  if (responseCode < 400 && responseFlags.length === 0 && verdictOf(entry) === 'fine') return [];
  const byHost = connectionReuse(entry) ?? absoluteName(entry);
  if (byHost !== undefined)
    return [byHost, ...responseFlags.map((name) => ({ ...explainFlag(name), text: meaningOf(name) }))];
  return [
    ...responseFlags.map(explainFlag),
    ...(responseFlags.includes('UT') ? [timedOut(entry, route)] : []),
    ...explainedDetails(responseCodeDetails),
    ...explainedDetails(entry.connectionTerminationDetails),
    ...explainedFailure(entry),
    ...stepOf(responseFlags[0] === undefined ? policyStep(entry) : commandFor(responseFlags[0], entry)),
    ...(grpcStatus === undefined || grpcStatus === 'OK'
      ? []
      : [{ name: 'gRPC', text: `the client got gRPC status ${grpcStatus}`, isReason: true }]),
  ];
}

/** For a request that is being explained: without the step that leads to that. */
export const explainedCauses = (entry: AccessEntry): Cause[] =>
  explainEntry(entry).filter(({ name, text }) => name !== 'next' || !text.startsWith('kubectl istio-ingress explain '));

/** Its name is what all of its kind share; which policy it was is said of each. */
function explainedDetails(details: string | undefined): Cause[] {
  const text = details === undefined ? undefined : explainDetails(details);
  if (details === undefined || text === undefined) return [];
  return [{ name: details.replace(/[{[].*/s, ''), text, isReason: details.startsWith('rbac_access_denied') }];
}

/** In a format without transport failure, the details name it. */
function explainedFailure({ upstreamTransportFailureReason, responseCodeDetails = '' }: AccessEntry): Cause[] {
  const reason = upstreamTransportFailureReason ?? parseDetails(responseCodeDetails).reason;
  const text = reason === undefined ? undefined : explainTransportFailure(reason);
  return text === undefined ? [] : [{ name: 'transport', text, isReason: true }];
}

const seconds = (ms: number): string => `${Number((ms / 1000).toFixed(1))} s`;

function timedOut({ durationMs }: AccessEntry, route: RouteFacts | undefined): Cause {
  const own = route?.timeoutMs;
  const text = own ? `the route's timeout is ${seconds(own)}` : "the route's timeout is about what the request took";
  return {
    name: 'timeout',
    text: durationMs === undefined ? text : `${text}; it took ${seconds(durationMs)}`,
    isReason: true,
  };
}

/**
 * A client may send requests for B over a connection that it opened for A where the certificate covers both (RFC 9113
 * §9.1.1); the filter chain, and so the routes, are those of A.
 */
function connectionReuse({ serverName, authority, responseCode, responseFlags = [] }: AccessEntry): Cause | undefined {
  if (serverName === undefined || authority === undefined) return undefined;
  // Clients leave the dot of an absolute name out of the server name (RFC 6066 §3).
  const host = withoutPort(authority).replace(/\.$/, '').toLowerCase();
  if (host === serverName.toLowerCase()) return undefined;
  // Browsers speak gRPC-Web, to which Envoy answers with 200.
  const hasNoRoute = (responseCode === 404 || responseCode === 200) && responseFlags.includes('NR');
  if (responseCode !== 421 && !hasNoRoute) return undefined;
  return {
    name: 'connection reuse',
    text: `the connection was opened for ${serverName} and reused for ${host}, so the routes of ${serverName} were asked. Mostly: a browser and a certificate that covers both hosts, which stand in two Gateways, or two servers of one. Next: kubectl istio-ingress check --only connection-reuse; one certificate for each, or both hosts in one server`,
    isReason: true,
  };
}

/** Envoy matches hosts as they are sent. Source: http_connection_manager.proto strip_trailing_host_dot. */
function absoluteName({ authority = '', responseCode, responseFlags = [] }: AccessEntry): Cause | undefined {
  const host = withoutPort(authority);
  if (!host.endsWith('.') || responseCode !== 404 || !responseFlags.includes('NR')) return undefined;
  return {
    name: 'absolute name',
    text: `the host ends with a dot, and Envoy takes ${host} for another host than ${host.slice(0, -1)}. Mostly: the client was given an absolute name`,
    isReason: true,
  };
}

const meaningOf = (name: string): string => responseFlag(name)?.meaning ?? 'a flag that this version does not know';

function explainFlag(name: string): Cause {
  const flag = responseFlag(name);
  const text = flag
    ? `${flag.meaning}. Mostly: ${flag.cause}${flag.next === undefined ? '' : `. Next: ${flag.next}`}`
    : meaningOf(name);
  return { name, text, isReason: false };
}

const stepOf = (command: Step | undefined): Cause[] =>
  command === undefined ? [] : [{ name: 'next', text: stepText(command), isReason: false }];

/** What a policy refuses has no flag. */
function policyStep({ responseCodeDetails = '' }: AccessEntry): Step | undefined {
  const rule = denyingRule(responseCodeDetails);
  return rule && step`kubectl -n ${rule.namespace} get authorizationpolicies.security.istio.io ${rule.name} -o yaml`;
}

/** The command that shows what this very request met, for flags that have one. */
function commandFor(flag: string, entry: AccessEntry): Step | undefined {
  const { upstreamCluster } = entry;
  if (flag === 'UH' && upstreamCluster !== undefined)
    return step`kubectl istio-ingress endpoints --name ${upstreamCluster}`;
  const url = ['UH', 'UF', 'NR', 'NC'].includes(flag) ? urlOfEntry(entry) : undefined;
  return url === undefined ? undefined : step`kubectl istio-ingress explain ${url}`;
}
