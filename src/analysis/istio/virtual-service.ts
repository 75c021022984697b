// The part of a VirtualService that istiod makes routes of, as the API has it. Source: istio.io/api networking/v1
// virtual_service.proto; JSON names are those of its CustomResourceDefinition.

import type { KubeObject } from '#core/kube-object.ts';

export interface VirtualServiceSpec {
  readonly hosts?: readonly string[];
  readonly gateways?: readonly string[];
  readonly exportTo?: readonly string[];
  readonly http?: readonly HttpRoute[];
  readonly tls?: readonly TlsRoute[];
  readonly tcp?: readonly TcpRoute[];
}

export const specOf = (virtualService: KubeObject): VirtualServiceSpec =>
  (virtualService['spec'] ?? {}) as VirtualServiceSpec;

export interface TlsRoute {
  readonly match?: readonly (L4Match & { readonly sniHosts?: readonly string[] })[];
  readonly route?: readonly RouteDestination[];
}

export interface TcpRoute {
  readonly match?: readonly L4Match[];
  readonly route?: readonly RouteDestination[];
}

export interface L4Match {
  readonly port?: number;
  readonly gateways?: readonly string[];
}

export interface RouteDestination {
  readonly destination: Destination;
  readonly weight?: number;
}

export interface HttpRoute {
  readonly name?: string;
  readonly match?: readonly HttpMatch[];
  readonly route?: readonly HttpDestination[];
  readonly redirect?: HttpRedirect;
  readonly directResponse?: HttpDirectResponse;
  readonly delegate?: { readonly name?: string; readonly namespace?: string };
  readonly rewrite?: HttpRewrite;
  /** A Go duration: `1h`, `1.5s`. */
  readonly timeout?: string;
  readonly retries?: HttpRetry;
  readonly fault?: HttpFault;
  readonly mirror?: Destination;
  readonly mirrors?: readonly HttpMirror[];
  /** The two older spellings; percent is a whole number. */
  readonly mirrorPercentage?: Percent;
  readonly mirrorPercent?: number;
  readonly corsPolicy?: CorsPolicy;
  readonly headers?: Headers;
}

export interface HttpMatch {
  readonly name?: string;
  readonly uri?: StringCondition;
  readonly scheme?: StringCondition;
  readonly method?: StringCondition;
  readonly authority?: StringCondition;
  readonly headers?: Readonly<Record<string, StringCondition>>;
  readonly withoutHeaders?: Readonly<Record<string, StringCondition>>;
  readonly queryParams?: Readonly<Record<string, StringCondition>>;
  readonly port?: number;
  readonly sourceLabels?: Readonly<Record<string, string>>;
  readonly sourceNamespace?: string;
  readonly gateways?: readonly string[];
  readonly ignoreUriCase?: boolean;
}

/** One of the three; none of them: whatever is there. */
export interface StringCondition {
  readonly exact?: string;
  readonly prefix?: string;
  readonly regex?: string;
}

export interface Destination {
  readonly host: string;
  readonly subset?: string;
  readonly port?: { readonly number?: number };
}

export interface HttpDestination {
  readonly destination: Destination;
  readonly weight?: number;
  readonly headers?: Headers;
}

export interface Headers {
  readonly request?: HeaderOperations;
  readonly response?: HeaderOperations;
}

export interface HeaderOperations {
  readonly set?: Readonly<Record<string, string>>;
  readonly add?: Readonly<Record<string, string>>;
  readonly remove?: readonly string[];
}

export interface HttpRewrite {
  readonly uri?: string;
  readonly authority?: string;
  readonly uriRegexRewrite?: { readonly match?: string; readonly rewrite?: string };
}

export interface HttpRedirect {
  readonly uri?: string;
  readonly authority?: string;
  readonly scheme?: string;
  readonly port?: number;
  readonly derivePort?: string;
  readonly redirectCode?: number;
  readonly prefixRewrite?: string;
}

export interface HttpDirectResponse {
  readonly status: number;
  /** `bytes` is base64. */
  readonly body?: { readonly string?: string; readonly bytes?: string };
}

export interface HttpRetry {
  readonly attempts?: number;
  readonly perTryTimeout?: string;
  readonly retryOn?: string;
}

export interface HttpMirror {
  readonly destination?: Destination;
  readonly percentage?: Percent;
}

export interface Percent {
  readonly value?: number;
}

export interface HttpFault {
  readonly delay?: { readonly fixedDelay?: string; readonly percentage?: Percent; readonly percent?: number };
  readonly abort?: { readonly httpStatus?: number; readonly grpcStatus?: string; readonly percentage?: Percent };
}

export interface CorsPolicy {
  readonly allowOrigins?: readonly StringCondition[];
  readonly allowOrigin?: readonly string[];
  readonly allowMethods?: readonly string[];
  readonly allowHeaders?: readonly string[];
  readonly exposeHeaders?: readonly string[];
  readonly maxAge?: string;
  readonly allowCredentials?: boolean;
  readonly unmatchedPreflights?: string;
}

/** The name that a route gets of a match. Source: istio pilot/pkg/networking/core/route/route.go TranslateRoute. */
export const routeName = (
  { name = '' }: Pick<HttpRoute, 'name'>,
  match: Pick<HttpMatch, 'name'> | undefined,
): string => (match?.name ? `${name}.${match.name}` : name);

/** Of a root and its delegate, for routes as for matches. Source: istio pilot/pkg/model/virtualservice.go mergeHTTPRoute. */
export const joinedName = (root = '', delegate = ''): string =>
  root && delegate ? `${root}-${delegate}` : root || delegate;
