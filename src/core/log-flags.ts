// Flags that `logs` and `top` share: which requests, and which format.

import type { Flags } from './command.ts';

export const logFilterFlags = {
  status: { type: 'strings', value: 'CODES', describe: 'response codes: 404, 5xx, 500-503; several separated by commas' },
  flag: { type: 'strings', value: 'FLAGS', describe: "Envoy's response flags: UF,NR (UF also finds URX,UF); - for none" },
  detail: { type: 'strings', value: 'DETAILS', describe: 'response code details, by name (via_upstream), pattern or ~REGEX' },
  host: { type: 'strings', value: 'HOST', describe: 'the host asked for, with or without port; pattern or ~REGEX' },
  sni: { type: 'strings', value: 'NAME', describe: 'the server name of the TLS connection; pattern or ~REGEX' },
  path: { type: 'strings', raw: true, value: 'PATH', describe: 'the path without query; pattern (/v2/*) or ~REGEX' },
  method: { type: 'strings', value: 'METHOD', describe: 'GET, POST…' },
  'min-duration': { type: 'duration', value: 'TIME', describe: 'requests that took at least so long, e.g. 500ms' },
  upstream: { type: 'strings', value: 'UPSTREAM', describe: 'endpoint address or service: NAME, NAMESPACE/NAME, FQDN; pattern or ~REGEX' },
  route: { type: 'strings', value: 'NAME', describe: "the route's name in the VirtualService" },
  'user-agent': { type: 'strings', raw: true, value: 'TEXT', describe: 'user agents that contain the text; pattern or ~REGEX' },
  client: { type: 'strings', value: 'ADDRESS', describe: 'address of the client, also in X-Forwarded-For; pattern or ~REGEX' },
  for: { type: 'string', value: 'NS[/NAME]', describe: 'requests to the services of this namespace or to this service, and for their hosts' },
  not: { type: 'strings', raw: true, value: 'KEY=VALUE', describe: 'leave out, by any of the keys above: --not user-agent=kube-probe; may be repeated' },
  format: {
    type: 'string',
    value: 'FORMAT',
    describe: 'format of the access log: as in accessLogFormat of MeshConfig, or istio, json, envoy; found in the live configuration where not given',
  },
} as const satisfies Flags;
