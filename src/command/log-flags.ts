// Flags of `logs`, and those that `top` shares with it: which requests, and which format.

import type { Flags, FlagValues } from './flag.ts';

/** What `top` can count by. */
const topKeys = ['host', 'route', 'pod', 'upstream', 'code'] as const;

const logFilterFlags = {
  status: {
    type: 'strings',
    value: 'CODES',
    describe: 'response codes: 404, 5xx, 500-503; several separated by commas',
  },
  flag: {
    type: 'strings',
    value: 'FLAGS',
    describe: "Envoy's response flags: UF,NR (UF also finds URX,UF); - for none",
  },
  errors: {
    type: 'boolean',
    describe: 'only errors: 5xx, flags that mean failure, gRPC failures, gRPC requests that the gateway refused',
  },
  'grpc-status': { type: 'strings', value: 'STATUS', describe: 'gRPC statuses, by name or number: Unavailable, 14' },
  detail: {
    type: 'strings',
    value: 'DETAILS',
    describe: 'response code details, by name (via_upstream), pattern or ~REGEX',
  },
  host: {
    type: 'strings',
    value: 'HOST',
    describe:
      'the host asked for, of a connection without request its server name; with or without port; pattern or ~REGEX',
  },
  sni: { type: 'strings', value: 'NAME', describe: 'the server name of the TLS connection; pattern or ~REGEX' },
  path: { type: 'strings', raw: true, value: 'PATH', describe: 'the path without query; pattern (/v2/*) or ~REGEX' },
  method: { type: 'strings', value: 'METHOD', describe: 'GET, POST…' },
  'min-duration': { type: 'duration', value: 'TIME', describe: 'requests that took at least so long, e.g. 500ms' },
  upstream: {
    type: 'strings',
    value: 'UPSTREAM',
    describe: 'endpoint address or network, or service: NAME, NAMESPACE/NAME, FQDN; pattern or ~REGEX',
  },
  route: { type: 'strings', value: 'NAME', describe: "the route's name in the VirtualService" },
  'user-agent': {
    type: 'strings',
    raw: true,
    value: 'TEXT',
    describe: 'user agents that contain the text; pattern or ~REGEX',
  },
  client: {
    type: 'strings',
    value: 'ADDRESS',
    describe: 'address of the client, also in X-Forwarded-For; network (10.1.0.0/16), pattern or ~REGEX',
  },
  for: {
    type: 'string',
    value: 'NS[/NAME]',
    describe: 'requests to the services of this namespace or to this service, and for their hosts',
  },
  not: {
    type: 'strings',
    raw: true,
    value: 'KEY=VALUE',
    describe: 'leave out, by any of the keys above: --not user-agent=kube-probe; may be repeated',
  },
  format: {
    type: 'string',
    value: 'FORMAT',
    describe:
      'format of the access log: as in accessLogFormat of MeshConfig, or istio, json, envoy; found in the live configuration where not given',
  },
} as const satisfies Flags;

export const logsFlags = {
  follow: { type: 'boolean', short: 'f', describe: 'go on with new lines, through restarts, rotation and new pods' },
  since: { type: 'duration', value: 'TIME', describe: 'lines of this last stretch of time (5m)' },
  'since-time': {
    type: 'string',
    value: 'TIME',
    describe: 'lines from this time on: RFC 3339, or 12:08 of today, UTC',
  },
  until: { type: 'string', value: 'TIME', describe: 'lines up to this time' },
  tail: {
    type: 'number',
    least: -1,
    value: 'N',
    describe: 'the last N lines of each pod, whatever they are; -1 for all',
  },
  from: {
    type: 'string',
    value: 'FILE',
    describe:
      'a snapshot, or exported logs in place of a cluster, - for stdin: plain, gzip, CSV, or JSON of stern, Logstash, Elasticsearch, Loki, Cloud Logging…',
  },
  map: {
    type: 'strings',
    raw: true,
    value: 'FIELD=KEY',
    describe:
      'with --from: the key of a field in JSON that a pipeline has taken apart, beside those of Elastic Common Schema: --map flags=envoy.flags; may be repeated',
  },
  ...logFilterFlags,
  all: { type: 'boolean', describe: "also what is no access log: Envoy's and the agent's own lines" },
  explain: {
    type: 'boolean',
    describe: 'under a failing line, what its flags and details mean, the usual cause and the next step',
  },
  'with-route': {
    type: 'boolean',
    describe: 'name the VirtualService of each request, and the pod behind its upstream',
  },
  raw: { type: 'boolean', describe: 'print lines as they were written' },
  summary: { type: 'boolean', describe: 'what all the requests have in common, in place of each' },
  most: { type: 'number', value: 'N', default: 10, describe: 'length of the lists of --summary' },
  'fail-on': { type: 'string', value: 'LIMIT', describe: "exit code 1 beyond it: 'errors>1%' or 'errors>10'" },
  'show-format': { type: 'boolean', describe: 'print the format found in the live configuration, and nothing else' },
  'max-log': {
    type: 'number',
    value: 'MIB',
    describe: 'limit for what is read of one pod in MiB, without --follow (256)',
  },
} as const satisfies Flags;

export const timelineFlags = {
  since: { type: 'duration', value: 'TIME', describe: 'how far it reaches back (15m)' },
  ...logFilterFlags,
} as const satisfies Flags;

export type LogsFlags = FlagValues<typeof logsFlags>;

export const topFlags = {
  by: { type: 'string', choices: topKeys, default: 'host', value: 'KEY', describe: topKeys.join(', ') },
  interval: { type: 'duration', default: '5s', value: 'TIME', describe: 'length of an interval, at least 1s' },
  count: { type: 'number', value: 'N', describe: 'end after so many snapshots' },
  most: { type: 'number', value: 'N', default: 20, describe: 'rows of a snapshot' },
  ...logFilterFlags,
} as const satisfies Flags;
