// `/debug/syncz` of one istiod, which knows only the proxies connected to it. Source: istio/pilot/pkg/xds/debug.go
// SyncStatus: flat nonces from Istio 1.9 on, `resources` with times and NACKs from 1.23 on.

import { ToolError } from '#core/error.ts';
import { entriesIn, type JsonObject, rootObject, textIn } from '#core/json.ts';
import { rejectionReason } from '#core/rejection-reason.ts';
import { type ProxySync, type TypeSync, wholeError, type XdsType } from '#model/sync.ts';

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

const flatNames: Readonly<Partial<Record<XdsType, string>>> = {
  CDS: 'cluster',
  LDS: 'listener',
  EDS: 'endpoint',
  RDS: 'route',
  ECDS: 'extensionconfig',
};

function flatTypes(proxy: JsonObject): ProxySync['types'] {
  const types = Object.entries(flatNames).flatMap(([type, name]) => {
    const [sent, acked] = [textIn(proxy, `${name}_sent`) ?? '', textIn(proxy, `${name}_acked`) ?? ''];
    // Few meshes have extensions, and older istiods say nothing of them.
    if (type === 'ECDS' && sent === '') return [];
    return [[type, { state: stateOf(sent, acked, undefined), error: undefined, sentAt: timeOf(sent) }]];
  });
  return Object.fromEntries(types);
}

/** The last parts of the type URLs; what differs between xDS versions comes before them. */
const messages: Readonly<Record<string, XdsType>> = {
  Cluster: 'CDS',
  Listener: 'LDS',
  ClusterLoadAssignment: 'EDS',
  RouteConfiguration: 'RDS',
  Secret: 'SDS',
  TypedExtensionConfig: 'ECDS',
};

function resourceTypes(proxy: JsonObject): ProxySync['types'] {
  const types = entriesIn(proxy, 'resources').flatMap(([url, resource]) => {
    const type = messages[url.split('.').at(-1) ?? ''];
    if (type === undefined) return [];
    const [sent, acked] = [textIn(resource, 'sent') ?? '', textIn(resource, 'acked') ?? ''];
    const text = textIn(resource, 'lastError') || undefined;
    const error = rejectionReason(text ?? '') || undefined;
    return [
      [
        type,
        {
          state: stateOf(sent, acked, error),
          error,
          ...(text === undefined ? {} : { [wholeError]: text }),
          sentAt: textIn(resource, 'sentTime') ?? timeOf(sent),
        },
      ] as const,
    ];
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
