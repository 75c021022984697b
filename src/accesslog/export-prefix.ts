// What stands before a line in exported logs: pod, container and time, as kubectl, stern, kubetail, kail and the
// container runtime (CRI) write them. Source: kubectl logs --prefix --timestamps; stern's templates `default` and
// `--timestamps` (stern/stern cmd/cmd.go); kubernetes/cri-api docs, logging format.

export interface PrefixedLine {
  readonly text: string;
  readonly pod: string | undefined;
  /** RFC 3339, as precise as it was given. */
  readonly time: string | undefined;
}

const bracket = 91;
const dash = 45;
const zero = 48;
const nine = 57;

const name = '[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?';

const kubectlPrefix = /^\[pod\/([^/\]]+)\/[^\]]+\] /;
const timed = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)) (?:std(?:out|err) [FP] )?/;
const shortTime = /^\d\d-\d\d \d\d:\d\d:\d\d /;

/** Each with the pod as its first group. A match may be the line's own beginning: the caller has to check the rest. */
const podPrefixes = [
  // stern: POD CONTAINER, of several namespaces NAMESPACE POD CONTAINER
  new RegExp(`^(${name}) ${name} `),
  new RegExp(`^${name} (${name}) ${name} `),
  // kubetail
  new RegExp(`^\\[(${name})(?: ${name})?\\] `),
  // kail
  new RegExp(`^${name}/(${name})\\[${name}\\]: `),
];

/**
 * The OpenTelemetry Collector's debug exporter: `detailed`, also behind the collector's own pod, and the first line of a
 * batch of `normal`. Source: collector exporter/debugexporter/internal/{otlptext/logs,normal/logs}.go.
 */
