// Label selectors as text. Source: kubernetes/staging/src/k8s.io/apimachinery/pkg/labels/selector.go.

export type Labels = Readonly<Record<string, string>>;

/** A selector that cannot be read; the message is what the API server puts into its Status of 400. */
export interface BadSelector {
  readonly wrong: string;
}

const key = String.raw`[\w./-]+`;
const setBased = new RegExp(String.raw`^(${key})\s+(in|notin)\s*\(([^()]*)\)$`);
const equality = new RegExp(String.raw`^(${key})\s*(==|!=|=)\s*([\w.-]*)$`);
const existence = new RegExp(String.raw`^(!?)\s*(${key})$`);

/** `a=b`, `a==b`, `a!=b`, `a in (b,c)`, `a notin (b,c)`, `a`, `!a`, joined by commas; all have to hold. */
export function labelSelector(text: string): ((labels: Labels) => boolean) | BadSelector {
  const wanted: ((labels: Labels) => boolean)[] = [];
  for (const requirement of requirements(text)) {
    const holds = labelRequirement(requirement);
    if (!holds) return { wrong: `unable to parse requirement: ${JSON.stringify(requirement)}` };
    wanted.push(holds);
  }
  return (labels) => wanted.every((holds) => holds(labels));
}

/** Commas inside parentheses separate values, the others requirements. */
const requirements = (text: string): string[] =>
  text.trim() === '' ? [] : text.split(/,(?![^(]*\))/).map((part) => part.trim());

/** A label that is absent is not equal to, and not in, anything. */
function labelRequirement(text: string): ((labels: Labels) => boolean) | undefined {
  const [, setKey, operator, list] = setBased.exec(text) ?? [];
  if (setKey !== undefined && list !== undefined) {
    const values = list.split(',').map((value) => value.trim());
    return (labels) => isIn(values, own(labels, setKey)) === (operator === 'in');
  }
  const [, equalKey, sign, value] = equality.exec(text) ?? [];
  if (equalKey !== undefined && value !== undefined)
    return (labels) => (own(labels, equalKey) === value) === (sign !== '!=');
  const [, not, name] = existence.exec(text) ?? [];
  return name === undefined ? undefined : (labels) => (own(labels, name) === undefined) === (not === '!');
}

const own = (labels: Labels, name: string): string | undefined =>
  Object.hasOwn(labels, name) ? labels[name] : undefined;

const isIn = (values: readonly string[], value: string | undefined): boolean =>
  value !== undefined && values.includes(value);
