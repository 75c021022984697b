// A snapshot as an API server: what it answers, what it refuses, and what is left of it at the end.

import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import net, { type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { lengthField } from '#apiserver/protobuf.ts';
import type { ApiServer } from '#apiserver/server.ts';
import { ToolError } from '#core/error.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { createTgz, readTgz } from '#files/tgz.ts';
import { ask, askJson, upgrade } from '../support/demo-request.ts';
import { type DemoCluster, runCommand, type Said, withDemo } from '../support/run-command.ts';
import { watchedFrom } from '../support/watched.ts';

const pod = 'istio-ingressgateway-66qlf';
const pods = '/api/v1/namespaces/istio-system/pods';
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

type Server = Pick<ApiServer, 'url' | 'ca' | 'token'>;

interface Serving {
  readonly kubeconfig: string;
  readonly servers: readonly (Server & { readonly name: string; readonly namespace: string })[];
  end(): Promise<Said>;
}

/** Runs `serve` until it has said its KUBECONFIG. */
async function serving(words: readonly string[]): Promise<Serving> {
  const controller = new AbortController();
  let isOpen = (_: string): void => {};
  const open = new Promise<string>((resolve) => {
    isOpen = resolve;
  });
  const ended = runCommand(['serve', ...words], {
    signal: controller.signal,
    writeOut: async (part) => isOpen(/^export KUBECONFIG=(.*)\n$/.exec(part)?.[1] ?? ''),
  });
  const kubeconfig = await Promise.race([open, ended.then(({ err }) => assert.unreachable(err) as never)]);
  const { clusters, users, contexts } = parse(readFileSync(kubeconfig, 'utf8'));
  return {
    kubeconfig,
    servers: clusters.map(({ name, cluster }: { name: string; cluster: Record<string, string> }, index: number) => ({
      name,
      namespace: contexts[index].context.namespace,
      url: cluster['server'],
      ca: Buffer.from(cluster['certificate-authority-data'] ?? '', 'base64').toString(),
      token: users[index].user.token,
    })),
    end: () => {
      controller.abort(new ToolError('interrupted', 'interrupted by SIGINT'));
      return ended;
    },
  };
}

const withServed = (use: (server: Server, cluster: DemoCluster, kubeconfig: string) => Promise<void>): Promise<void> =>
  withDemo({}, async (cluster) => {
    const file = join(cluster.directory, 'incident.tgz');
    assert.is((await cluster.kii(['snapshot', file])).code, 0);
    const { servers, kubeconfig, end } = await serving([file]);
    try {
      await use(servers[0] as Server, cluster, kubeconfig);
    } finally {
      await end();
    }
  });

test('the KUBECONFIG is private, and gone after Ctrl-C; so is the server', () =>
  withDemo({}, async ({ kii, directory }) => {
    const file = join(directory, 'incident.tgz');
    await kii(['snapshot', file]);
    const { kubeconfig, servers, end } = await serving([file]);
    assert.is(statSync(kubeconfig).mode & 0o777, 0o600);
    assert.equal(
      servers.map(({ name, namespace }) => ({ name, namespace })),
      [{ name: 'incident', namespace: 'istio-system' }],
    );
    assert.match(servers[0]?.url ?? '', /^https:\/\/127\.0\.0\.1:\d+$/);
    const { code, err } = await end();
    assert.is(code, 130);
    assert.match(err, /^serving incident until Ctrl-C\n/);
    assert.not.ok(existsSync(kubeconfig));
    assert.not.ok(existsSync(join(kubeconfig, '..')));
    await ask(servers[0] as Server, '/version').then(
      () => assert.unreachable('it answers'),
      ({ code: why }) => assert.is(why, 'ECONNREFUSED'),
    );
  }));

test('this tool answers from the server as from the file', () =>
  withServed(async (_, { kii, demo, directory }, kubeconfig) => {
    const file = join(directory, 'incident.tgz');
    for (const line of [
      'status -o json',
      'routes -o json',
      'secrets -o json',
      'endpoints --whole-mesh -o json',
      'listeners -o json',
      'logs --since 1m',
      'log-level',
    ]) {
      const words = line.split(' ');
      const served = await kii([...words, '--kubeconfig', kubeconfig], { now: demo.now });
      const saved = await kii([...words, '--from', file]);
      assert.ok(saved.out.length > 20, line);
      assert.equal(
        served.out.replaceAll(` --kubeconfig ${kubeconfig}`, ''),
        saved.out.replaceAll(` --from ${file}`, ''),
        line,
      );
    }
  }));

test('objects are typed, selected by labels and fields, and rows of a table by the clock of then', () =>
  withServed(async (server) => {
    const one = await askJson<Record<string, unknown>>(server, `${pods}/${pod}`);
    assert.equal([one['kind'], one['apiVersion']], ['Pod', 'v1']);
    const names = async (query: string): Promise<string[]> =>
      (await askJson<{ items: { metadata: { name: string } }[] }>(server, `${pods}?${query}`)).items.map(
        ({ metadata }) => metadata.name,
      );
    assert.equal(await names('fieldSelector=spec.nodeName%3Dnode1'), [pod]);
    assert.equal(await names('labelSelector=istio%3Dpilot'), ['istiod-69897fbd6f-87b4r']);
    const { body } = await ask(server, `${pods}?labelSelector=istio%3Dpilot`, { accept: table });
    const { columnDefinitions, rows } = JSON.parse(body);
    assert.equal(columnDefinitions.map(({ name }: { name: string }) => name).slice(0, 5), [
      'Name',
      'Ready',
      'Status',
      'Restarts',
      'Age',
    ]);
    assert.equal(rows[0].cells.slice(0, 5), ['istiod-69897fbd6f-87b4r', '1/1', 'Running', '0', '2m35s']);
    const metadata = await ask(server, '/apis/networking.istio.io/v1/virtualservices', {
      accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    });
    assert.is(JSON.parse(metadata.body).items[0].spec, undefined);
  }));

test('a list that the snapshot has in part, or not at all, says so', () =>
  withServed(async (server) => {
    const events = await ask(server, '/api/v1/events');
    assert.is(events.status, 200);
    assert.match(String(events.headers['warning']), /^299 - "cannot list all events: the snapshot has those of/);
    const set = await ask(server, '/apis/apps/v1/namespaces/istio-system/statefulsets/x');
    assert.equal([set.status, JSON.parse(set.body).message], [403, 'a snapshot has no StatefulSets']);
    const { items } = await askJson<{ items: KubeObject[] }>(
      server,
      '/apis/apiextensions.k8s.io/v1/customresourcedefinitions',
    );
    const definition = items.find(({ metadata }) => metadata.name === 'virtualservices.networking.istio.io');
    assert.equal(definition?.['spec'], {
      ...{ group: 'networking.istio.io', scope: 'Namespaced' },
      names: {
        ...{ kind: 'VirtualService', plural: 'virtualservices', singular: 'virtualservice' },
        ...{ listKind: 'VirtualServiceList', shortNames: ['vs'] },
      },
      versions: ['v1', 'v1beta1', 'v1alpha3'].map((name, index) => ({ name, served: true, storage: index === 0 })),
    });
    const own = await ask(server, '/api/v1/namespaces/istio-system/events');
    assert.equal([own.status, own.headers['warning']], [200, undefined]);
    assert.ok((await ask(server, '/api/v1/namespaces/svc1/events')).headers['warning']);
    const secrets = await ask(server, '/api/v1/secrets');
    assert.is(secrets.status, 200);
    assert.match(String(secrets.headers['warning']), /the snapshot has the Secrets that the gateway uses/);
    const configMaps = await ask(server, '/api/v1/configmaps');
    assert.equal(JSON.parse(configMaps.body).items, []);
    assert.match(String(configMaps.headers['warning']), /a snapshot has no ConfigMaps: an empty list says nothing/);
    const configMap = await ask(server, '/api/v1/namespaces/istio-system/configmaps/istio');
    assert.equal([configMap.status, JSON.parse(configMap.body).message], [403, 'a snapshot has no ConfigMaps']);
    const secret = JSON.parse((await ask(server, '/api/v1/namespaces/istio-system/secrets/svc5-tls-certificate')).body);
    assert.equal([secret.kind, secret.type], ['Secret', 'kubernetes.io/tls']);
    assert.match(Buffer.from(secret.data['tls.crt'], 'base64').toString(), /^-----BEGIN CERTIFICATE/);
    assert.not.match(JSON.stringify(secret), /PRIVATE/);
  }));

test('Namespaces have their labels, by which istioctl judges injection; an older snapshot has their names', () =>
  withDemo({}, async ({ kii, directory, demo }) => {
    const file = join(directory, 'incident.tgz');
    await kii(['snapshot', file]);
    const files = await readTgz(file, { mostBytes: 1e9, mostEntries: 1e4 });
    const kept = files.get('objects/namespaces.json')?.toString('utf8') ?? '';
    const labelled = kept.replace('"kubernetes.io/metadata.name": "svc1"', '"istio-injection": "enabled"');
    const served = async (name: string, namespaces: string | undefined) => {
      const changed = join(directory, name);
      const archive = await createTgz(changed, demo.now, false);
      for (const [path, body] of files) {
        const text = path === 'objects/namespaces.json' ? namespaces : body.toString('utf8');
        if (text !== undefined) await archive.add(path, text);
      }
      await archive.finish();
      const { servers, end } = await serving([changed]);
      const { headers, body } = await ask(servers[0] as Server, '/api/v1/namespaces');
      await end();
      return { warning: headers['warning'], items: JSON.parse(body).items as KubeObject[] };
    };
    const now = await served('now.tgz', labelled);
    const svc1 = now.items.find(({ metadata }) => metadata.name === 'svc1');
    assert.equal([now.warning, svc1?.metadata.labels], [undefined, { 'istio-injection': 'enabled' }]);
    const older = await served('older.tgz', undefined);
    assert.match(String(older.warning), 'a snapshot has no Namespaces: these are those of its objects');
    assert.ok(older.items.some(({ metadata }) => metadata.name === 'svc1'));
  }));

test('logs are cut by the clock of then, and end', () =>
  withServed(async (server) => {
    const lines = async (query: string): Promise<string[]> =>
      (await ask(server, `${pods}/${pod}/log?${query}`)).body.trimEnd().split('\n');
    const all = await lines('timestamps=true');
    assert.ok(all.length > 50);
    // 12:08:47 less the seconds.
    const since = await lines('sinceSeconds=40&timestamps=true');
    assert.equal(
      since,
      all.filter((line) => line >= '2026-11-23T12:08:07'),
    );
    assert.ok(since.length > 0 && since.length < all.length);
    assert.equal(await lines('tailLines=2&follow=true&timestamps=true'), all.slice(-2));
    const other = await ask(server, `${pods}/${pod}/log?previous=true`);
    assert.equal(
      [other.status, JSON.parse(other.body).message],
      [400, 'the snapshot has no log of the container before this one'],
    );
  }));

test('a number of a log that is none is refused, and the server goes on', () =>
  withServed(async (server) => {
    for (const query of [
      'sinceSeconds=1e999',
      'sinceSeconds=abc',
      'tailLines=-',
      'limitBytes=',
      `sinceSeconds=${'9'.repeat(19)}`,
    ]) {
      const { status, body } = await ask(server, `${pods}/${pod}/log?${query}`);
      assert.equal([status, JSON.parse(body).reason], [400, 'BadRequest'], query);
    }
    assert.is((await ask(server, `${pods}/${pod}/log?sinceSeconds=999999999999`)).status, 200);
  }));

test('a watch has what is there, and a bookmark where the client waits for it', () =>
  withServed(async (server) => {
    const events = await watchedFrom(server, `${pods}?watch=true&sendInitialEvents=true&allowWatchBookmarks=true`, 6);
    assert.equal(
      events.map(({ type }) => type),
      [...Array.from({ length: 5 }, () => 'ADDED'), 'BOOKMARK'],
    );
    assert.equal(
      events.map(({ object }) => object.kind),
      Array.from({ length: 6 }, () => 'Pod'),
    );
  }));

test('nothing is changed and nothing runs, and each refusal says why', () =>
  withServed(async (server) => {
    for (const [method, path] of [
      ['DELETE', `${pods}/${pod}`],
      ['PATCH', `${pods}/${pod}`],
      ['POST', pods],
      ['PUT', '/apis/networking.istio.io/v1/namespaces/svc1/virtualservices/two'],
      ['POST', `${pods}/${pod}/eviction`],
    ] as const) {
      const { status, body } = await ask(server, path, { method, ...(method !== 'DELETE' && { body: '{}' }) });
      assert.equal([status, JSON.parse(body).message], [405, 'a snapshot cannot be changed'], `${method} ${path}`);
    }
    assert.equal(
      await exec(server, 'pilot-agent request POST logging?level=debug'),
      'Error: unexpected status code 403: a snapshot cannot be changed\n\n',
    );
    assert.match(await exec(server, 'pilot-agent request POST logging'), /^active loggers:\n/);
    assert.match(await exec(server, 'pilot-agent request GET server_info'), /"state": "LIVE"/);
    assert.match(
      await exec(server, 'cat /etc/passwd'),
      /a snapshot runs nothing: exec answers pilot-agent request GET PATH/,
    );
    const { status } = await ask(server, pods, { authorization: 'Bearer other' });
    assert.is(status, 401);
  }));

/** All that the command says, on whichever channel. */
async function exec(server: Server, command: string): Promise<string> {
  const query = new URLSearchParams(command.split(' ').map((word): [string, string] => ['command', word]));
  const socket = await upgrade(server, `${pods}/${pod}/exec?${query}&stdout=true&stderr=true`, ['v5.channel.k8s.io']);
  if ('status' in socket) return socket.body;
  let said = '';
  socket.on('message', (message: Buffer) => {
    const isOk = message[0] === 3 && message.includes('"Success"');
    if (!isOk && !message.includes('NonZeroExitCode')) said += message.subarray(1).toString();
  });
  await new Promise((resolve) => socket.on('close', resolve));
  return said;
}

test('who asks may read, in JSON and in the protobuf of kubectl', () =>
  withServed(async (server) => {
    const path = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';
    const isAllowed = async (body: string | Buffer): Promise<boolean> =>
      JSON.parse((await ask(server, path, { method: 'POST', body })).body).status.allowed;
    for (const [verb, resource, subresource, allowed] of [
      ['list', 'pods', '', true],
      ['create', 'pods', 'portforward', true],
      ['delete', 'pods', '', false],
      ['create', 'pods', '', false],
    ] as const) {
      const resourceAttributes = { verb, resource, subresource };
      assert.is(await isAllowed(JSON.stringify({ spec: { resourceAttributes } })), allowed, verb);
      const attributes = Buffer.concat([lengthField(2, verb), lengthField(5, resource), lengthField(6, subresource)]);
      const object = lengthField(2, lengthField(2, lengthField(1, attributes)));
      assert.is(await isAllowed(Buffer.concat([Buffer.from('k8s\0'), object])), allowed, `${verb} in protobuf`);
    }
  }));

test('several snapshots are several contexts, each with its own server', () =>
  withDemo({}, async ({ kii, directory }) => {
    const file = join(directory, 'incident.tgz');
    await kii(['snapshot', file]);
    const { servers, end } = await serving([file, file]);
    assert.equal(
      servers.map(({ name }) => name),
      ['incident', 'incident-2'],
    );
    const [first, second] = servers as unknown as [Server, Server];
    assert.is((await ask(second, '/version', { authorization: `Bearer ${first.token}` })).status, 401);
    assert.is((await ask(second, '/version')).status, 200);
    await end();
  }));

test('a port that is in use, and what is no snapshot, are refused, and nothing is left behind', () =>
  withDemo({}, async ({ kii, directory }) => {
    const file = join(directory, 'incident.tgz');
    await kii(['snapshot', file]);
    await kii(['config-dump', '--dir', join(directory, 'saved')]);
    writeFileSync(join(directory, 'text'), 'text');
    const server = net.createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.on('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const left = (): string[] => readdirSync(tmpdir()).filter((name) => name.startsWith('kii-serve-'));
    const before = left();
    const cases: readonly (readonly [string[], RegExp])[] = [
      [
        [file, '--port', String(port)],
        new RegExp(`^error: cannot listen on port ${port} of localhost: something else listens there`),
      ],
      [[file, '--port', '70000'], /^error: --port takes a port from 0 to 65535, not 70000/],
      [
        [join(directory, 'saved')],
        /^error: cannot serve directory .*: it is no snapshot, and has no pods and no logs\n/,
      ],
      [[join(directory, 'text')], /^error: cannot read .*text/],
      [[join(directory, 'nothing')], /^error: cannot read .*nothing/],
    ];
    for (const [words, says] of cases) {
      const { code, err } = await kii(['serve', ...words]);
      assert.match(err, says);
      assert.is.not(code, 0, err);
    }
    assert.equal(left(), before);
    server.close();
  }));

test('a snapshot that is not what it says it is answers with what is wrong, and goes on', () =>
  withDemo({}, async ({ kii, directory, demo }) => {
    const file = join(directory, 'incident.tgz');
    await kii(['snapshot', file]);
    const files = await readTgz(file, { mostBytes: 1e9, mostEntries: 1e4 });
    const spoiled = join(directory, 'spoiled.tgz');
    const archive = await createTgz(spoiled, demo.now, false);
    const others: Readonly<Record<string, string>> = {
      [`pods/${pod}/clusters.json`]: '{"cluster_statuses": [{"name": 7, "host_statuses": 3}]}',
      [`pods/${pod}/config_dump.json`]: '{"configs": {"a": 1}}',
      [`pods/${pod}/listeners.json`]: '[',
      'objects/virtualservices.json':
        '[{"metadata": {"name": "a", "namespace": "b"}, "spec": {"hosts": 7}, "status": 3}]',
      'objects/certificates.json': '[{"metadata": {"name": "a"}, "status": {"conditions": 3}, "spec": null}]',
      'objects/nodes.json': '{"no": "list"}',
      'logs/gateway/0.log': `2026-11-23T12:08:09.498000098Z ${pod} \u001b]0;title\u0007 here\n`,
    };
    for (const [name, body] of files) await archive.add(name, others[name] ?? body.toString('utf8'));
    await archive.finish();
    const { servers, end } = await serving([spoiled]);
    const server = servers[0] as Server;
    assert.match(await exec(server, 'pilot-agent request GET clusters'), /unexpected status code 500/);
    assert.match(await exec(server, 'pilot-agent request GET config_dump'), /unexpected status code 500/);
    assert.match(await exec(server, 'pilot-agent request GET listeners'), /unexpected status code 500/);
    assert.is((await ask(server, '/apis/cert-manager.io/v1/certificates', { accept: table })).status, 200);
    const messageOf = async (path: string): Promise<string> => JSON.parse((await ask(server, path)).body).message;
    assert.match(await messageOf('/api/v1/nodes'), /nodes\.json/);
    const list = await askJson<{ items: object[] }>(server, '/apis/networking.istio.io/v1/virtualservices');
    assert.equal(list.items, [
      {
        kind: 'VirtualService',
        apiVersion: 'networking.istio.io/v1',
        metadata: { name: 'a', namespace: 'b' },
        spec: { hosts: 7 },
        status: 3,
      },
    ]);
    const { body } = await ask(server, `${pods}/${pod}/log`);
    assert.is(body, '\u{fffd}]0;title\u{fffd} here\n');
    assert.is((await ask(server, '/version')).status, 200);
    assert.is((await end()).code, 130);
  }));

test.run();
