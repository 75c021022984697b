// The whole action of a route in words. What Istio writes into every route (its default retries) is left out;
// everything else that makes one action unlike another is said.

import {
  type ClusterChoice,
  type Cors,
  type DirectResponse,
  type Fault,
  type ForwardAction,
  faultsOf,
  type Mirror,
  type RedirectAction,
  type Retry,
  type Rewrite,
  type RouteAction,
  type RouteRow,
  type WeightedCluster,
} from '#model/route.ts';
import { describeCluster } from './describe-cluster.ts';
import { describeHeader, quoteValue, separator } from './describe-match.ts';

/**
 * What happens to a request that gets here: a virtual host without routes answers 404, one that requires TLS redirects
 * first.
 */
export function describeRowAction(row: RouteRow): string {
  const action =
    row.route === undefined
      ? '404, no routes'
      : joined([describeAction(withShortBody(row.route.action)), ...faultsOf(row.route).map(describeFault)]);
  if (row.requireTls === 'none') return action;
  return `${row.requireTls === 'all' ? 'plain HTTP' : 'plain HTTP from outside'}: 301 to https${separator}${action}`;
}

/** Pages for maintenance are long, and a table is as wide as its longest cell. */
const withShortBody = (action: RouteAction): RouteAction =>
  action.kind === 'direct-response' && action.body ? { ...action, body: shortBody(action.body) } : action;

/** Both ends of it. */
export const shortBody = (body: string): string =>
  body.length <= 80 ? body : `${body.slice(0, 60)}…${body.slice(-19)}`;

/** `90% svc2/web:80, 10% svc2/web:80 (v2) · timeout 5s · rewrite / → /v2`. */
export function describeAction(action: RouteAction): string {
  switch (action.kind) {
    case 'forward':
      return describeForward(action);
    case 'redirect':
      return describeRedirect(action);
    case 'direct-response':
      return describeDirectResponse(action);
    case 'unknown':
      return `unknown action ${action.type}`;
  }
}

/** `fault: 503 for 10%, 200ms later for 50%`; without a percentage it is for all requests. */
export function describeFault(fault: Fault | undefined): string {
  const { abort, delay, headers = [], upstreamCluster, downstreamNodes } = fault ?? {};
  const parts = [
    abort && abort.share > 0 ? `${describeAbort(abort)}${describePart(abort.share)}` : '',
    delay && delay.share > 0
      ? `${delay.byHeader === undefined ? describeMs(delay.ms) : 'as a header asks'} later${describePart(delay.share)}`
      : '',
  ].filter((part) => part !== '');
  const asked = [
    ...headers.map(describeHeader),
    ...(upstreamCluster === undefined ? [] : [`for ${describeCluster(upstreamCluster)}`]),
    ...(downstreamNodes === undefined ? [] : [`from node ${downstreamNodes.join(' or ')}`]),
  ];
  return parts.length === 0
    ? ''
    : `fault: ${parts.join(', ')}${asked.length === 0 ? '' : ` where ${asked.join(' and ')}`}`;
}

function describeAbort({ code, grpcStatus, byHeader }: NonNullable<Fault['abort']>): string {
  if (byHeader !== undefined) return 'the code that a header asks for';
  return grpcStatus === undefined ? String(code) : `grpc-status ${grpcStatus}`;
}

const describePart = (share: number): string => (share === 1 ? '' : ` for ${Math.round(share * 10_000) / 100}%`);

function describeForward(action: ForwardAction): string {
  return joined([
    describeChoice(action.to),
    describeRewrite(action.rewrite),
    action.timeoutMs === 0
      ? ''
      : action.timeoutMs === undefined
        ? 'timeout 15s (default)'
        : `timeout ${describeMs(action.timeoutMs)}`,
    action.idleTimeoutMs === undefined ? '' : `idle timeout ${describeMs(action.idleTimeoutMs)}`,
    isIstioDefault(action.retry) ? '' : describeRetry(action.retry),
    ...action.mirrors.map(describeMirror),
    action.cors === undefined ? '' : describeCors(action.cors),
    action.hashPolicies === 0
      ? ''
      : `${action.hashPolicies === 1 ? 'a hash policy' : `${action.hashPolicies} hash policies`}`,
    ...(action.upgrades ?? []).map(({ type, isAllowed }) => `${isAllowed ? 'takes' : 'forbids'} upgrades to ${type}`),
    action.priority === undefined ? '' : `priority ${action.priority}`,
    action.clusterNotFoundCode === 503 ? '' : `${action.clusterNotFoundCode} where the cluster is missing`,
  ]);
}

const joined = (parts: readonly string[]): string => parts.filter((part) => part !== '').join(separator);

/** Where connections that are handed on go. */
export function describeClusters(clusters: readonly WeightedCluster[]): string {
  const [only] = clusters;
  if (clusters.length === 0) return 'no cluster that is named here';
  if (only && clusters.length === 1) return describeChoice({ kind: 'cluster', cluster: only.cluster });
  return describeChoice({
    kind: 'weighted',
    clusters,
    totalWeight: clusters.reduce((sum, { weight }) => sum + weight, 0),
  });
}

export function describeChoice(to: ClusterChoice): string {
  switch (to.kind) {
    case 'cluster':
      return describeCluster(to.cluster);
    case 'weighted':
      return describeWeighted(to);
    case 'header':
      return `the cluster named by header ${to.header}`;
    case 'unknown':
      return `unknown cluster choice ${to.type}`;
  }
}

