// The columns of each kind. Source: kubernetes/pkg/printers/internalversion/printers.go; additionalPrinterColumns of
// Istio's and cert-manager's CustomResourceDefinitions.

import { compareText } from '#core/compare.ts';
import { field } from '#core/json.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { ageOf } from './human-duration.ts';
import { at, conditionOf, listAt } from './object-field.ts';
import { podColumns } from './pod-columns.ts';
import type { ResourceType } from './resource-type.ts';

export type Cell = (object: KubeObject, now: Date) => string | number;

export interface Column {
  readonly name: string;
  readonly type?: 'string' | 'integer';
  /** Shown with `-o wide` only. */
  readonly isWide?: boolean;
  readonly cell: Cell;
}

type Path = readonly string[];

/** `none`: what stands there where the field does not. */
const textAt =
  (path: Path, none = ''): Cell =>
  (object) => {
    const value = at(object, ...path);
    if (value === undefined || value === '') return none;
    return typeof value === 'string' ? value : JSON.stringify(value);
  };

const name: Column = { name: 'Name', cell: ({ metadata }) => metadata.name };
const age: Column = { name: 'Age', cell: ({ metadata }, now) => ageOf(metadata.creationTimestamp, now) };
const text = (header: string, path: Path, none?: string): Column => ({ name: header, cell: textAt(path, none) });
const count = (header: string, ...path: Path): Column => ({
  name: header,
  type: 'integer',
  cell: (object) => Number(at(object, ...path) ?? 0),
});
const wide = (column: Column): Column => ({ ...column, isWide: true });

const containersOf = (object: KubeObject): readonly unknown[] =>
  listAt(object, 'spec', 'template', 'spec', 'containers');
const joined = (values: readonly unknown[]): string => values.map(String).join(',');
const labels = (value: unknown): string =>
  joined(
    Object.entries((value ?? {}) as object)
      .sort(([a], [b]) => compareText(a, b))
      .map(([label, set]) => `${label}=${set}`),
  ) || '<none>';

const plainWorkload: readonly Column[] = [
  { name: 'Containers', cell: (object) => joined(containersOf(object).map((one) => field(one, 'name'))) },
  { name: 'Images', cell: (object) => joined(containersOf(object).map((one) => field(one, 'image'))) },
  { name: 'Selector', cell: (object) => labels(at(object, 'spec', 'selector', 'matchLabels')) },
];
const workload = plainWorkload.map(wide);

/** `80/TCP`, `80:30080/TCP`. */
const servicePort = (one: unknown): string => {
  const node = field(one, 'nodePort');
  return `${field(one, 'port')}${node === undefined ? '' : `:${node}`}/${field(one, 'protocol') ?? 'TCP'}`;
};

function externalIp(object: KubeObject): string {
  const own = listAt(object, 'spec', 'externalIPs');
  const type = at(object, 'spec', 'type');
  if (type === 'ExternalName') return String(at(object, 'spec', 'externalName'));
  if (type !== 'LoadBalancer') return joined(own) || '<none>';
  const given = listAt(object, 'status', 'loadBalancer', 'ingress').map(
    (one) => field(one, 'ip') ?? field(one, 'hostname'),
  );
  return joined([...given, ...own]) || '<pending>';
}

const rolePrefix = 'node-role.kubernetes.io/';

function nodeStatus(object: KubeObject): string {
  const ready = field(conditionOf(object, 'Ready'), 'status');
  const status = ready === 'True' ? 'Ready' : ready === undefined ? 'Unknown' : 'NotReady';
  return at(object, 'spec', 'unschedulable') === true ? `${status},SchedulingDisabled` : status;
}

const nodeAddress = (object: KubeObject, type: string): string =>
  String(
    field(
      listAt(object, 'status', 'addresses').find((one) => field(one, 'type') === type),
      'address',
    ) ?? '<none>',
  );

/** At most three, as Kubernetes has it. */
function atMostThree(values: readonly string[], none: string): string {
  if (values.length === 0) return none;
  return values.length > 3 ? `${joined(values.slice(0, 3))} + ${values.length - 3} more...` : joined(values);
}

/** Events of the newer API have their times in other fields. */
function seen(object: KubeObject, which: 'first' | 'last', now: Date): string {
  const times = which === 'first' ? ['firstTimestamp', 'eventTime'] : ['lastTimestamp', 'firstTimestamp', 'eventTime'];
  const series = which === 'last' ? at(object, 'series', 'lastObservedTime') : undefined;
  const time = series ?? times.map((one) => object[one]).find((one) => typeof one === 'string');
  return ageOf(typeof time === 'string' ? time : undefined, now);
}

const involved = (object: KubeObject): string =>
  `${String(at(object, 'involvedObject', 'kind') ?? '').toLowerCase()}/${at(object, 'involvedObject', 'name') ?? ''}`;

