// Values that only a cluster knows. Little is asked: lists of the API server and, for loggers, one pod's.

import type { Completes } from '#command/flag.ts';
import { hasAnswered, readiestPod } from '#core/fleet.ts';
import { field } from '#core/json.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import type { GatewayOptions } from '#core/source-options.ts';
import type { Candidate } from './candidates.ts';

type Ask = (source: Source, options: GatewayOptions) => Promise<readonly Candidate[]>;

export const liveKinds: Readonly<Partial<Record<Completes, Ask>>> = {
  namespace: async (source) => named((await gatewayPods(source)).map(({ metadata }) => metadata.namespace)),
  gateway: async (source, { namespace }) => named((await gatewayPods(source, namespace)).flatMap(owners)),
  pod: async (source) => (await source.gateway()).pods.map(({ name, node }) => ({ value: name, describe: node })),
  node: async (source) => named((await source.gateway()).pods.map(({ node }) => node)),
  host: hosts,
  url: async (source) =>
    (await hosts(source))
      .filter(({ value }) => !value.includes('*'))
      .map(({ value, describe }) => ({ value: `https://${value}/`, describe })),
  secret: async (source) => named((await source.list('gateways')).flatMap(credentialNames)),
  virtualservice: async (source) => named((await ingressServices(source)).map(nameOf)),
  logger: loggers,
};

const named = (values: readonly (string | undefined)[]): Candidate[] =>
  [...new Set(values.filter((value) => value !== undefined))].sort().map((value) => ({ value }));

/** What is read leniently: an object of another shape has no such list. */
const array = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);
const text = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

const nameOf = ({ metadata }: KubeObject): string => `${metadata.namespace}/${metadata.name}`;

/** The label by which the gateways are found without --gateway. */
const gatewayPods = (source: Source, namespace?: string): Promise<readonly KubeObject[]> =>
  source.list('pods', { labelSelector: 'istio=ingressgateway', ...(namespace === undefined ? {} : { namespace }) });

/** A pod of a Deployment belongs to a ReplicaSet, which has the Deployment's name and a hash. */
function owners({ metadata }: KubeObject): string[] {
  return array(metadata['ownerReferences']).flatMap((owner) => {
    const [kind, name] = [text(field(owner, 'kind')), text(field(owner, 'name')) ?? ''];
    if (kind === 'DaemonSet') return [`ds/${name}`];
    return kind === 'ReplicaSet' ? [`deploy/${name.replace(/-[^-]+$/, '')}`] : [];
  });
}

/** VirtualServices of the mesh alone are not the ingress's. */
async function ingressServices(source: Source): Promise<KubeObject[]> {
  const all = await source.list('virtualservices');
  return all.filter(({ spec }) => array(field(spec, 'gateways')).some((gateway) => gateway !== 'mesh'));
}

async function hosts(source: Source): Promise<readonly Candidate[]> {
  const pairs = (await ingressServices(source)).flatMap((service) =>
    array(field(service.spec, 'hosts')).map((host) => [String(host), nameOf(service)] as const),
  );
  return [...new Map(pairs)]
    .map(([value, describe]) => ({ value, describe }))
    .sort((a, b) => (a.value < b.value ? -1 : 1));
}

const credentialNames = ({ spec }: KubeObject): (string | undefined)[] =>
  array(field(spec, 'servers')).map((server) => text(field(field(server, 'tls'), 'credentialName')));

/** Every pod has the same loggers. The list is a line for each, with its level. */
async function loggers(source: Source): Promise<readonly Candidate[]> {
  const pod = readiestPod(await source.gateway());
  const outcome = pod && (await source.onePod(pod, (admin) => admin.logging()));
  if (!outcome || !hasAnswered(outcome)) return [];
  const lines = outcome.ok.matchAll(/^ +(\S+): (\w+)$/gm);
  return [...lines].map(([, logger, level]) => ({ value: `${logger}:`, describe: level }));
}
