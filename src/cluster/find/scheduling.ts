// On which nodes a DaemonSet wants a pod. Source: kubernetes/pkg/controller/daemon (NodeShouldRunDaemonPod,
// util.AddOrUpdateDaemonPodTolerations), component-helpers/scheduling/corev1/nodeaffinity.

import type { KubeObject } from '#core/kube-object.ts';

interface Requirement {
  readonly key: string;
  readonly operator: string;
  readonly values?: readonly string[];
}

interface NodeSelectorTerm {
  readonly matchExpressions?: readonly Requirement[];
  readonly matchFields?: readonly Requirement[];
}

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

interface Toleration {
  readonly key?: string;
  readonly operator?: string;
  readonly value?: string;
  readonly effect?: string;
}

export interface PodSpec {
  readonly nodeSelector?: Readonly<Record<string, string>>;
  readonly tolerations?: readonly Toleration[];
  readonly hostNetwork?: boolean;
  readonly affinity?: {
    readonly nodeAffinity?: {
      readonly requiredDuringSchedulingIgnoredDuringExecution?: {
        readonly nodeSelectorTerms?: readonly NodeSelectorTerm[];
      };
    };
  };
}

interface NodeObject extends KubeObject {
  readonly spec?: { readonly taints?: readonly Taint[] };
}

export function wantsPodOn(spec: PodSpec, node: NodeObject): boolean {
  const labels = node.metadata.labels ?? {};
  const isSelected = Object.entries(spec.nodeSelector ?? {}).every(([key, value]) => labels[key] === value);
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms;
  const isNear = terms === undefined || terms.some((term) => meets(term, node.metadata.name, labels));
  const isTolerated = (node.spec?.taints ?? [])
    .filter(({ effect }) => effect === 'NoSchedule' || effect === 'NoExecute')
    .every((taint) =>
      [...(spec.tolerations ?? []), ...ownTolerations(spec)].some((toleration) => tolerates(toleration, taint)),
    );
  return isSelected && isNear && isTolerated;
}

/** The node that a DaemonSet pod is meant for, also before it is scheduled. */
export function nodeMeantFor(spec: PodSpec): string | undefined {
  const terms = spec.affinity?.nodeAffinity?.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms ?? [];
  return terms.flatMap(({ matchFields = [] }) => matchFields).find(({ key }) => key === 'metadata.name')?.values?.[0];
}

/** The DaemonSet controller puts these into every pod. */
const ownTolerations = ({ hostNetwork }: PodSpec): readonly Toleration[] =>
  [
    'not-ready',
    'unreachable',
    'disk-pressure',
    'memory-pressure',
    'pid-pressure',
    'unschedulable',
    ...(hostNetwork ? ['network-unavailable'] : []),
  ].map((name) => ({ key: `node.kubernetes.io/${name}`, operator: 'Exists' }));

function tolerates({ key, operator = 'Equal', value = '', effect }: Toleration, taint: Taint): boolean {
  if (effect && effect !== taint.effect) return false;
  if (!key) return operator === 'Exists';
  return key === taint.key && (operator === 'Exists' || value === (taint.value ?? ''));
}

function meets(
  { matchExpressions = [], matchFields = [] }: NodeSelectorTerm,
  name: string,
  labels: Readonly<Record<string, string>>,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false;
  return (
    matchExpressions.every((one) => meetsOne(one, labels[one.key])) && matchFields.every((one) => meetsOne(one, name))
  );
}

function meetsOne({ operator, values = [] }: Requirement, actual: string | undefined): boolean {
  const [first] = values;
  if (operator === 'In') return actual !== undefined && values.includes(actual);
  if (operator === 'NotIn') return actual === undefined || !values.includes(actual);
  if (operator === 'Exists') return actual !== undefined;
  if (operator === 'DoesNotExist') return actual === undefined;
  if (operator === 'Gt') return Number(actual) > Number(first);
  if (operator === 'Lt') return Number(actual) < Number(first);
  return true;
}
