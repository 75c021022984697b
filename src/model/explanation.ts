// The way of one request through one gateway pod, as Envoy would decide it.

import { compareText } from '#core/compare.ts';
import type { Cause } from './access-log.ts';
import type { Secret } from './certificate.ts';
import type { Endpoint, UpstreamTls } from './cluster.ts';
import type { FromEnvoy } from './content.ts';
import type { ElementKind } from './difference.ts';
import type { Backend } from './endpoint-row.ts';
import type { DownstreamTls } from './listener.ts';
import type { Mismatch } from './mismatch.ts';
import type { Reason } from './reason.ts';
import type { ObjectRef } from './resource.ts';
import type { Route } from './route.ts';

/**
 * Where an explanation keeps what the request passes on its way. A symbol: documents do not print it, and explanations
 * are not compared by it.
 */
export const passed = Symbol('passed');

/** Where a certificate of an explanation keeps what Envoy holds; as `passed`. */
export const held = Symbol('held');

export type PassedKind = Extract<
  ElementKind,
  'listener' | 'filter chain' | 'route configuration' | 'virtual host' | 'route' | 'cluster'
>;

export interface Passed {
  readonly kind: PassedKind;
  readonly of: FromEnvoy;
}

export interface Explanation {
  readonly [passed]?: readonly Passed[] | undefined;
  readonly entry: Entry;
  readonly listener: string | undefined;
  readonly chain: ExplainedChain | undefined;
  /** The Gateway behind the filter chain; undefined where several share it (plain HTTP), or istiod does not say. */
  readonly gateway: ObjectRef | undefined;
  readonly routeConfiguration: string | undefined;
  readonly virtualHost: { readonly name: string; readonly domain: string } | undefined;
  /** Routes that Envoy looks at before the one it takes, or all, where none matches. */
  readonly misses: readonly NearMiss[];
  /** Routes that match as well and come after the one that is taken: those that somebody may have meant. */
  readonly losers: readonly LosingRoute[];
  /**
   * What happens; more than one where weights, fractions or faults decide by chance (the shares add up to 1), or
   * unknown conditions do.
   */
  readonly outcomes: readonly Outcome[];
  /** Filters by name that may answer before the route does. */
  readonly mayAnswer: readonly string[];
  /** What may change the answer and cannot be seen from outside: filters that answer first, unknown conditions. */
  readonly caveats: readonly string[];
}

export interface Entry {
  /** The port of the URL, and the listener's port behind it. */
  readonly port: number;
  readonly listenerPort: number;
  readonly by: 'service port' | 'node port' | 'listener port' | 'usual port';
  readonly service: string | undefined;
}

export interface ExplainedChain {
  /** The server name of the chain that matched; undefined: any name. */
  readonly serverName: string | undefined;
  readonly isDefault: boolean;
  readonly tls: DownstreamTls | undefined;
  /** Names of the Secrets whose certificates the client gets. */
  readonly certificates: readonly ServedCertificate[];
}

export interface ServedCertificate {
  readonly [held]?: Secret | undefined;
  readonly secret: string;
  /** False while the secret is warming: the handshake fails. */
  readonly isLoaded: boolean;
  /** Undefined where this tool cannot read the certificate: it is not loaded, or Envoy reads it from a file. */
  readonly notAfter: string | undefined;
  readonly serial: string | undefined;
  readonly coversHost: boolean;
  /** Why it may not be the one that clients get. */
  readonly doubt?: string;
}

export interface NearMiss {
  readonly route: Route;
  /** Empty: a runtime fraction passed it by. */
  readonly mismatches: readonly Mismatch[];
}

export interface LosingRoute {
  readonly route: Route;
  /** What makes it win: into the object of the route that wins and before it, before it in the same object, or only one of the two. */
  readonly repair: 'move-into-winner' | 'move-before-winner' | 'remove-one' | undefined;
}

/** The share of requests that the endpoints of one priority get; 0 is the best priority. */
export interface PriorityLoad {
  readonly priority: number;
  readonly percent: number;
}

export type Step =
  | 'listener'
  | 'filter chain'
  | 'tls'
  | 'route configuration'
  | 'virtual host'
  | 'filter'
  | 'route'
  | 'cluster'
  | 'endpoint';

export type Transport = 'plain text' | 'TLS' | 'mTLS';

/** An endpoint, and what the Service's EndpointSlices say of its address, where they were read. */
export interface ExplainedEndpoint extends Endpoint {
  /** How Envoy speaks to it; undefined where that cannot be told. */
  readonly transport?: Transport | undefined;
  readonly backend?: Backend | undefined;
}

