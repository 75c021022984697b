// Lines that a log pipeline has taken apart: their fields under the names of the Elastic Common Schema, or under any
// (`--map FIELD=KEY`). Sources: Elastic Common Schema 8 (http, url, source, event, user_agent, tls), Filebeat's module
// for Envoy (envoyproxy.*, destination.address as the upstream), grok's ECS patterns, as Logstash writes them.

import { ToolError } from '#core/error.ts';
import { nearest } from '#core/suggestion.ts';
import { type AccessField, accessFields } from '#model/access-log.ts';
import { type Fields, fieldAt } from './field-at.ts';
import { parseFormat } from './format.ts';
import { istioJson } from './known-formats.ts';
import type { Slot } from './operators.ts';
import { slotOf } from './operators.ts';
import type { Values } from './text-parser.ts';

/** The keys of a field, the first that is set counts. */
export type FieldKeys = { readonly [F in AccessField]?: readonly string[] };

const elasticCommonSchema: FieldKeys = {
  startTime: ['event.start', '@timestamp'],
  method: ['http.request.method'],
  path: ['url.path', 'url.original'],
  protocol: ['http.version'],
  responseCode: ['http.response.status_code'],
  bytesReceived: ['http.request.body.bytes', 'http.request.bytes', 'source.bytes'],
  bytesSent: ['http.response.body.bytes', 'http.response.bytes', 'destination.bytes'],
  durationMs: ['event.duration'],
  forwardedFor: ['network.forwarded_ip', 'client.address', 'client.ip'],
  userAgent: ['user_agent.original'],
  requestId: ['http.request.id', 'trace.id'],
  authority: ['url.domain', 'destination.domain'],
  upstreamHost: ['destination.address', 'destination.ip'],
  downstreamRemoteAddress: ['source.address', 'source.ip'],
  serverName: ['tls.client.server_name'],
};

/** Istio's own keys, and where a pipeline puts what the schema has no name for. */
const ownKeys: FieldKeys =
  istioJson.kind === 'json'
    ? Object.fromEntries(
        Object.entries(istioJson.json).flatMap(([key, value]) => {
          const [operator] = parseFormat(String(value)).operators;
          const field = operator && slotOf(operator).field;
          return field === undefined
            ? []
            : [[field, ['', 'envoyproxy.', 'envoy.', 'istio.'].map((before) => before + key)]];
        }),
      )
    : {};

export interface SplitFormat {
  readonly slots: readonly Slot[];
  /** Undefined for an object that has too little of a request. */
  read(object: Fields): Values | undefined;
}

/** `mapped` before what the schema has. */
export function splitFormat(mapped: FieldKeys): SplitFormat {
  const fields = Object.keys(accessFields) as AccessField[];
  const keys = fields.map((field) => [
    ...(mapped[field] ?? []),
    ...(elasticCommonSchema[field] ?? []),
    ...(ownKeys[field] ?? []),
  ]);
  const code = fields.indexOf('responseCode');
  const flags = fields.indexOf('responseFlags');
  return {
    slots: fields.map((field) => ({ field, name: field, kind: 'free' })),
    read: (object) => {
      // Nearly all other JSON has neither.
      const hasCode = [code, flags].some((index) => fieldValue(object, keys[index] ?? []) !== undefined);
      if (!hasCode && Object.keys(mapped).length === 0) return undefined;
      const values = keys.map((names) => fieldValue(object, names));
      return values.filter((value) => value !== undefined).length >= 3 ? values : undefined;
    },
  };
}

function fieldValue(object: Fields, names: readonly string[]): string | number | undefined {
  for (const name of names) {
    const value = plainValue(fieldAt(object, name));
    if (value !== undefined) return converted(object, name, value);
  }
  return undefined;
}

function plainValue(value: unknown): string | number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return value === '-' || value === '' ? undefined : value;
  if (!Array.isArray(value)) return undefined;
  const texts = value.filter((one) => typeof one === 'string' || typeof one === 'number');
  return texts.length === 0 ? undefined : texts.join(',');
}

/** What the schema counts or cuts otherwise than Envoy. */
function converted(object: Fields, name: string, value: string | number): string | number {
  switch (name) {
    case 'event.duration':
      return Number(value) / 1e6;
    case 'http.version':
      return /^\d/.test(String(value)) ? `HTTP/${value}` : value;
    case 'url.path': {
      const query = plainValue(fieldAt(object, 'url.query'));
      return query === undefined || String(value).includes('?') ? value : `${value}?${query}`;
    }
    case 'url.original':
      return String(value).replace(/^[a-z]+:\/\/[^/?#]*/i, '') || '/';
    default: {
      const [, side] = /^(source|destination)\.(?:address|ip)$/.exec(name) ?? [];
      const port = side === undefined ? undefined : plainValue(fieldAt(object, `${side}.port`));
      return port === undefined || /:\d+$/.test(String(value)) ? value : `${value}:${port}`;
    }
  }
}

/** The words of the filters, beside the fields' own names. */
const aliases: Readonly<Record<string, AccessField>> = {
  time: 'startTime',
  status: 'responseCode',
  code: 'responseCode',
  flag: 'responseFlags',
  flags: 'responseFlags',
  detail: 'responseCodeDetails',
  details: 'responseCodeDetails',
  host: 'authority',
  sni: 'serverName',
  duration: 'durationMs',
  'min-duration': 'durationMs',
  upstream: 'upstreamHost',
  cluster: 'upstreamCluster',
  service: 'upstreamCluster',
  route: 'routeName',
  'user-agent': 'userAgent',
  client: 'downstreamRemoteAddress',
  'grpc-status': 'grpcStatus',
  ...Object.fromEntries(
    Object.entries(ownKeys).flatMap(([field, [key]]) => (key === undefined ? [] : [[key, field as AccessField]])),
  ),
};

/** `FIELD=KEY` of `--map`. Throws `usage` for a field that there is not. */
export function readMap(given: readonly string[]): FieldKeys {
  const mapped: Record<string, string[]> = {};
  for (const text of given) {
    const [name = '', ...rest] = text.split('=');
    const key = rest.join('=');
    const field = Object.hasOwn(accessFields, name) ? name : aliases[name];
    if (field === undefined || key === '') throw unknownField(text, name);
    mapped[field] = [...(mapped[field] ?? []), key];
  }
  return mapped;
}

function unknownField(text: string, name: string): ToolError {
  const known = [...Object.keys(accessFields), ...Object.keys(aliases)];
  const near = nearest(name, known);
  return new ToolError(
    'usage',
    `--map takes FIELD=KEY with a FIELD of ${Object.keys(accessFields).join(', ')}; not "${text}"`,
    {
      hint: near && `did you mean --map ${near}=…?`,
    },
  );
}
