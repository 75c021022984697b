// Which Kubernetes object has brought what Envoy rejected: the rejected configuration has something of it that the active
// one has not, be it a filter's name, a host or the path of a VirtualService in istiod's metadata. Source: istio
// pilot/pkg/networking/core/envoyfilter, pilot/pkg/networking/util (BuildConfigInfoMetadata).

import { compareText } from '#core/compare.ts';
import type { Gateway } from '#core/fleet.ts';
import { field } from '#core/json.ts';
import { changedAt, type KubeObject } from '#core/kube-object.ts';
import type { RejectedContent } from '#model/gathered.ts';
import type { ObjectRef } from '#model/resource.ts';

export interface Suspect extends ObjectRef {
  /** False for one that was only changed last. */
  readonly isSure: boolean;
  /** A name, host or path of it that is in the rejected configuration alone; other values may be credentials. */
  readonly brings: string | undefined;
  /** The last change, RFC 3339. */
  readonly changedAt: string | undefined;
}

export interface SuspectObjects {
  readonly destinationrules: readonly KubeObject[];
  readonly envoyfilters: readonly KubeObject[];
  readonly virtualservices: readonly KubeObject[];
  readonly gateways: readonly KubeObject[];
}

const mostCandidates = 3;

/** Those that bring something new, of the first kind that does; else those that were changed last. */
export function broughtBy(content: RejectedContent, all: SuspectObjects, gateway: Gateway): Suspect[] {
  const objects = bringersOf(content, all, gateway);
  const filters = objects.envoyfilters;
  const format = refusedFormat(content.failed);
  const kinds = [
    ...(format === undefined ? [] : [withFormat(format, objects)]),
    bringing(filters, 'EnvoyFilter', ({ spec }) => namesFirst(field(spec, 'configPatches')), content),
    bringing(objects.virtualservices, 'VirtualService', pathAndTexts, content),
    bringing(objects.gateways, 'Gateway', hostsAndCredentials, content),
  ];
  const found = kinds.find((suspects) => suspects.length > 0);
  if (found) return found;
  return [
    ...filters.map((one) => suspectOf(one, 'EnvoyFilter')),
    ...objects.virtualservices.map((one) => suspectOf(one, 'VirtualService')),
    ...objects.gateways.map((one) => suspectOf(one, 'Gateway')),
    ...objects.destinationrules.map((one) => suspectOf(one, 'DestinationRule')),
  ]
    .toSorted((a, b) => compareText(b.changedAt ?? '', a.changedAt ?? ''))
    .slice(0, mostCandidates);
}

/**
 * What Envoy refuses of a header's value, where its text names nothing else: neither route configuration nor header.
 * Source: envoy source/common/formatter, source/common/router/header_parser.cc (up to 1.26).
 */
