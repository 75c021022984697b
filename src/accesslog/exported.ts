// Lines of exported logs → the line that the container wrote, with what the exporter knew of it: the JSON that log
// shippers and stores put around it, and the prefixes of command lines. Sources: Fluent Bit's and Fluentd's kubernetes
// filters, Vector's kubernetes_logs source, Elastic Common Schema, Cloud Logging's LogEntry, Loki's and Grafana's
// exports, stern's `json` and `extjson`, docker's json-file, Azure's ContainerLogV2, Splunk's export, CloudWatch,
// OpenTelemetry's log model.

import { cutLine } from '#core/lines.ts';
import { dateTime, hasZone } from '#core/moment.ts';
import { withoutColours, withoutPrefix, withoutTail } from './export-prefix.ts';
import { type Fields, fieldAt, isObject, textAt } from './field-at.ts';

export interface ExportedLine {
  readonly text: string;
  readonly pod: string | undefined;
  /** RFC 3339, as precise as it was given. */
  readonly time: string | undefined;
}

/** How the parser of the lines judges a text or an object. */
export interface KnownLines {
  /** JSON that is the access log itself, not an envelope around it. */
  isOwn(object: Fields): boolean;
  /** JSON of fields that a pipeline has made of a line. */
  isSplit(object: Fields): boolean;
  /** Text that the container may have written: access log, or the proxy's own. */
  isLine(text: string): boolean;
  /** Access log alone. */
  isEntry(text: string): boolean;
}

/** Keys of the container's line, or of the fields that a pipeline has made of it. */
export const messageKeys = [
  'message',
  'log',
  'msg',
  'MESSAGE',
  'full_message',
  'textPayload',
  'LogMessage',
  'LogEntry',
  'jsonPayload',
  'line',
  'Line',
  'log_processed',
  'event.original',
  'body.stringValue',
  'body.string_value',
  'body',
  'Body',
  '@message',
  '_raw',
  'raw',
  'content',
  'Content',
  'text',
  'attributes',
] as const;

/** Keys under which stores put the document itself. */
const documentKeys = ['_source', 'fields', 'result', 'record'];
const timeKeys = [
  '@timestamp',
  '__REALTIME_TIMESTAMP',
  'timestamp',
  'time',
  'timeUnixNano',
  'tsNs',
  'ts',
  'Time',
  'TimeGenerated',
  'date',
  'Date',
  '_time',
  'Timestamp',
  '_timestamp',
];
/** Of these stores: a time without a zone is UTC. In columns that are made for readers it is the reader's own. */
const utcKeys = new Set(['@timestamp', 'timestamp', '_time', 'Timestamp', 'TimeGenerated']);
const podKeys = [
  'kubernetes.pod.name',
  'kubernetes.pod_name',
  'k8s.pod.name',
  'podName',
  'PodName',
  'pod_name',
  'k8s_pod_name',
  'kubernetes_pod_name',
  'pod',
  'resource.labels.pod_name',
  'resource.attributes.k8s.pod.name',
  'resource_attributes.k8s.pod.name',
  'attributes.k8s.pod.name',
  'ResourceAttributes.k8s.pod.name',
  'resources_string.k8s.pod.name',
  'additionalColumns.k8s.pod.name',
  '_pod_name',
  '_kubernetes_pod_name',
  'labels.pod',
  'labels.pod_name',
  'fields.pod',
  'stream.pod',
  'stream.k8s_pod_name',
];
/** Keys of the file that the kubelet has the log in, or of what a shipper makes of its path. */
const fileKeys = [
  'filename',
  'stream.filename',
  'source',
  'file',
  'log.file.path',
  'attributes.log.file.path',
  'tag',
  'logStreamName',
];

/**
 * `/var/log/containers/POD_NAMESPACE_CONTAINER-ID.log` and `/var/log/pods/NAMESPACE_POD_UID/…`, as tags with dots.
 * Source: kubernetes pkg/kubelet/kuberuntime legacy.go, helpers.go BuildPodLogsDirectory.
 */
const podPaths = [
  /\bcontainers[/.]([a-z0-9.-]+)_[a-z0-9-]+_[a-z0-9-]+-[0-9a-f]{12,}/,
  /\bpods[/.][a-z0-9-]+_([a-z0-9.-]+)_[0-9a-f-]{32,}/,
];

/** How many levels of keys and lists may be around the line. */
const deepest = 10;

export function exportedLines(line: string, known: KnownLines): readonly ExportedLine[] {
  const begun = withoutPrefix(line, known.isLine);
  const bare = { ...begun, text: withoutTail(begun.text, known.isEntry) };
  if (!bare.text.startsWith('{')) return [bare];
  const object = objectIn(bare.text);
  if (object === undefined || known.isOwn(object)) return [bare];
  const inner = unwrapped(object, known).map((one) => ({
    ...one,
    pod: one.pod ?? bare.pod,
    time: one.time ?? bare.time,
  }));
  return inner.length > 0 ? inner : [bare];
}

/** The lines in an object, or the object as a line; any text under a known key, where nothing is a line. */
export function unwrapped(object: Fields, known: KnownLines): readonly ExportedLine[] {
  const documents = [...documentKeys.map((key) => object[key]).filter(isObject), object];
  for (const document of documents) {
    const lines = linesIn(document, known, deepest);
    const [text] = lines.length > 0 ? [] : textsOf(document);
    const found = text === undefined ? lines : [withOrigin(withoutPrefix(cutLine(text), known.isLine), document)];
    if (found.length > 0) return found.map((line) => withOrigin(line, object));
  }
  return [];
}

