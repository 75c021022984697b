// `/debug/syncz` of one istiod, and what all istiods together say of a pod. Each istiod knows only the proxies connected to it.
// Source: istio/pilot/pkg/xds/debug.go SyncStatus: flat nonces from Istio 1.9 on, `resources` with times and NACKs from 1.23 on.

import { ToolError } from '#core/error.ts';
import { hasAnswered, type PodOutcome, type PodRef } from '#core/fleet.ts';
import { entriesIn, type JsonObject, rootObject, textIn } from '#core/json.ts';
import type { PodSync, ProxySync, TypeSync, XdsType } from '#model/sync.ts';

/** Throws `bad-answer` for what is no list of proxies. */
export function readSyncz(json: unknown): ProxySync[] {
  if (json === null) return []; // Go's empty list
  if (!Array.isArray(json)) throw new ToolError('bad-answer', 'cannot read debug/syncz: it is not a list');
  return json.map((entry) => readProxy(rootObject(entry, 'debug/syncz')));
}

function readProxy(proxy: JsonObject): ProxySync {
  const id = textIn(proxy, 'proxy') ?? '';
  const dot = id.lastIndexOf('.');
  return {
    pod: id.slice(0, dot),
    namespace: id.slice(dot + 1),
    istioVersion: textIn(proxy, 'istio_version') || undefined,
    types: { ...flatTypes(proxy), ...resourceTypes(proxy) },
  };
}

const flatNames: Readonly<Partial<Record<XdsType, string>>> = { CDS: 'cluster', LDS: 'listener', EDS: 'endpoint', RDS: 'route' };

function flatTypes(proxy: JsonObject): ProxySync['types'] {
  const types = Object.entries(flatNames).map(([type, name]) => {
    const [sent, acked] = [textIn(proxy, `${name}_sent`) ?? '', textIn(proxy, `${name}_acked`) ?? ''];
    return [type, { state: stateOf(sent, acked, undefined), error: undefined, sentAt: timeOf(sent) }];
  });
  return Object.fromEntries(types);
}

/** The last parts of the type URLs; what differs between xDS versions comes before them. */
const messages: Readonly<Record<string, XdsType>> = { Cluster: 'CDS', Listener: 'LDS', ClusterLoadAssignment: 'EDS', RouteConfiguration: 'RDS', Secret: 'SDS' };

function resourceTypes(proxy: JsonObject): ProxySync['types'] {
  const types = entriesIn(proxy, 'resources').flatMap(([url, resource]) => {
    const type = messages[url.split('.').at(-1) ?? ''];
    if (type === undefined) return [];
    const [sent, acked, error] = [textIn(resource, 'sent') ?? '', textIn(resource, 'acked') ?? '', textIn(resource, 'lastError') || undefined];
    return [[type, { state: stateOf(sent, acked, error), error, sentAt: textIn(resource, 'sentTime') ?? timeOf(sent) }] as const];
  });
  return Object.fromEntries(types);
}

function stateOf(sent: string, acked: string, error: string | undefined): TypeSync['state'] {
  if (error !== undefined) return 'NACK';
  if (sent === '') return 'NOT SENT';
  return sent === acked ? 'SYNCED' : 'STALE';
}

/** Newer nonces begin with the time of the push: `2026-11-23T12:07:40Z/…`. */
const timeOf = (nonce: string): string | undefined => /^\d{4}-\d\d-\d\dT[\d:.]+Z(?=\/)/.exec(nonce)?.[0];

/** Over all istiods. Only when every one of them has answered does it mean something that none knows the pod. */
export function mergeSync(pod: PodRef, istiods: readonly PodOutcome<readonly ProxySync[]>[]): PodSync {
  const known = istiods.filter(hasAnswered).flatMap(({ pod: istiod, ok }) => {
    const proxy = ok.find((one) => one.pod === pod.name && one.namespace === pod.namespace);
    return proxy ? [{ istiod: istiod.name, proxy }] : [];
  });
  // A proxy that has moved from one istiod to another may be known to both for a while: the newer connection counts.
  const [newest] = known.sort((a, b) => (lastSent(a.proxy) < lastSent(b.proxy) ? 1 : -1));
  if (newest) {
    return { state: 'connected', istiods: known.map(({ istiod }) => istiod), istioVersion: newest.proxy.istioVersion, types: newest.proxy.types };
  }
  if (istiods.length === 0) return { state: 'unknown', why: 'no istiod was found; is --istio-namespace right?' };
  const failed = istiods.flatMap((outcome) => ('failed' in outcome ? [outcome.failed.message] : []));
  const [first] = failed;
  if (first === undefined) return { state: 'not-connected' };
  return { state: 'unknown', why: istiods.length === 1 ? first : `${failed.length} of ${istiods.length} istiods did not answer: ${first}` };
}

const lastSent = ({ types }: ProxySync): string =>
  Object.values(types)
    .flatMap(({ sentAt }) => sentAt ?? [])
    .sort()
    .at(-1) ?? '';
