// Who wrote to which object and when, and what Kubernetes tells of it.

import { field } from '#core/json.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { describeNames, type Moment } from '#model/timeline.ts';

const text = (value: unknown, name: string): string | undefined => {
  const found = field(value, name);
  return typeof found === 'string' && found !== '' ? found : undefined;
};

/** What a manager of fields did to an object: its last write, which is all that the API server knows. */
export interface Write {
  /** RFC 3339, to the second. */
  readonly at: string;
  readonly kind: string;
  /** `NAMESPACE/NAME` */
  readonly name: string;
  /** `Update`, `Apply`, `Update of its status`; `created` where no manager is known. */
  readonly operation: string;
  readonly by: string | undefined;
}

/** Source: kubernetes apimachinery meta/v1 ManagedFieldsEntry. */
export function writesOf(kind: string, { metadata }: KubeObject): Write[] {
  const { namespace, creationTimestamp } = metadata;
  const name = namespace === undefined ? metadata.name : `${namespace}/${metadata.name}`;
  const managers = Array.isArray(metadata['managedFields']) ? (metadata['managedFields'] as readonly unknown[]) : [];
  const writes = managers.flatMap((one) => {
    const [at, part] = [text(one, 'time'), text(one, 'subresource')];
    if (at === undefined) return [];
    const operation = `${text(one, 'operation') ?? 'write'}${part === undefined ? '' : ` of its ${part}`}`;
    return [{ at, kind, name, operation, by: text(one, 'manager') }];
  });
  if (writes.length > 0 || creationTimestamp === undefined) return writes;
  return [{ at: creationTimestamp, kind, name, operation: 'created', by: undefined }];
}

/** What one manager wrote in one second is one line for each kind. */
export function momentsOfWrites(writes: readonly Write[]): Moment[] {
  const alike = Map.groupBy(writes, ({ at, kind, operation, by }) => JSON.stringify([at, kind, operation, by]));
  return [...alike.values()].map((some) => {
    const { at, kind, operation, by } = some[0] as Write;
    const names = some.map(({ name }) => name).sort();
    const what = `${describeNames(kind, names)}: ${operation}`;
    return { at, until: undefined, kind: 'object', what, by, pods: [], count: undefined };
  });
}

/** Source: kubernetes api core/v1 Event; events.k8s.io/v1 has eventTime and series in place of the old times. */
export function momentOfEvent(event: KubeObject, pods: ReadonlySet<string>): Moment | undefined {
  const first = text(event, 'firstTimestamp') ?? text(event, 'eventTime') ?? event.metadata.creationTimestamp;
  if (first === undefined) return undefined;
  const last = text(event, 'lastTimestamp') ?? text(event['series'], 'lastObservedTime') ?? first;
  const about = event['involvedObject'];
  const [kind = 'object', name = ''] = [text(about, 'kind'), text(about, 'name')];
  const count = field(event, 'count') ?? field(event['series'], 'count');
  return {
    at: first,
    until: last === first ? undefined : last,
    kind: 'event',
    what: `${text(event, 'reason') ?? 'event'}: ${text(event, 'message') ?? ''} (${kind} ${name})`,
    by: text(event, 'reportingComponent') ?? text(event['source'], 'component'),
    pods: pods.has(name) ? [name] : [],
    count: typeof count === 'number' && count > 1 ? count : undefined,
  };
}