const byResource: Readonly<Partial<Record<ResourceType['resource'], readonly Column[]>>> = {
  pods: [name, ...podColumns.slice(0, 3), age, ...podColumns.slice(3)],
  namespaces: [name, text('Status', ['status', 'phase']), age],
  deployments: [
    name,
    {
      name: 'Ready',
      cell: (object) => `${at(object, 'status', 'readyReplicas') ?? 0}/${at(object, 'spec', 'replicas') ?? 1}`,
    },
    count('Up-to-date', 'status', 'updatedReplicas'),
    count('Available', 'status', 'availableReplicas'),
    age,
    ...workload,
  ],
  replicasets: [
    name,
    count('Desired', 'spec', 'replicas'),
    count('Current', 'status', 'replicas'),
    count('Ready', 'status', 'readyReplicas'),
    age,
    ...workload,
  ],
  daemonsets: [
    name,
    count('Desired', 'status', 'desiredNumberScheduled'),
    count('Current', 'status', 'currentNumberScheduled'),
    count('Ready', 'status', 'numberReady'),
    count('Up-to-date', 'status', 'updatedNumberScheduled'),
    count('Available', 'status', 'numberAvailable'),
    { name: 'Node Selector', cell: (object) => labels(at(object, 'spec', 'template', 'spec', 'nodeSelector')) },
    age,
    ...workload,
  ],
  services: [
    name,
    text('Type', ['spec', 'type']),
    text('Cluster-IP', ['spec', 'clusterIP'], '<none>'),
    { name: 'External-IP', cell: externalIp },
    { name: 'Port(s)', cell: (object) => joined(listAt(object, 'spec', 'ports').map(servicePort)) || '<none>' },
    age,
    wide({ name: 'Selector', cell: (object) => labels(at(object, 'spec', 'selector')) }),
  ],
  nodes: [
    name,
    { name: 'Status', cell: nodeStatus },
    {
      name: 'Roles',
      cell: ({ metadata }) =>
        joined(
          Object.keys(metadata.labels ?? {})
            .filter((label) => label.startsWith(rolePrefix))
            .map((label) => label.slice(rolePrefix.length))
            .sort(),
        ) || '<none>',
    },
    age,
    text('Version', ['status', 'nodeInfo', 'kubeletVersion']),
    wide({ name: 'Internal-IP', cell: (object) => nodeAddress(object, 'InternalIP') }),
    wide({ name: 'External-IP', cell: (object) => nodeAddress(object, 'ExternalIP') }),
    wide(text('OS-Image', ['status', 'nodeInfo', 'osImage'], '<unknown>')),
    wide(text('Kernel-Version', ['status', 'nodeInfo', 'kernelVersion'], '<unknown>')),
    wide(text('Container-Runtime', ['status', 'nodeInfo', 'containerRuntimeVersion'], '<unknown>')),
  ],
  endpointslices: [
    name,
    text('AddressType', ['addressType']),
    {
      name: 'Ports',
      cell: (object) =>
        atMostThree(
          listAt(object, 'ports').map((one) => String(field(one, 'port') ?? '*')),
          '<unset>',
        ),
    },
    {
      name: 'Endpoints',
      cell: (object) =>
        atMostThree(
          listAt(object, 'endpoints').flatMap((one) => listAt(one, 'addresses').map(String)),
          '<unset>',
        ),
    },
    age,
  ],
  events: [
    { name: 'Last Seen', cell: (object, now) => seen(object, 'last', now) },
    text('Type', ['type']),
    text('Reason', ['reason']),
    { name: 'Object', cell: involved },
    wide(text('Subobject', ['involvedObject', 'fieldPath'])),
    wide(text('Source', ['source', 'component'])),
    { name: 'Message', cell: (object) => String(object['message'] ?? '').trim() },
    wide({ name: 'First Seen', cell: (object, now) => seen(object, 'first', now) }),
    wide({ name: 'Count', type: 'integer', cell: (object) => Number(object['count'] ?? 1) }),
    wide(name),
  ],
  secrets: [
    name,
    text('Type', ['type']),
    { name: 'Data', type: 'integer', cell: (object) => Object.keys(object['data'] ?? {}).length },
    age,
  ],
  virtualservices: [name, text('Gateways', ['spec', 'gateways']), text('Hosts', ['spec', 'hosts']), age],
  destinationrules: [name, text('Host', ['spec', 'host']), age],
  certificates: [
    name,
    { name: 'Ready', cell: (object) => String(field(conditionOf(object, 'Ready'), 'status') ?? '') },
    text('Secret', ['spec', 'secretName']),
    wide(text('Issuer', ['spec', 'issuerRef', 'name'])),
    wide({ name: 'Status', cell: (object) => String(field(conditionOf(object, 'Ready'), 'message') ?? '') }),
    age,
  ],
};

/** A kind without columns of its own has its name and its age. */
export const columnsOf = (resource: ResourceType['resource']): readonly Column[] => byResource[resource] ?? [name, age];
