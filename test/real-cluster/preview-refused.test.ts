// What `preview` says that the API server refuses, before a real API server: objects with one mistake each, of every field
// that the definitions in the cluster have, and the same without the mistake.

import { spawnSync } from 'node:child_process';
import { Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ToolError } from '#core/error.ts';
import { readGivenObjects } from '#questions/preview/objects.ts';
import {
  apply,
  dumped,
  environment,
  type Gateway,
  gatewayLog,
  gateways,
  kubectl,
  kubectlJson,
  until,
} from './truth/cluster.ts';

interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly enum?: readonly string[];
  readonly oneOf?: readonly { readonly required?: readonly string[] }[];
  readonly format?: string;
  readonly minItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly 'x-kubernetes-validations'?: readonly { readonly message?: string }[];
}

interface Definition {
  readonly spec: {
    readonly names: { readonly kind: string };
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

interface Sample {
  readonly about: string;
  readonly spec: unknown;
}

const istio = (kind: string, name: string, spec: object): object => ({
  apiVersion: 'networking.istio.io/v1',
  kind,
  metadata: { name, namespace: 'default' },
  spec,
});

/** With what is wanted, and nothing else. */
function valid(schema: Schema): unknown {
  if (schema.enum) return schema.enum[0];
  if (schema['x-kubernetes-validations']?.some(({ message }) => message?.includes('duration'))) return '1s';
  switch (schema.type) {
    case 'object': {
      const { properties = {}, required = [] } = schema;
      return Object.fromEntries(required.map((name) => [name, valid(properties[name] ?? {})]));
    }
    case 'array':
      return Array.from({ length: schema.minItems ?? 0 }, () => valid(schema.items ?? {}));
    case 'integer':
    case 'number':
      return schema.minimum ?? 1;
    case 'boolean':
      return true;
    default:
      return schema.format === 'byte' ? 'YQ==' : 'a';
  }
}

const wrongValues: Readonly<Record<string, unknown>> = {
  object: 'text',
  array: 'text',
  integer: 1.5,
  number: 'text',
  boolean: 'text',
  string: 7,
};

const seen = new Set<string>();

/** Each put into the object by `put`. A schema that stands in several places is looked into once. */
function samples(schema: Schema, path: string, put: (value: unknown) => unknown): Sample[] {
  const own: Sample[] = [
    { about: `${path}: as it should be`, spec: put(valid(schema)) },
    ...(schema.type ? [{ about: `${path}: of another type`, spec: put(wrongValues[schema.type]) }] : []),
    ...(schema.enum ? [{ about: `${path}: another word`, spec: put('none-of-these') }] : []),
    ...(schema.maximum === undefined ? [] : [{ about: `${path}: too much`, spec: put(schema.maximum + 1) }]),
    ...(schema.minimum === undefined ? [] : [{ about: `${path}: too little`, spec: put(schema.minimum - 1) }]),
  ];
  const { properties = {}, items, additionalProperties } = schema;
  const content = JSON.stringify([schema.type, properties, items, additionalProperties]);
  if (content.length > 200 && seen.has(content)) return own;
  seen.add(content);
  const base = valid(schema) as object;
  const fields = Object.entries(properties);
  const without = (name: string): object => Object.fromEntries(Object.entries(base).filter(([one]) => one !== name));
  const choice = (schema.oneOf ?? []).flatMap(({ required = [] }) => required);
  return [
    ...own,
    ...(fields.length > 0 ? [{ about: `${path}: another field`, spec: put({ ...base, anotherField: 1 }) }] : []),
    ...(choice.length > 1
      ? [
          {
            about: `${path}: two of one choice`,
            spec: put({ ...base, ...Object.fromEntries(choice.map((name) => [name, valid(properties[name] ?? {})])) }),
          },
        ]
      : []),
    ...(schema.required ?? []).map((name) => ({ about: `${path}: without ${name}`, spec: put(without(name)) })),
    ...fields.flatMap(([name, one]) => samples(one, `${path}.${name}`, (value) => put({ ...base, [name]: value }))),
    ...(items ? samples(items, `${path}[]`, (value) => put([value])) : []),
    ...(additionalProperties ? samples(additionalProperties, `${path}{}`, (value) => put({ key: value })) : []),
  ];
}

const inKubernetes: readonly object[] = [
  { apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: 80, targetPort: 'http' }], selector: { app: 'a' } } },
  { apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: 80, targetport: 8080 }] } },
  { apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: '80' }] } },
  { apiVersion: 'v1', kind: 'Service', spec: { ports: [{ port: 80 }], selectr: {} } },
  { apiVersion: 'v1', kind: 'Secret', stringData: { 'tls.crt': 'a' } },
  { apiVersion: 'v1', kind: 'Secret', stringData: { 'tls.crt': 7 } },
  { apiVersion: 'v1', kind: 'Secret', stringdata: { 'tls.crt': 'a' } },
  { apiVersion: 'v1', kind: 'Secret', data: { 'tls.crt': 'YQ==' } },
  { apiVersion: 'v1', kind: 'Secret', data: { 'tls.crt': 'YQ' } },
  { apiVersion: 'v1', kind: 'Secret', data: { 'tls.crt': '-----BEGIN CERTIFICATE-----' } },
  { apiVersion: 'v1', kind: 'Secret', data: { 'tls.crt': 7 } },
];

