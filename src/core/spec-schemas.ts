// The types of what is read of the specs of objects, of files that a preview is given and of the API server alike. Source:
// the CustomResourceDefinitions of istio.io/api networking/v1.

import { goDuration } from './go-duration.ts';
import type { Resource } from './kinds.ts';
import { anything, boolean, list, mapOf, number, object, optional, type Schema, text, wrongField } from './schema.ts';

const duration: Schema<string> = (value, path) =>
  typeof value === 'string' && !Number.isNaN(goDuration(value))
    ? undefined
    : wrongField(path, value, 'a duration such as 1.5s');

const texts = mapOf(text);
const names = optional(list(text));
const percent = optional(object<{ value?: number }>({ value: optional(number) }));
const condition = optional(
  object<{ exact?: string; prefix?: string; regex?: string }>({
    exact: optional(text),
    prefix: optional(text),
    regex: optional(text),
  }),
);
const conditions = optional(mapOf(condition as Schema<object>));
const destination = object({
  host: text,
  subset: optional(text),
  port: optional(object<{ number?: number }>({ number: optional(number) })),
});
const operations = optional(object({ set: optional(texts), add: optional(texts), remove: names }));
const headers = optional(object({ request: operations, response: operations }));

const match = object({
  name: optional(text),
  uri: condition,
  scheme: condition,
  method: condition,
  authority: condition,
  headers: conditions,
  withoutHeaders: conditions,
  queryParams: conditions,
  port: optional(number),
  sourceLabels: optional(texts),
  sourceNamespace: optional(text),
  gateways: names,
  ignoreUriCase: optional(boolean),
});

const http = object({
  name: optional(text),
  match: optional(list(match)),
  route: optional(list(object({ destination, weight: optional(number), headers }))),
  redirect: optional(
    object({
      uri: optional(text),
      authority: optional(text),
      scheme: optional(text),
      port: optional(number),
      derivePort: optional(text),
      redirectCode: optional(number),
      prefixRewrite: optional(text),
    }),
  ),
  directResponse: optional(
    object({ status: number, body: optional(object({ string: optional(text), bytes: optional(text) })) }),
  ),
  delegate: optional(object({ name: optional(text), namespace: optional(text) })),
  rewrite: optional(
    object({
      uri: optional(text),
      authority: optional(text),
      uriRegexRewrite: optional(object({ match: optional(text), rewrite: optional(text) })),
    }),
  ),
  timeout: optional(duration),
  retries: optional(object({ attempts: optional(number), perTryTimeout: optional(duration), retryOn: optional(text) })),
  fault: optional(
    object({
      delay: optional(object({ fixedDelay: optional(duration), percentage: percent, percent: optional(number) })),
      abort: optional(object({ httpStatus: optional(number), grpcStatus: optional(text), percentage: percent })),
    }),
  ),
  mirror: optional(destination),
  mirrors: optional(list(object({ destination: optional(destination), percentage: percent }))),
  mirrorPercentage: percent,
  mirrorPercent: optional(number),
  corsPolicy: optional(
    object({
      allowOrigins: optional(list(condition as Schema<object>)),
      allowOrigin: names,
      allowMethods: names,
      allowHeaders: names,
      exposeHeaders: names,
      maxAge: optional(duration),
      allowCredentials: optional(boolean),
      unmatchedPreflights: optional(text),
    }),
  ),
  headers,
});

const l4 = { port: optional(number), gateways: names };
const connections = optional(list(object({ destination, weight: optional(number) })));
const tls = object({ match: optional(list(object({ ...l4, sniHosts: names }))), route: connections });
const tcp = object({ match: optional(list(object(l4))), route: connections });

const server = object({
  port: object({ number, name: optional(text), protocol: text }),
  bind: optional(text),
  hosts: list(text),
  tls: optional(
    object({
      mode: optional(text),
      httpsRedirect: optional(boolean),
      credentialName: optional(text),
      credentialNames: names,
    }),
  ),
});

/** A preview reads no other kinds. */
export const specSchemas: Readonly<Partial<Record<Resource, Schema<unknown>>>> = {
  gateways: object({ selector: optional(texts), servers: optional(list(server)) }),
  virtualservices: object({
    hosts: names,
    gateways: names,
    exportTo: names,
    http: optional(list(http)),
    tls: optional(list(tls)),
    tcp: optional(list(tcp)),
  }),
  destinationrules: object({ host: text, exportTo: names, subsets: optional(list(object({ name: text }))) }),
  services: object({
    ports: optional(list(object({ port: number, name: optional(text), appProtocol: optional(text) }))),
    externalName: optional(text),
  }),
  secrets: anything,
  certificates: object({ secretName: text, dnsNames: names, commonName: optional(text) }),
};
