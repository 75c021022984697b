// Label and field selectors of lists. Source: kubernetes/staging/src/k8s.io/apimachinery/pkg/fields/selector.go.

import type { KubeObject } from '#core/kube-object.ts';
import { type BadSelector, labelSelector as labelMatcher } from '#core/label-selector.ts';

export type Match = (object: KubeObject) => boolean;

/** `a=b`, `a!=b`, `a in (b,c)`, `!a`… on an object's labels. */
export function labelSelector(text: string): Match | BadSelector {
  const matches = labelMatcher(text);
  return 'wrong' in matches ? matches : ({ metadata: { labels = {} } }) => matches(labels);
}

type FieldReader = (object: KubeObject) => string;

const everyField: Readonly<Record<string, FieldReader>> = {
  'metadata.name': ({ metadata }) => metadata.name,
  'metadata.namespace': ({ metadata }) => metadata.namespace ?? '',
};

const podField: Readonly<Record<string, FieldReader>> = {
  'spec.nodeName': ({ spec }) => (spec as { nodeName?: string }).nodeName ?? '',
  'status.phase': ({ status }) => (status as { phase?: string }).phase ?? '',
};

/** `a=b`, `a==b`, `a!=b`, joined by commas; all have to hold. A field that is absent is empty. */
export function fieldSelector(text: string, resource: string): Match | BadSelector {
  const fields = resource === 'pods' ? { ...everyField, ...podField } : everyField;
  const wanted: Match[] = [];
  for (const term of text.split(',').filter((part) => part !== '')) {
    const [, field, sign, value] = /^([^=!]*)(==|!=|=)(.*)$/.exec(term) ?? [];
    if (field === undefined) return { wrong: `invalid selector: '${term}'; can't understand '${term}'` };
    const read = Object.hasOwn(fields, field) ? fields[field] : undefined;
    if (!read) return { wrong: `field label not supported: ${field}` };
    wanted.push((object) => (read(object) === value) === (sign !== '!='));
  }
  return (object) => wanted.every((holds) => holds(object));
}
