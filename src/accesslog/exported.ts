// Lines of exported logs → the line that the container wrote, with what the exporter knew of it: Logstash's and Fluent
// Bit's JSON around it, the prefixes of `kubectl logs --prefix --timestamps`, and the runtime's own files (CRI).

export interface ExportedLine {
  readonly text: string;
  readonly pod: string | undefined;
  /** RFC 3339, as precise as it was given. */
  readonly time: string | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/** Keys under which exporters put the container's line. */
const messageKeys = ['message', 'log', 'msg', 'MESSAGE'];
/** As they stand in JSON, made once: lines are many. */
const quotedKeys = messageKeys.map((key) => `"${key}"`);
const timeKeys = ['@timestamp', 'timestamp', 'time'];

const prefixed = /^\[pod\/([^/\]]+)\/[^\]]+\] /;
const timed = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6,9}(?:Z|[+-]\d\d:\d\d)) (?:std(?:out|err) [FP] )?/;

/** `isOwn` tells JSON that is the access log itself from an envelope around it. */
export function exportedLine(line: string, isOwn: (object: Fields) => boolean): ExportedLine {
  const bare = withoutPrefix(line);
  if (!bare.text.startsWith('{')) return bare;
  // Most JSON logs have no envelope, and need not be parsed twice.
  if (!mayBeEnvelope(bare.text)) return bare;
  const object = jsonObject(bare.text);
  if (object === undefined || isOwn(object)) return bare;
  const message = messageKeys
    .map((key) => object[key])
    .find((value) => typeof value === 'string' || (typeof value === 'object' && value !== null));
  if (message === undefined) return bare;
  const text = typeof message === 'string' ? message.replace(/\r?\n$/, '') : JSON.stringify(message);
  const inner = withoutPrefix(text);
  return {
    text: inner.text,
    pod: inner.pod ?? podOf(object) ?? bare.pod,
    time: inner.time ?? textOf(object, timeKeys) ?? bare.time,
  };
}

function mayBeEnvelope(text: string): boolean {
  for (const key of quotedKeys) if (text.includes(key)) return true;
  return false;
}

function withoutPrefix(line: string): ExportedLine {
  const [prefix = '', pod] = line.startsWith('[pod/') ? (prefixed.exec(line) ?? []) : [];
  const rest = line.slice(prefix.length);
  const [stamp = '', time] = rest.charCodeAt(0) === 50 ? (timed.exec(rest) ?? []) : [];
  return { text: rest.slice(stamp.length), pod, time };
}

function podOf(object: Fields): string | undefined {
  const kubernetes = object['kubernetes'] as Fields | undefined;
  const pod = kubernetes?.['pod'] as Fields | undefined;
  return [
    pod?.['name'],
    kubernetes?.['pod_name'],
    object['pod_name'],
    object['pod'],
    object['kubernetes.pod_name'],
  ].find((name) => typeof name === 'string') as string | undefined;
}

const textOf = (object: Fields, keys: readonly string[]): string | undefined =>
  keys.map((key) => object[key]).find((value) => typeof value === 'string') as string | undefined;

function jsonObject(line: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}