const collectorLine =
  /^(?:\[pod\/\S+ )?(?:\d{4}-\S+ )?Body: (?:Str|Map)\((.*)\)$|^[\dT:.+Z-]+\tinfo\t((?:\[\d{4}-\d\d-\d\dT|\{").*)$/;

/** logcli's, after the time. */
const lokiLabels = /^\{(?:[A-Za-z_]\w*="[^"]*"(?:, ?)?)*\} +/;

/** Terminal colours, as stern writes them: SGR of ECMA-48 §8.3.117. */
export const withoutColours = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the escape character is what is looked for
  text.includes('\u001b') ? text.replace(/\u001b\[[0-9;]*m/g, '') : text;

/** `isLine`: whether a text is a line of the container. Without that certainty nothing is taken off. */
export function withoutPrefix(line: string, isLine: (text: string) => boolean): PrefixedLine {
  const [, body, record] = collectorLine.exec(line) ?? [];
  const inner = body ?? record ?? unescaped(line);
  if (inner !== undefined) return withoutPrefix(inner, isLine);
  if (beginsWithTime(line)) return { text: line, pod: undefined, time: undefined };
  const plain = line.startsWith('\u001b') ? withoutColours(line) : line;
  const [prefix = '', pod] = kubectlPrefix.exec(plain) ?? [];
  const rest = withoutTime(plain.slice(prefix.length));
  if (prefix !== '' || rest.time !== undefined) return { ...behindTime(rest, plain, isLine), ...(pod ? { pod } : {}) };
  return plain.startsWith('{') || (!isIndented(plain) && isLine(plain))
    ? rest
    : (behindPod(plain, isLine) ?? behindAnything(plain, isLine) ?? rest);
}

/** What continues another line, and what stands in columns or was pasted into a page of a wiki or a ticket. */
const isIndented = (text: string): boolean => /^\s/.test(text);

/** Nearly all lines without prefix begin with a time: `[2026-`. */
function beginsWithTime(line: string): boolean {
  const second = line.charCodeAt(1);
  return line.charCodeAt(0) === bracket && second >= zero && second <= nine && line.charCodeAt(5) === dash;
}

/**
 * As a page shows it, or as it stands inside a string of JSON: its first quote says so. What the container writes has one
 * before anything that a client could have written.
 */
function unescaped(line: string): string | undefined {
  const first = line.indexOf('"');
  if (first > 0 && line[first - 1] === '\\') return parsedString(`"${line}"`);
  if (first !== -1 || !/&(?:quot|#34);/.test(line)) return undefined;
  const text = line.replace(/<[^<>]*>/g, ' ').trim();
  return text.replace(/&(?:(quot|#34)|(lt)|(gt)|#39|amp);/g, (entity, quote, lt, gt) =>
    quote ? '"' : lt ? '<' : gt ? '>' : entity === '&amp;' ? '&' : "'",
  );
}

/**
 * Without blanks behind it and the attributes that the collector's debug exporter writes there, where that makes it an
 * entry.
 */
export function withoutTail(line: string, isEntry: (text: string) => boolean): string {
  let end = line.length;
  for (let space = end; space > 0 && /^ *$|^ ?[\w.-]+=/.test(line.slice(space, end)); ) {
    end = space;
    space = line.lastIndexOf(' ', end - 1);
  }
  return end === line.length || isEntry(line) || !isEntry(line.slice(0, end)) ? line : line.slice(0, end);
}

/** `aws logs tail` and others write a time before the stream or pod. `whole`: the line as it came. */
function behindTime(rest: PrefixedLine, whole: string, isLine: (text: string) => boolean): PrefixedLine {
  if (beginsWithTime(rest.text) || rest.text.startsWith('{')) return rest;
  const [prefix = '', pod] = kubectlPrefix.exec(rest.text) ?? [];
  if (prefix !== '') return { ...rest, text: rest.text.slice(prefix.length), pod };
  if (!isIndented(rest.text) && isLine(rest.text)) return rest;
  // A format may begin with the time itself.
  if (isLine(whole)) return { text: whole, pod: undefined, time: undefined };
  const behind = behindPod(rest.text, isLine) ?? behindAnything(rest.text, isLine);
  return behind ? { ...behind, time: behind.time ?? rest.time, pod: behind.pod ?? rest.pod } : rest;
}

function withoutTime(text: string): PrefixedLine {
  const [stamp = '', time] = timed.exec(text) ?? [];
  if (time === undefined) return { text, pod: undefined, time };
  const rest = text.slice(stamp.length);
  const [labels = ''] = lokiLabels.exec(rest) ?? [];
  return { text: rest.slice(labels.length), pod: /\bpod="([^"]*)"/.exec(labels)?.[1], time };
}

function behindPod(line: string, isLine: (text: string) => boolean): PrefixedLine | undefined {
  for (const pattern of podPrefixes) {
    const [prefix, pod] = pattern.exec(line) ?? [];
    if (prefix === undefined) continue;
    const rest = withoutTime(line.slice(prefix.length).replace(shortTime, ''));
    if (rest.text.startsWith('{') || isLine(rest.text)) return { ...rest, pod: pod === '' ? undefined : pod };
  }
  return undefined;
}

/** How many beginnings of a line are tried. */
const mostBeginnings = 8;

/** Any other prefix before a text that begins as Istio's and Envoy's own formats do, in quotes or not. */
function behindAnything(line: string, isLine: (text: string) => boolean): PrefixedLine | undefined {
  for (const { index } of line.matchAll(/\[\d{4}-\d\d-\d\dT|\{\\?"/g).take(mostBeginnings)) {
    const text = quotedAt(line, index - 1) ?? line.slice(index);
    if (index > 0 && isLine(text)) return { text, pod: undefined, time: undefined };
  }
  return undefined;
}

/** What stands in quotes there, as logfmt, Ruby and JSON write it, or YAML with single ones. */
function quotedAt(line: string, start: number): string | undefined {
  const quoted = /"(?:[^"\\]|\\.)*"|'(?:[^']|'')*'/y;
  quoted.lastIndex = Math.max(start, 0);
  const [text] = quoted.exec(line) ?? [];
  return text?.startsWith("'") ? text.slice(1, -1).replaceAll("''", "'") : text && parsedString(text);
}

function parsedString(text: string): string | undefined {
  try {
    return JSON.parse(text) as string;
  } catch {
    return undefined;
  }
}
