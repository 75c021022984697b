// The formats in which the gateway's listeners write their access log to the container's output. Source:
// envoy/extensions/access_loggers/{file,stream}/v3, config/core/v3/substitution_format_string.proto. Istio before 1.9
// wrote `format`, `json_format` and `typed_json_format` of FileAccessLog itself. Loggers to a service (OpenTelemetry,
// ALS) write nothing here.

import type { AccessLogFormat } from '#model/access-log.ts';
import { dumpElements } from './elements.ts';

type Fields = Readonly<Record<string, unknown>>;

const outputs = ['/dev/stdout', '/dev/stderr', '/proc/self/fd/1', '/proc/1/fd/1'];

/** Each once, in the order of the dump. `text` is empty for Envoy's own default. None: nothing is logged. */
export function readAccessLogFormats(dump: unknown): AccessLogFormat[] {
  const found = new Map<string, AccessLogFormat>();
  for (const { element } of dumpElements(dump, 'Listeners')) collect(element.fields, found);
  return [...found.values()];
}

/** Access loggers stand in listeners, connection managers and TCP proxies, however deep those are. */
function collect(value: unknown, found: Map<string, AccessLogFormat>): void {
  if (typeof value !== 'object' || value === null) return;
  const { '@type': type } = value as Fields;
  if (typeof type === 'string' && /\.(File|Stdout|Stderr)AccessLog$/.test(type)) {
    const format = formatOf(value as Fields);
    if (format) found.set(JSON.stringify(format), format);
    return;
  }
  for (const inner of Array.isArray(value) ? value : Object.values(value)) collect(inner, found);
}

const either = (fields: Fields, name: string): unknown =>
  fields[name] ?? fields[name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())];

function formatOf(logger: Fields): AccessLogFormat | undefined {
  const { path } = logger;
  if (typeof path === 'string' && !outputs.includes(path)) return undefined;
  const format = either(logger, 'log_format') as Fields | undefined;
  const source = format && (either(format, 'text_format_source') as Fields | undefined);
  const text =
    (source && either(source, 'inline_string')) ?? (format && either(format, 'text_format')) ?? logger['format'];
  if (typeof text === 'string') return { kind: 'text', text };
  const json =
    (format && either(format, 'json_format')) ?? either(logger, 'json_format') ?? either(logger, 'typed_json_format');
  return typeof json === 'object' && json !== null
    ? { kind: 'json', json: json as Fields }
    : { kind: 'text', text: '' };
}