function refusedFormat(failed: string): string | undefined {
  const [, unknown, bare, value] =
    /(?:in StreamInfo: |field ')([A-Z]\w*)|([A-Z_]+) requires parameters|Incorrect configuration: (.+)\. Couldn't find/s.exec(
      failed,
    ) ?? [];
  return unknown === undefined ? (bare === undefined ? value : `%${bare}%`) : `%${unknown}`;
}

function withFormat(format: string, { envoyfilters, virtualservices }: SuspectObjects): Suspect[] {
  const suspects = (objects: readonly KubeObject[], kind: string): Suspect[] =>
    objects
      .filter(({ spec }) => textsIn(spec, '').some(({ text }) => text.includes(format)))
      .map((one) => ({ ...suspectOf(one, kind), isSure: true, brings: format }));
  return [...suspects(envoyfilters, 'EnvoyFilter'), ...suspects(virtualservices, 'VirtualService')];
}

/** Those that have a part in what is of this kind: nothing else can have brought it. */
function bringersOf({ kind }: RejectedContent, all: SuspectObjects, gateway: Gateway): SuspectObjects {
  const filters = all.envoyfilters.filter((one) => appliesTo(one, gateway));
  if (kind !== 'CDS')
    return { ...all, envoyfilters: filters.filter((one) => !changesOnlyClusters(one)), destinationrules: [] };
  const { destinationrules } = all;
  return { envoyfilters: filters.filter(changesClusters), destinationrules, virtualservices: [], gateways: [] };
}

const partsOf = ({ spec }: KubeObject): string[] => {
  const patches = field(spec, 'configPatches');
  return (Array.isArray(patches) ? patches : []).map((patch) => String(field(patch, 'applyTo')));
};

export const changesClusters = (filter: KubeObject): boolean => partsOf(filter).includes('CLUSTER');

const changesOnlyClusters = (filter: KubeObject): boolean => partsOf(filter).every((part) => part === 'CLUSTER');

/** Of istiod's own namespace it is for every proxy, else for those of its namespace; a selector narrows both. */
export function appliesTo({ metadata, spec }: KubeObject, { namespace, pods }: Gateway): boolean {
  const labels = Object.entries(Object(field(field(spec, 'workloadSelector'), 'labels')));
  const isNear = metadata.namespace === namespace || metadata.namespace === 'istio-system';
  return isNear && labels.every(([name, value]) => pods[0]?.labels[name] === value);
}

interface TextAt {
  /** The field's name. */
  readonly key: string;
  readonly text: string;
}

function bringing(
  objects: readonly KubeObject[],
  kind: string,
  textsOf: (object: KubeObject) => readonly TextAt[],
  { failed, active }: Pick<RejectedContent, 'failed' | 'active'>,
): Suspect[] {
  return objects.flatMap((one) => {
    const found = textsOf(one).find(({ text }) => hasText(failed, text) && !hasText(active, text));
    if (!found) return [];
    return [{ ...suspectOf(one, kind), isSure: true, brings: found.key === 'name' ? found.text : undefined }];
  });
}

/** As a whole value of JSON or of protobuf's text, or at the end of one. */
const hasText = (text: string, value: string): boolean => value.length > 2 && text.includes(`${value}"`);

const suspectOf = ({ metadata }: KubeObject, kind: string): Suspect => ({
  kind,
  namespace: metadata.namespace ?? '',
  name: metadata.name,
  isSure: false,
  brings: undefined,
  changedAt: changedAt(metadata),
});

/** Every text of a value, names before the others; types say nothing, unless nothing else does. */
function namesFirst(value: unknown): TextAt[] {
  const rank = ({ key }: TextAt): number => (key === 'name' ? 0 : key === '@type' ? 2 : 1);
  return textsIn(value, '').toSorted((a, b) => rank(a) - rank(b));
}

function textsIn(value: unknown, key: string): TextAt[] {
  if (typeof value === 'string') return [{ key, text: value }];
  if (Array.isArray(value)) return value.flatMap((one) => textsIn(one, key));
  return Object.entries(Object(value)).flatMap(([name, one]) => textsIn(one, name));
}

function pathAndTexts({ metadata, spec }: KubeObject): TextAt[] {
  const path = `/namespaces/${metadata.namespace}/virtual-service/${metadata.name}`;
  return [{ key: '', text: path }, ...namesFirst(['http', 'tls', 'tcp'].map((name) => field(spec, name)))];
}

function hostsAndCredentials({ spec }: KubeObject): TextAt[] {
  const servers = field(spec, 'servers');
  return (Array.isArray(servers) ? servers : []).flatMap((server) => {
    const hosts = field(server, 'hosts');
    const credential = field(field(server, 'tls'), 'credentialName');
    const names = [
      ...(Array.isArray(hosts) ? hosts.map((host) => String(host).replace(/^.*\//, '')) : []),
      ...(typeof credential === 'string' ? [`kubernetes://${credential}`] : []),
    ];
    return names.map((text) => ({ key: 'name', text }));
  });
}
