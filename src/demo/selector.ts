// Label and field selectors of lists. Source: kubernetes/staging/src/k8s.io/apimachinery/pkg/labels/selector.go, fields/selector.go.

import type { RecordedObject } from './recording.ts';

export type Match = (object: RecordedObject) => boolean;

/** A selector that cannot be read; the message is what the API server puts into its Status of 400. */
export interface BadSelector {
  readonly wrong: string;
}

type Labels = Readonly<Record<string, string>>;

const key = String.raw`[\w./-]+`;
const setBased = new RegExp(String.raw`^(${key})\s+(in|notin)\s*\(([^()]*)\)$`);
const equality = new RegExp(String.raw`^(${key})\s*(==|!=|=)\s*([\w.-]*)$`);
const existence = new RegExp(String.raw`^(!?)\s*(${key})$`);

/** `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, joined by commas; all have to hold. */
export function labelSelector(text: string): Match | BadSelector {
  const wanted: ((labels: Labels) => boolean)[] = [];
  for (const requirement of requirements(text)) {
    const holds = labelRequirement(requirement);
    if (!holds) return { wrong: `unable to parse requirement: ${JSON.stringify(requirement)}` };
    wanted.push(holds);
  }
  return ({ metadata: { labels = {} } }) => wanted.every((holds) => holds(labels));
}

/** Commas inside parentheses separate values, the others requirements. */
const requirements = (text: string): string[] => (text.trim() === '' ? [] : text.split(/,(?![^(]*\))/).map((part) => part.trim()));

/** A label that is absent is not equal to, and not in, anything. */
function labelRequirement(text: string): ((labels: Labels) => boolean) | undefined {
  const [, setKey, operator, list] = setBased.exec(text) ?? [];
  if (setKey !== undefined && list !== undefined) {
    const values = list.split(',').map((value) => value.trim());
    return (labels) => isIn(values, own(labels, setKey)) === (operator === 'in');
  }
  const [, equalKey, sign, value] = equality.exec(text) ?? [];
  if (equalKey !== undefined && value !== undefined) return (labels) => (own(labels, equalKey) === value) === (sign !== '!=');
  const [, not, name] = existence.exec(text) ?? [];
  return name === undefined ? undefined : (labels) => (own(labels, name) === undefined) === (not === '!');
}

const own = (labels: Labels, name: string): string | undefined => (Object.hasOwn(labels, name) ? labels[name] : undefined);

const isIn = (values: readonly string[], value: string | undefined): boolean => value !== undefined && values.includes(value);

type FieldReader = (object: RecordedObject) => string;

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
