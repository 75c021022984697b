// Why Envoy rejected an update, out of what it says: for a field that breaks a rule it prints the whole resource, mostly
// behind a mark that differs from process to process, and the reason after it or before. istiod keeps 4 KB of that,
// mostly without the reason. Source: envoy source/common/protobuf/utility.cc ProtoValidationException; protobuf
// src/google/protobuf/text_format.cc (debugstr); istio pilot/pkg/xds/ads.go (ACK ERROR).

/** Said of what ends before the reason. */
export const cutOff = "a field breaks a rule; which one is cut off here, and stands in the pod's log";

const constraint = 'Proto constraint validation failed (';

/** Of a reason that has several lines, one by itself: the resource's beginning, or the line that tells what is wrong. */
export const isResource = (line: string): boolean => resourceStart.test(line) && !isViolation(line);
export const isViolation = (line: string): boolean => line.includes(constraint);

/** In one line, and the same for every pod that rejects the same. */
export function rejectionReason(details: string): string {
  const [before = '', violation] = details.split(constraint);
  if (violation !== undefined) return `${placeOf(before)}${describeViolation(withoutResource(violation))}`;
  return resourceStart.test(details) && details.endsWith('(truncated)')
    ? `${placeOf(details)}${cutOff}`
    : oneLine(details);
}

const mark = /goo\.gle\/debug\w+\s*/;
/** Envoy 1.36 prints no mark; a route configuration, a listener, a cluster and a secret begin with their name. */
const resourceStart = new RegExp(`${mark.source}|(?:^|(?<=: ))(?=name: ")`);

/** What stands before a resource, or the resource's own name. */
function placeOf(text: string): string {
  const start = resourceStart.exec(text);
  const [head, resource] =
    start === null ? [text] : [text.slice(0, start.index), text.slice(start.index + start[0].length)];
  if (head.trim() !== '') return `${oneLine(head)} `;
  const name = /^name: "((?:[^"\\]|\\.)*)"/m.exec(resource ?? '')?.[1];
  return name === undefined ? '' : `${name}: `;
}

const oneLine = (text: string): string => text.split(mark).join(' ').replace(/\s+/g, ' ').trim();

/** Up to the parenthesis that ends it, which stands at the end or before the resource. */
const withoutResource = (violation: string): string =>
  violation.replace(/\)(?::\s*|: (?:goo\.gle\/debug|\w+(?:: | \{))[\s\S]*)?$/, '');

/**
 * `AValidationError.Routes[0]: embedded message failed validation | caused by BValidationError.Match: value is
 * required` → `Routes[0].Match: value is required`.
 */
function describeViolation(text: string): string {
  const steps = text.split(' | caused by ').map((step) => /^\w+ValidationError\.([^:]+): ([\s\S]*)$/.exec(step.trim()));
  const last = steps.at(-1);
  if (!last || steps.some((step) => step === null)) return oneLine(text);
  return `${steps.map((step) => step?.[1]).join('.')}: ${plainWords(last[2] as string)}`;
}

/** Envoy before 1.24 writes the pieces of a sentence: `["value length must be at least " '\x01' " bytes"]`. */
const plainWords = (message: string): string =>
  oneLine(
    message
      .replace(/^\[|\]$/g, '')
      .replace(/'\\x([0-9a-f]+)'/g, (_, code: string) => ` ${Number.parseInt(code, 16)} `)
      .replaceAll('"', ''),
  );