export type Outcome = {
  readonly share: number;
  readonly route: Route | undefined;
  /**
   * Conditions of the route that nobody can judge from outside; where they do not hold, one of the next outcomes
   * happens.
   */
  readonly onlyIf?: readonly string[];
  /** Why it is so, or what is wrong with it, by the objects of the cluster; absent where these say nothing. */
  readonly reasons?: readonly Reason[];
  /** The grpc-status of Envoy's own answer to a gRPC client, whose HTTP code is 200. */
  readonly grpcStatus?: number;
} & (
  | {
      readonly kind: 'forward';
      readonly cluster: string;
      readonly destinationRule: ObjectRef | undefined;
      /** Path and host that the service gets; undefined where this tool cannot tell. */
      readonly path: string | undefined;
      readonly host: string | undefined;
      readonly tls: UpstreamTls;
      readonly endpoints: readonly ExplainedEndpoint[];
      /** Envoy balances over unhealthy endpoints too. */
      readonly isInPanic: boolean;
      /** More than one where endpoints stand by for others. */
      readonly priorities: readonly PriorityLoad[];
    }
  | { readonly kind: 'tcp'; readonly cluster: string; readonly endpoints: readonly ExplainedEndpoint[] }
  | { readonly kind: 'redirect'; readonly code: number; readonly location: string | undefined }
  | { readonly kind: 'respond'; readonly code: number; readonly body: string | undefined }
  /** The fault filter aborts the request (flag FI). */
  | { readonly kind: 'abort'; readonly code: number }
  /** The CORS filter answers the preflight. */
  | { readonly kind: 'preflight'; readonly code: number }
  /** The gateway itself fails the request. */
  | {
      readonly kind: 'fail';
      readonly at: Step;
      /** Undefined: the connection ends without an answer. */
      readonly code: number | undefined;
      /** Envoy's response flag in the access log, e.g. NR, NC, UH. */
      readonly flag: string | undefined;
      readonly why: string;
      /** The one that is missing or has no endpoint. */
      readonly failedCluster?: string;
      /** What exists instead: hosts, ports, names. */
      readonly nearest: readonly string[];
    }
  | { readonly kind: 'unknown'; readonly why: string }
);

/**
 * What the gateway's access log says of a request. A field that the format does not write, or that was not set, is
 * undefined.
 */
export interface Logged {
  /** The kubelet's, RFC 3339. */
  readonly time: string;
  readonly flags: readonly string[];
  readonly details: string | undefined;
  readonly upstreamCluster: string | undefined;
  readonly upstreamHost: string | undefined;
  readonly routeName: string | undefined;
  /** Where the request failed. */
  readonly causes: readonly Cause[];
}

/** What came of the request when it went through one pod. */
export interface Sent {
  readonly pod: string;
  /** This tool has sent it, or a client had: then all that is known stands in the access log. */
  readonly by: 'tool' | 'client';
  /** Undefined: no answer came. */
  readonly code: number | undefined;
  readonly location: string | undefined;
  /** To the headers of the answer. */
  readonly ms: number | undefined;
  /** Of the certificate that the pod showed. */
  readonly serial: string | undefined;
  /** The answer is the service's own, not the gateway's; undefined where the access log does not tell. */
  readonly isOfService: boolean | undefined;
  /** The beginning of an error that the gateway itself tells. */
  readonly text: string | undefined;
  /** Why no answer came. */
  readonly ended: string | undefined;
  /** Undefined where no line of it was found. */
  readonly logged: Logged | undefined;
  /** False where no answer came in time and no log says why: then nothing can be said of the prediction. */
  readonly isDecided: boolean;
  /** Where it is not as predicted, in words. */
  readonly differs: readonly string[];
}

/** What was predicted for some pods, and what came of it where it was sent. */
export interface ExplanationItem extends Explanation {
  readonly sent?: readonly Sent[];
}

/**
 * Equal for explanations, and parts of them, of pods on which the same happens: counters of endpoints do not count,
 * their health does; nor do the words of a doubt, which have the pod's own times.
 */
export const explanationKey = (explained: unknown): string =>
  JSON.stringify(explained, (key, value: unknown) =>
    key === 'stats' || key === 'successRate' ? undefined : key === 'doubt' ? true : value,
  );

export const compareExplanations = (a: Explanation, b: Explanation): number =>
  compareText(explanationKey(a), explanationKey(b));

/** Those that were looked at, in no order. */
export const routesOf = ({ misses, losers, outcomes }: Explanation): readonly Route[] =>
  [...misses, ...losers, ...outcomes].flatMap(({ route }) => route ?? []);

export const withCertificates = (
  explanation: Explanation,
  change: (certificate: ServedCertificate) => ServedCertificate,
): Explanation => ({
  ...explanation,
  chain: explanation.chain && { ...explanation.chain, certificates: explanation.chain.certificates.map(change) },
});

/** `change` makes one route of one, so that outcomes of one route go on to have one. */
export const withEachRoute = (explanation: Explanation, change: (route: Route) => Route): Explanation => ({
  ...explanation,
  misses: explanation.misses.map((miss) => ({ ...miss, route: change(miss.route) })),
  losers: explanation.losers.map((loser) => ({ ...loser, route: change(loser.route) })),
  outcomes: explanation.outcomes.map((outcome) => ({ ...outcome, route: outcome.route && change(outcome.route) })),
});