function objects(): { readonly about: string; readonly object: object }[] {
  const resources = ['gateways', 'virtualservices', 'destinationrules'];
  const custom = resources.flatMap((resource) => {
    const { spec } = kubectlJson<Definition>('get', 'crd', `${resource}.networking.istio.io`);
    const { kind } = spec.names;
    const schema = spec.versions.find(({ name }) => name === 'v1')?.schema.openAPIV3Schema.properties?.['spec'] ?? {};
    return samples(schema, `${kind}.spec`, (value) => value).map(({ about, spec: one }) => ({
      about,
      object: { apiVersion: 'networking.istio.io/v1', kind, spec: one },
    }));
  });
  const all = [...custom, ...inKubernetes.map((object) => ({ about: JSON.stringify(object), object }))];
  return all.map(({ about, object }, index) => ({
    about,
    object: { ...object, metadata: { name: `refused-${index}`, namespace: 'default' } },
  }));
}

/** What the API server does not take, in its words. */
function refusedByServer(all: readonly object[]): ReadonlyMap<string, string> {
  const input = all.map((object) => JSON.stringify(object)).join('\n---\n');
  const { stdout, stderr } = spawnSync('kubectl', ['apply', '--dry-run=server', '-f', '-', '-o', 'name'], {
    env: environment,
    input,
    encoding: 'utf8',
    maxBuffer: 256 << 20,
  });
  const taken = new Set([...stdout.matchAll(/(refused-\d+)$/gm)].map(([, name]) => name));
  return new Map(
    all.flatMap((object) => {
      const { name } = (object as { readonly metadata: { readonly name: string } }).metadata;
      return taken.has(name) ? [] : [[name, stderr]];
    }),
  );
}

/** What the tool says of it; undefined: nothing. `ofServer`: what the API server of a cluster without webhooks would. */
async function refusedByTool(object: object, ofServer = false): Promise<string | undefined> {
  const stdin = Readable.from([Buffer.from(JSON.stringify(object))]);
  try {
    const { findings } = await readGivenObjects(
      { paths: ['-'], stdin, namespace: 'default' },
      AbortSignal.timeout(5_000),
    );
    const texts = findings.map(({ text }) => text).filter((text) => !ofServer || !text.includes("istiod's webhook"));
    return texts.join('; ') || undefined;
  } catch (error) {
    if (error instanceof ToolError) return error.message;
    throw error;
  }
}

test('what the API server refuses of objects as they are written, and nothing else, preview says beforehand', async () => {
  const all = objects();
  const refused = refusedByServer(all.map(({ object }) => object));
  const differing: string[] = [];
  for (const { about, object } of all) {
    const { name } = (object as { readonly metadata: { readonly name: string } }).metadata;
    const said = await refusedByTool(object, true);
    if ((said !== undefined) !== refused.has(name))
      differing.push(`${about}: ${said ?? 'taken'}; the API server ${refused.has(name) ? 'refuses' : 'takes'} it`);
  }
  assert.equal(differing, [], `${all.length} objects, ${refused.size} refused`);
  assert.ok(refused.size > 300 && all.length - refused.size > 200, `${all.length} objects, ${refused.size} refused`);
});

