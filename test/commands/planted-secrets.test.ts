// One secret of each class, each in its place of the configuration or of a Kubernetes object, made anew for each run and
// looked for in all that the tool prints and writes.

import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Runtime } from '#cli.ts';
import type { Admin } from '#core/admin.ts';
import type { KubeObject } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import { queryDump } from '#dump/query.ts';
import { readTgz } from '#files/tgz.ts';
import { openLive } from '#source/live.ts';
import { openSaved } from '#source/saved.ts';
import { any } from '../support/dump.ts';
import { type DemoCluster, withDemo } from '../support/run-command.ts';

type Json = { [key: string]: unknown };

/** By class and place. */
const markers = new Map<string, string>();
const marker = (place: string): string => {
  const made = markers.get(place) ?? `s${randomBytes(12).toString('hex')}`;
  markers.set(place, made);
  return made;
};
const base64 = (text: string): string => Buffer.from(text).toString('base64');
const dashes = '-'.repeat(5);
const pem = (place: string): string =>
  `${dashes}BEGIN PRIVATE KEY${dashes}\n${marker(place)}\n${dashes}END PRIVATE KEY${dashes}\n`;
const header = (key: string, place: string): object => ({ header: { key, value: `Bearer ${marker(place)}` } });
const jwks = (place: string): string =>
  JSON.stringify({
    keys: [
      { kty: 'RSA', n: 'n', e: 'AQAB', d: marker(`${place} d`) },
      { kty: 'oct', k: marker(`${place} k`) },
    ],
  });

const httpFilters = (): object[] => [
  {
    name: 'basic',
    typed_config: any('extensions.filters.http.basic_auth.v3.BasicAuth', {
      users: { inline_string: `alice:${marker('users of basic_auth')}` },
    }),
  },
  {
    name: 'jwt',
    typed_config: any('extensions.filters.http.jwt_authn.v3.JwtAuthentication', {
      providers: {
        token: { issuer: 'me', local_jwks: { inline_string: jwks('jwks') } },
        bytes: { local_jwks: { inline_bytes: base64(jwks('jwks in bytes')) } },
      },
    }),
  },
  {
    name: 'lua',
    typed_config: any('extensions.filters.http.lua.v3.Lua', {
      default_source_code: {
        inline_string: `k = [[${pem('PEM in Lua')}]] h:add("authorization", "Bearer ${marker('header in Lua')}")`,
      },
    }),
  },
  {
    name: 'wasm',
    typed_config: any('extensions.filters.http.wasm.v3.Wasm', {
      config: {
        configuration: {
          '@type': 'type.googleapis.com/google.protobuf.StringValue',
          value: JSON.stringify({ clientSecret: marker('JSON of Wasm') }),
        },
        vm_config: { environment_variables: { key_values: { DB_PASSWORD: marker('environment of Wasm') } } },
      },
    }),
  },
  {
    name: 'other',
    typed_config: {
      '@type': 'type.googleapis.com/udpa.type.v1.TypedStruct',
      type_url: 'type.googleapis.com/acme.Filter',
      value: { api_key: marker('TypedStruct'), hmac_secrets: [{ inline_string: marker('list in TypedStruct') }] },
    },
  },
];

/** Each pod has its own: `diff` has something to say. */
const accessLog = (pod: string): object => ({
  name: 'otel',
  typed_config: any('extensions.access_loggers.open_telemetry.v3.OpenTelemetryAccessLogConfig', {
    common_config: {
      grpc_service: {
        google_grpc: { call_credentials: [{ access_token: marker('access_token of google_grpc') }] },
        initial_metadata: [{ key: 'authorization', value: `Basic ${marker(`initial_metadata of ${pod}`)}` }],
      },
    },
  }),
});

const virtualHost = (): object => ({
  name: 'planted',
  domains: ['planted.example'],
  routes: [
    { match: { path: '/a' }, redirect: { host_redirect: `user:${marker('user info of a redirect')}@host` } },
    {
      match: { path: '/b' },
      direct_response: { status: 200, body: { inline_string: pem('PEM in a direct response') } },
    },
  ],
});

/** Adds to the objects of a dump what a real one may have there. */
function plantIn(value: unknown, pod: string): void {
  if (typeof value !== 'object' || value === null) return;
  for (const inner of Object.values(value)) plantIn(inner, pod);
  const object = value as Json;
  const type = String(object['@type'] ?? '');
  if (type.endsWith('.HttpConnectionManager')) {
    object['http_filters'] = [...httpFilters(), ...(object['http_filters'] as object[])];
    object['access_log'] = [...((object['access_log'] ?? []) as object[]), accessLog(pod)];
  }
  if (type.endsWith('.RouteConfiguration')) {
    object['request_headers_to_add'] = [
      header('Authorization', 'request_headers_to_add'),
      header('x-api-key', 'x-api-key'),
    ];
    object['virtual_hosts'] = [...((object['virtual_hosts'] ?? []) as object[]), virtualHost()];
  }
  if (type.endsWith('.Cluster'))
    object['health_checks'] = [
      { http_health_check: { path: '/', request_headers_to_add: [header('proxy-authorization', 'health check')] } },
    ];
  if (type.endsWith('tls.v3.Secret') && object['tls_certificate'])
    (object['tls_certificate'] as Json)['private_key'] = { inline_bytes: base64(pem('private_key')) };
  if (type.endsWith('.BootstrapConfigDump'))
    object['bootstrap'] = {
      node: {
        metadata: {
          AWS_SECRET_ACCESS_KEY: marker('environment of the bootstrap'),
          PROXY: `http://user:${marker('user info')}@proxy:3128`,
        },
      },
    };
}

