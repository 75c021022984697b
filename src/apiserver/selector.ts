// Label and field selectors of lists. Source: kubernetes/staging/src/k8s.io/apimachinery/pkg/fields/selector.go.

import type { KubeObject } from '#core/kube-object.ts';
import { type BadSelector, labelSelector as labelMatcher } from '#core/label-selector.ts';
import { at } from './object-field.ts';
import type { ResourceType } from './resource-type.ts';

export type Match = (object: KubeObject) => boolean;

/** `a=b`, `a!=b`, `a in (b,c)`, `!a`… on an object's labels. */
export function labelSelector(text: string): Match | BadSelector {
  const matches = labelMatcher(text);
  return 'wrong' in matches ? matches : ({ metadata: { labels = {} } }) => matches(labels);
}

const everyField = ['metadata.name', 'metadata.namespace'];

/** Source: kubernetes/pkg/apis/core/v1/conversion.go, AddFieldLabelConversionsFor…. */
const fieldsOf: Readonly<Record<string, readonly string[]>> = {
  pods: [
    ...['nodeName', 'restartPolicy', 'schedulerName', 'serviceAccountName', 'hostNetwork'].map(
      (name) => `spec.${name}`,
    ),
    ...['phase', 'podIP', 'nominatedNodeName'].map((name) => `status.${name}`),
  ],
  nodes: ['spec.unschedulable'],
  services: ['spec.clusterIP', 'spec.type'],
  secrets: ['type'],
  namespaces: ['status.phase'],
  replicasets: ['status.replicas'],
  events: [
    ...['kind', 'namespace', 'name', 'uid', 'apiVersion', 'resourceVersion', 'fieldPath'].map(
      (name) => `involvedObject.${name}`,
    ),
    ...['reason', 'reportingComponent', 'source', 'type'],
  ],
};

type FieldsOf = Pick<ResourceType, 'resource' | 'fieldName'>;

/** Where the field is in an object, by the label that a selector has for it. */
function fieldPaths({ resource, fieldName = (name) => name }: FieldsOf): ReadonlyMap<string, string> {
  const own = Object.hasOwn(fieldsOf, resource) ? (fieldsOf[resource] ?? []) : [];
  return new Map([...everyField, ...own].map((path) => [path.replace(/^\w+/, fieldName), path]));
}

function read(object: KubeObject, path: string): string {
  const value = at(object, ...path.split('.'));
  return value === undefined ? '' : String(value);
}

/** `a=b`, `a==b`, `a!=b`, joined by commas; all have to hold. A field that is absent is empty. */
export function fieldSelector(text: string, type: FieldsOf): Match | BadSelector {
  const fields = fieldPaths(type);
  const wanted: Match[] = [];
  for (const term of text.split(',').filter((part) => part !== '')) {
    const [, name, sign, value] = /^([^=!]*)(==|!=|=)(.*)$/.exec(term) ?? [];
    if (name === undefined) return { wrong: `invalid selector: '${term}'; can't understand '${term}'` };
    const path = fields.get(name);
    if (path === undefined) return { wrong: `field label not supported: ${name}` };
    wanted.push((object) => (read(object, path) === value) === (sign !== '!='));
  }
  return (object) => wanted.every((holds) => holds(object));
}