const textsOf = (document: Fields): string[] => messageKeys.flatMap((key) => textOf(fieldAt(document, key)) ?? []);

const withOrigin = (line: ExportedLine, document: Fields): ExportedLine => ({
  text: line.text,
  pod: line.pod ?? podOf(document),
  time: line.time ?? timeOf(document),
});

const podOf = (document: Fields): string | undefined =>
  textAt(document, podKeys) ?? podOfTags(document) ?? podOfFile(document);

/** Datadog's. */
function podOfTags({ tags }: Fields): string | undefined {
  const texts = Array.isArray(tags) ? tags.filter((tag) => typeof tag === 'string') : [];
  return texts.find((tag) => tag.startsWith('pod_name:'))?.slice('pod_name:'.length);
}

function podOfFile(document: Fields): string | undefined {
  const path = textAt(document, fileKeys);
  return path && podPaths.map((pattern) => pattern.exec(path)?.[1]).find((pod) => pod !== undefined);
}

/** Under a key that is known before any other; a line stands under several keys of one document, and is one line. */
function linesIn(document: Fields, known: KnownLines, levels: number): readonly ExportedLine[] {
  const values = [...textsOf(document), ...ownOf(document, known, levels), ...otherValues(document)];
  for (const value of values) {
    const lines = linesOf(value, known, levels);
    if (lines.length > 0) return lines.map((line) => withOrigin(line, document));
  }
  return [];
}

/** Those that are none of the texts: nothing is looked through twice, which each level would double. */
const otherValues = (document: Fields): unknown[] =>
  Object.entries(document).flatMap(([key, value]) => (isMessageKey(key) && isText(value) ? [] : [value]));

const isMessageKey = (key: string): boolean => (messageKeys as readonly string[]).includes(key);

/** The document itself, where it is an entry. */
const ownOf = (document: Fields, known: KnownLines, levels: number): readonly string[] =>
  known.isOwn(document) || (levels === deepest && known.isSplit(document)) ? [JSON.stringify(document)] : [];

function linesOf(value: unknown, known: KnownLines, levels: number): readonly ExportedLine[] {
  if (levels === 0) return [];
  if (typeof value === 'string') return linesOfText(value, known, levels);
  if (Array.isArray(value)) return value.flatMap((one) => linesOf(one, known, levels - 1));
  return isObject(value) ? linesIn(value, known, levels - 1) : [];
}

function linesOfText(text: string, known: KnownLines, levels: number): readonly ExportedLine[] {
  if (text.includes('\n')) return text.split('\n').flatMap((line) => linesOfText(line, known, levels));
  const inner = withoutPrefix(cutLine(text), known.isLine);
  const object = inner.text.startsWith('{') ? objectIn(inner.text) : undefined;
  if (object !== undefined && !known.isOwn(object) && !known.isSplit(object)) return linesIn(object, known, levels - 1);
  return object !== undefined || known.isLine(inner.text) ? [inner] : [];
}

const only = (value: unknown): unknown => (Array.isArray(value) && value.length === 1 ? value[0] : value);

/** Of a line that is no UTF-8, or has control characters. Source: systemd src/shared/logs-show.c json_escape. */
const isBytes = (value: unknown): value is readonly number[] =>
  Array.isArray(value) && value.length > 0 && value.every((one) => Number.isInteger(one) && one >= 0 && one < 256);

/** Whether `textOf` has one. */
const isText = (value: unknown): boolean => typeof only(value) === 'string' || isObject(only(value)) || isBytes(value);

/** Exporters keep the newline; a pipeline may have made an object or a list of the line, and journald one of bytes. */
function textOf(value: unknown): string | undefined {
  const one = isBytes(value) ? Buffer.from(value).toString('utf8') : only(value);
  if (typeof one === 'string') return withoutColours(one.replace(/\r?\n$/, ''));
  return isObject(one) ? JSON.stringify(one) : undefined;
}

function timeOf(object: Fields): string | undefined {
  for (const key of timeKeys) {
    const time = rfc3339(object[key], utcKeys.has(key));
    if (time !== undefined) return time;
  }
  return undefined;
}

function rfc3339(value: unknown, isUtc: boolean): string | undefined {
  if (typeof value === 'string' && (isUtc || hasZone(value))) return dateTime(value) ?? sinceEpoch(value);
  return typeof value === 'string' || typeof value === 'number' ? sinceEpoch(value) : undefined;
}

/** Numbers since 1970, in the unit that their size says: seconds have ten digits until 2286, nanoseconds nineteen. */
function sinceEpoch(value: string | number): string | undefined {
  if (typeof value === 'string' && !/^\d{10,19}(?:\.\d+)?$/.test(value)) return undefined;
  const digits = String(value).replace(/\..*/, '').length;
  const ms =
    digits > 17
      ? Number(value) / 1e6
      : digits > 14
        ? Number(value) / 1e3
        : digits > 11
          ? Number(value)
          : Number(value) * 1e3;
  return ms >= 0 && ms < 8.64e15 ? new Date(ms).toISOString() : undefined;
}

/** Colours make JSON none; stern's `extjson` has them in its names. */
function objectIn(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(withoutColours(text));
    return isObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