function plantedObject(object: KubeObject): KubeObject {
  const annotations = {
    note: pem('PEM in an annotation'),
    config: JSON.stringify({ password: marker('JSON in an annotation') }),
  };
  const spec = { headers: { request: { set: { authorization: `Bearer ${marker('header of a VirtualService')}` } } } };
  return {
    ...object,
    metadata: { ...object.metadata, annotations },
    spec: { ...(object as { readonly spec?: object }).spec, planted: [spec] },
  } as KubeObject;
}

const dumps = new Map<string, Promise<unknown>>();

/** A pod whose dump has a secret in each place. */
function plantedAdmin(admin: Admin): Admin {
  const whole = async (): Promise<unknown> => {
    const body = await admin.get({ path: 'config_dump', query: { include_eds: '' } });
    const dump: unknown = JSON.parse(body.toString('utf8'));
    plantIn(dump, admin.pod.name);
    return dump;
  };
  return {
    ...admin,
    get: async (request) => {
      if (request.path !== 'config_dump') return admin.get(request);
      const dump = dumps.get(admin.pod.name) ?? whole();
      dumps.set(admin.pod.name, dump);
      const { status, body } = queryDump(await dump, new URLSearchParams(request.query));
      return status === 200 ? Buffer.from(body) : admin.get(request); // which refuses it as Envoy does
    },
  };
}

const planted = (source: Source): Source => ({
  ...source,
  everyPod: (ask, only, options) => source.everyPod((admin) => ask(plantedAdmin(admin)), only, options),
  onePod: (pod, ask) => source.onePod(pod, (admin) => ask(plantedAdmin(admin))),
  list: async (resource, options) => (await source.list(resource, options)).map(plantedObject),
});

const openSource: Runtime['openSource'] = async (options, env, signal, teller) =>
  options.from === undefined
    ? planted(await openLive(options, env, signal, teller))
    : openSaved(options.from, options, signal);

const listings = ['listeners', 'routes', 'clusters --whole-mesh', 'endpoints --whole-mesh', 'secrets'];
const pod = '--pod *-66qlf';
const commandLines = [
  ...listings.flatMap((line) => [`${line} -o json`, `${line} ${pod} -o envoy`]),
  'listeners -o wide',
  'listeners -o yaml',
  `admin config_dump ${pod}`,
  `admin config_dump ${pod} -o json`,
  'diff -o json',
  'check -o json',
  'status -o json',
  'certs -o json',
  'explain https://svc1.discovery.wmnet/ -o json',
  'routes --host planted.example -o wide',
  'explain https://planted.example/a',
  'routes --host nowhere.example',
];

function assertNoMarker(text: string, where: string): void {
  for (const [place, secret] of markers)
    for (const form of [secret, base64(secret).slice(4, -4)])
      assert.not.ok(text.includes(form), `${where} shows the secret of: ${place}`);
}

const filesBelow = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => join(directory, name))
    .filter((file) => statSync(file).isFile());

async function lookEverywhere({ kii, directory }: DemoCluster): Promise<void> {
  const saved = `${directory}/saved`;
  const dumped = await kii(`config-dump ${pod}`, { openSource });
  assertNoMarker(dumped.out, 'config-dump');
  assert.is((await kii(['config-dump', '--dir', saved], { openSource })).code, 0);
  for (const file of filesBelow(saved)) assertNoMarker(readFileSync(file, 'utf8'), file);
  for (const line of commandLines)
    for (const from of [[], ['--from', saved]]) {
      const { out, err } = await kii([...line.split(' '), ...from], { openSource });
      assert.ok(out.length + err.length > 20, line);
      assertNoMarker(`${out}${err}`, [line, ...from].join(' '));
    }
  const file = `${directory}/incident.tgz`;
  assert.is((await kii(['snapshot', file], { openSource })).code, 0);
  for (const [name, body] of await readTgz(file, { mostBytes: 1e9, mostEntries: 1000 }))
    assertNoMarker(body.toString(), `${name} of the snapshot`);
  const restored = await kii(['config-dump', ...pod.split(' '), '--from', file]);
  assertNoMarker(restored.out, 'config-dump of the snapshot');
  const against = await kii(['diff', '--against', saved], { openSource });
  assert.not.match(against.out, /access logs|redacted|redirect/);
  assert.match(`${against.out}${against.err}`, 'credentials are not compared');
  assert.is(markers.size, 26);
  for (const name of ['x-api-key', 'proxy-authorization', 'DB_PASSWORD', 'hmac_secrets', '"issuer": "me"'])
    assert.ok(dumped.out.includes(name), `names stay: ${name}`);
}

test('diff says that a credential differs, and not what it is', () =>
  withDemo({}, async ({ kii }) => {
    const { out } = await kii('diff --only listeners -o json', { openSource });
    assert.match(out, /"key\\":\\"authorization\\",\\"value\\":\\"\[redacted [0-9a-f]{8}\]/);
    assertNoMarker(out, 'diff');
  }));

test('no secret of any class is in what is printed or written', () => withDemo({}, lookEverywhere));

test.run();