function describeWeighted(to: Extract<ClusterChoice, { kind: 'weighted' }>): string {
  const shares = to.clusters.map(({ cluster, weight, host, header }) => {
    const name = header === undefined ? describeCluster(cluster) : `the cluster named by header ${header}`;
    return `${describeShare(weight, to.totalWeight)} ${name}${host === undefined ? '' : ` as host ${quoteValue(host)}`}`;
  });
  const chosen = [
    to.randomHeader === undefined ? '' : ` by header ${to.randomHeader}`,
    to.runtimeKeyPrefix === undefined ? '' : ` (runtime ${to.runtimeKeyPrefix})`,
  ];
  return shares.join(', ') + chosen.join('');
}

/** The weight itself where the percentage would be rounded: two different weights must not look alike. */
function describeShare(weight: number, total: number): string {
  const percent = (weight / total) * 100;
  return Number.isInteger(percent * 10) ? `${percent}%` : `${weight}/${total}`;
}

function describeRewrite(rewrite: Rewrite): string {
  return joined([
    rewrite.prefix === undefined ? '' : `rewrite to ${quoteValue(rewrite.prefix)}`,
    rewrite.regex === undefined
      ? ''
      : `rewrite ${quoteValue(rewrite.regex.pattern)} → ${quoteValue(rewrite.regex.substitution)}`,
    rewrite.template === undefined ? '' : `rewrite to template ${quoteValue(rewrite.template)}`,
    rewrite.pathFormat === undefined ? '' : `rewrite to ${quoteValue(rewrite.pathFormat)}`,
    rewrite.host === undefined ? '' : `host ${quoteValue(rewrite.host)}`,
    rewrite.hostFormat === undefined ? '' : `host ${quoteValue(rewrite.hostFormat)}`,
    rewrite.autoHost ? "host of the endpoint's own name" : '',
    rewrite.hostFromHeader === undefined ? '' : `host from header ${rewrite.hostFromHeader}`,
    rewrite.hostFromPath === undefined
      ? ''
      : `host from path ${quoteValue(rewrite.hostFromPath.pattern)} → ${quoteValue(rewrite.hostFromPath.substitution)}`,
  ]);
}

/** 500ms, 5s, 2m, 1.5s. */
export function describeMs(ms: number): string {
  if (ms === 0) return 'none';
  if (ms % 60_000 === 0) return `${ms / 60_000}m`;
  return ms < 1000 ? `${ms}ms` : `${ms / 1000}s`;
}

/**
 * Source: pilot/pkg/networking/core/route/retry, DefaultPolicy: the same from Istio 1.24 on; older ones added a 503.
 */
const istioRetryOn = new Set([
  'connect-failure',
  'refused-stream',
  'unavailable',
  'cancelled',
  'retriable-status-codes',
]);

function isIstioDefault(retry: Retry | undefined): boolean {
  return (
    retry?.attempts === 2 &&
    retry.perTryTimeoutMs === undefined &&
    retry.on.length === 5 &&
    retry.on.every((on) => istioRetryOn.has(on))
  );
}

/** How long the gateway waits for an answer, and how often it tries: also what Istio or Envoy has chosen. */
export function describeLimits({ timeoutMs, retry }: ForwardAction): string {
  const timeout = timeoutMs === undefined ? "timeout 15s, Envoy's own" : `timeout ${describeMs(timeoutMs)}`;
  return joined([timeout, isIstioDefault(retry) ? "2 retries, Istio's own" : describeRetry(retry)]);
}

export function describeRetry(retry: Retry | undefined): string {
  if (retry === undefined || retry.attempts === 0) return 'no retries';
  const perTry = retry.perTryTimeoutMs === undefined ? '' : `, ${describeMs(retry.perTryTimeoutMs)} each`;
  return `${retry.attempts === 1 ? '1 retry' : `${retry.attempts} retries`}${perTry} on ${retry.on.join(',')}`;
}

const describeMirror = (mirror: Mirror): string => `mirror ${mirror.percent}% to ${describeCluster(mirror.cluster)}`;

function describeCors(cors: Cors): string {
  const parts = [
    ['origins', cors.allowOrigins.join(', ')],
    ['methods', cors.allowMethods.join(', ')],
    ['headers', cors.allowHeaders.join(', ')],
    ['exposed', cors.exposeHeaders.join(', ')],
    ['max age', cors.maxAge ?? ''],
    ['credentials', cors.allowCredentials === undefined ? '' : cors.allowCredentials ? 'yes' : 'no'],
  ] as const;
  return `CORS ${parts.flatMap(([name, value]) => (value === '' ? [] : [`${name} ${value}`])).join('; ')}`.trimEnd();
}

/** `301 → https://host:8443/new?…`: `…` stands for what the request brought along. */
function describeRedirect(action: RedirectAction): string {
  const scheme = action.scheme === undefined ? '' : `${action.scheme}://`;
  const port = action.port === undefined ? '' : `:${action.port}`;
  const host = action.host ?? (scheme === '' && port === '' ? '' : '…');
  const regex = action.regex && ` ${quoteValue(action.regex.pattern)} → ${quoteValue(action.regex.substitution)}`;
  const path = action.path ?? action.pathFormat ?? (action.prefix === undefined ? '' : `${action.prefix}…`);
  const query = action.stripQuery ? ', without the query' : '';
  return `${action.code} → ${`${scheme}${host}${port}${path}` || (regex ? '' : 'the same URL')}${regex ?? ''}${query}`.replace(
    '→  ',
    '→ ',
  );
}

function describeDirectResponse(action: DirectResponse): string {
  return action.body === undefined || action.body === ''
    ? `${action.code}, direct response`
    : `${action.code}, direct response ${JSON.stringify(action.body)}`;
}
