// What is read of a Kubernetes object is checked for its type where the object comes in: from the API server, or from a
// saved directory. Source: kubernetes api core/v1, apps/v1 types.go, apimachinery meta/v1 ObjectMeta.

import { isDnsName } from './dns-name.ts';
import { field } from './json.ts';
import { kinds, type Resource } from './kinds.ts';
import type { KubeObject } from './kube-object.ts';
import { anything, boolean, list, mapOf, number, object, optional, type Schema, text, time } from './schema.ts';
import { specSchemas } from './spec-schemas.ts';

export interface ContainerStatus {
  readonly name: string;
  readonly ready?: boolean;
  readonly restartCount?: number;
  readonly state?: {
    readonly waiting?: { readonly reason?: string };
    readonly terminated?: { readonly reason?: string };
  };
  /** How the run before ended. */
  readonly lastState?: { readonly terminated?: { readonly reason?: string } };
}

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason?: string;
  readonly message?: string;
}

/** A container, and since Kubernetes 1.32 the pod as a whole. */
export interface Limited {
  readonly resources?: { readonly limits?: { readonly memory?: string } };
}

interface Container extends Limited {
  readonly name?: string;
  readonly image?: string;
  readonly ports?: readonly { readonly containerPort?: number }[];
  /** Of an init container `Always`: it runs beside the others, as a sidecar. */
  readonly restartPolicy?: string;
}

export interface PodObject extends KubeObject {
  readonly spec?: Limited & {
    readonly nodeName?: string;
    readonly hostNetwork?: boolean;
    readonly containers?: readonly Container[];
    readonly initContainers?: readonly Container[];
  };
  readonly status?: {
    readonly phase?: string;
    readonly podIP?: string;
    readonly startTime?: string;
    readonly reason?: string;
    readonly conditions?: readonly Condition[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

const texts = mapOf(text);
const reason = optional(object<{ readonly reason?: string }>({ reason: optional(text) }));

const metadata = object({
  name: text,
  namespace: optional(text),
  uid: optional(text),
  resourceVersion: optional(text),
  creationTimestamp: optional(time),
  deletionTimestamp: optional(time),
  labels: optional(texts),
  annotations: optional(texts),
  ownerReferences: optional(list(object({ kind: text, name: text, controller: optional(boolean) }))),
});

const containerStatuses = optional(
  list(
    object<ContainerStatus>({
      name: text,
      ready: optional(boolean),
      restartCount: optional(number),
      state: optional(object<NonNullable<ContainerStatus['state']>>({ waiting: reason, terminated: reason })),
      lastState: optional(object<NonNullable<ContainerStatus['lastState']>>({ terminated: reason })),
    }),
  ),
);

const resources = optional(
  object<NonNullable<Limited['resources']>>({
    limits: optional(object<{ memory?: string }>({ memory: optional(text) })),
  }),
);

const ports = optional(list(object<{ containerPort?: number }>({ containerPort: optional(number) })));

const containers = optional(
  list(
    object<Container>({
      name: optional(text),
      image: optional(text),
      ports,
      resources,
      restartPolicy: optional(text),
    }),
  ),
);

const podSpec = object<NonNullable<PodObject['spec']>>({
  nodeName: optional(text),
  hostNetwork: optional(boolean),
  containers,
  initContainers: containers,
  resources,
});

const podStatus = object<NonNullable<PodObject['status']>>({
  phase: optional(text),
  podIP: optional(text),
  startTime: optional(time),
  reason: optional(text),
  conditions: optional(
    list(object<Condition>({ type: text, status: text, reason: optional(text), message: optional(text) })),
  ),
  containerStatuses,
  initContainerStatuses: containerStatuses,
});

const requirements = optional(list(object({ key: text, operator: text, values: optional(list(text)) })));
const workloadSpec = object({
  selector: optional(object({ matchLabels: optional(texts), matchExpressions: requirements })),
  template: optional(object({ spec: optional(object({ nodeSelector: optional(texts) })) })),
});

const specs: Readonly<Partial<Record<Resource, readonly [spec: Schema<unknown>, status: Schema<unknown>]>>> = {
  pods: [podSpec, podStatus],
  services: [
    object({ selector: optional(texts), ports: optional(list(object({ port: number, nodePort: optional(number) }))) }),
    anything,
  ],
  daemonsets: [workloadSpec, object({ desiredNumberScheduled: optional(number) })],
  deployments: [workloadSpec, anything],
  nodes: [object({ taints: optional(list(object({ key: text, value: optional(text), effect: text }))) }), anything],
};

/** An object of that kind, with the fields that some command reads. */
export function objectSchema(resource: Resource): Schema<KubeObject> {
  const [own, status] = specs[resource] ?? [anything, anything];
  const common = specSchemas[resource] ?? anything;
  const spec: Schema<unknown> = (value, path) => own(value, path) ?? common(value, path);
  const whole = object({ metadata, spec: optional(spec), status: optional(status) }) as Schema<KubeObject>;
  return kinds[resource].isCustom ? leavingOutSpec(whole) : whole;
}

/** Of a kind that a CustomResourceDefinition declares: another one may have let in what this one does not. */
const leavingOutSpec =
  (whole: Schema<KubeObject>): Schema<KubeObject> =>
  (value, path) => {
    const wrong = known(value, path);
    const illTyped = wrong === undefined ? whole(value, '') : undefined;
    if (illTyped !== undefined) leaveOut(value as KubeObject, illTyped);
    return wrong;
  };

const leaveOut = (one: KubeObject, illTyped: string): KubeObject =>
  Object.assign(one, {
    illTyped,
    unread: { spec: one['spec'], status: one['status'] },
    spec: undefined,
    status: undefined,
  });

const known = object({ metadata });

/** Of hundreds nobody finds one by its number: what is wrong with it has its name, too. */
export function objectsSchema(resource: Resource): Schema<readonly KubeObject[]> {
  const one = objectSchema(resource);
  return list((value, path) => {
    const wrong = one(value, path);
    return wrong && `${wrong}${inObject(field(value, 'metadata'))}`;
  });
}

function inObject(metadata: unknown): string {
  const names = [field(metadata, 'namespace'), field(metadata, 'name')].filter((name) => typeof name === 'string');
  return names.length > 0 && names.every(isDnsName) ? `, in ${names.join('/')}` : '';
}

/** One page of a list; Go writes null for an empty one. */
export const pageSchema = (resource: Resource): Schema<Page> =>
  object<Page>({
    metadata: object<Page['metadata']>({ continue: optional(text) }),
    items: optional(objectsSchema(resource)),
  });

export interface Page {
  readonly metadata: { readonly continue?: string };
  readonly items?: readonly KubeObject[];
}