const regexes = [
  '([',
  '*',
  '.*',
  'a**',
  '(?=a)',
  'a{1001}',
  'a{1000}',
  '\\d+(?i)x',
  '\\pN',
  '[[:word:]]',
  '(?P<a>b)',
  '\\1',
  'a++',
  '^/$',
];
const positions: Readonly<Record<string, (regex: string) => object>> = {
  uri: (regex) => ({ match: [{ uri: { regex } }] }),
  header: (regex) => ({ match: [{ headers: { 'x-a': { regex } } }] }),
  'no header': (regex) => ({ match: [{ withoutHeaders: { 'x-a': { regex } } }] }),
  query: (regex) => ({ match: [{ queryParams: { a: { regex } } }] }),
  method: (regex) => ({ match: [{ method: { regex } }] }),
  origin: (regex) => ({ corsPolicy: { allowOrigins: [{ regex }] } }),
  rewrite: (regex) => ({ rewrite: { uriRegexRewrite: { match: regex, rewrite: '/' } } }),
};

const route = [{ destination: { host: 'none', port: { number: 80 } } }];
const sets = (value: string): object => ({ route, headers: { request: { set: { 'x-a': value } } } });
/** What Envoy refuses beside regexes, and what it nearly refuses. */
const parts: readonly object[] = [
  { route: [] },
  { route: [...route, ...route] },
  { route: [{ ...route[0], weight: 1 }, ...route] },
  { redirect: { uri: '/', redirectCode: 304 } },
  { directResponse: { status: 600 } },
  { directResponse: { status: 599 } },
  { route, fault: { abort: { httpStatus: 100 } } },
  { route, match: [{ headers: { 'x-a': { prefix: '' } } }] },
  { route, match: [{ uri: { prefix: '' } }] },
  { route, match: [{ uri: { regex: '' } }] },
  { route, corsPolicy: { allowOrigins: [{ prefix: '' }] } },
  sets('100%'),
  sets('100%%'),
  sets('%REQ(x)'),
  sets('%req(x)%'),
  sets('%REQ(X?Y):5% %START_TIME(%s)%'),
  sets('a\nb'),
];

/** A route configuration that Envoy refuses keeps all others of its port from changing. */
const withoutRegexes = (): void => {
  kubectl('-n', 'default', 'delete', 'virtualservices,gateways.networking.istio.io', '--all', '--wait=true');
};

test.before(withoutRegexes);
test.after(withoutRegexes);

test('Envoy refuses the route configurations that preview says it would, by a part of a route', async () => {
  const [gateway] = gateways() as readonly [Gateway];
  const withRegex = Object.entries(positions).flatMap(([position, of]) =>
    regexes
      .filter((regex) => position === 'uri' || regex === '*' || regex === '([')
      .map((regex) => ({ ...of(regex), route })),
  );
  const rows = [...withRegex, ...parts];
  const name = 'regexes';
  apply(
    istio('Gateway', name, {
      selector: { istio: 'ingressgateway' },
      servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['regexes.test'] }],
    }),
  );
  const rejected = (): number => gatewayLog(gateway).match(/RouteConfiguration rejected/g)?.length ?? 0;
  const differing: string[] = [];
  for (const [index, row] of rows.entries()) {
    const object = istio('VirtualService', name, {
      hosts: ['regexes.test'],
      gateways: [name],
      http: [{ name: `row-${index}`, ...row }],
    });
    const before = rejected();
    apply(object);
    let isRefused = false;
    await until(`row ${index} is taken or refused`, () => {
      isRefused = rejected() > before;
      return isRefused || JSON.stringify(dumped(gateway, 'dynamic_route_configs')).includes(`"row-${index}"`);
    });
    const said = await refusedByTool(object);
    if ((said !== undefined) !== isRefused) differing.push(`${JSON.stringify(row)}: ${said ?? 'taken'}`);
    kubectl('delete', 'virtualservice', name);
    await until(
      `row ${index} is gone`,
      () => !JSON.stringify(dumped(gateway, 'dynamic_route_configs')).includes(`"row-${index}"`),
    );
  }
  assert.equal(differing, []);
});

test.run();
