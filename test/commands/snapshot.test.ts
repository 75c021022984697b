// One file of the whole incident: it answers as the cluster did, what cannot be had is in it as a reason, and nobody's
// secret or address is.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '#apiserver/fault.ts';
import type { Runtime } from '#cli.ts';
import { ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';
import { readTgz } from '#files/tgz.ts';
import { askSnapshot } from '#questions/snapshot/snapshot.ts';
import { type DemoCluster, type Said, withDemo, withSource } from '../support/run-command.ts';

const requestId = 'e601b703-a14e-4b6f-9e3f-fbc7317ea4d3';

const commandLines: readonly string[] = [
  'status',
  'status --full -o json',
  'listeners -o wide',
  'routes -o json',
  'clusters --whole-mesh -o wide',
  'endpoints --whole-mesh -o json',
  'secrets -o json',
  'certs',
  'certs --upstream-ca -o json',
  'check',
  'check -o json',
  'diff -o json',
  'version',
  'explain https://svc1.discovery.wmnet/two',
  'logs --tail 20',
  'logs --since 40s --all',
  'logs --since 10m --summary',
  'logs --errors --explain --with-route -o json',
  'config-dump --pod *-66qlf',
];

/** Addresses of clients are replaced in a snapshot, and its name stands in next steps. */
const comparable = ({ code, out, err }: Said, file = ''): Said => {
  const plain = (text: string): string =>
    text
      .replaceAll(` --from ${file}`, '')
      .replace(/client-[0-9a-f]{10}|10\.200\.255\.254/g, 'CLIENT')
      .replace(/ +/g, ' ')
      .replace(/-+\n/g, '\n');
  return { code, out: plain(out), err: plain(err) };
};

async function snapshotOf({ kii, directory }: DemoCluster, flags: readonly string[] = []): Promise<string> {
  const file = join(directory, 'incident.tgz');
  const { code, err } = await kii(['snapshot', file, ...flags]);
  assert.is(code, 0, err);
  return file;
}

test(`a snapshot answers as the cluster did (${commandLines.length} command lines)`, () =>
  withDemo({}, async (cluster) => {
    const { kii, directory } = cluster;
    const file = await snapshotOf(cluster);
    const unpacked = join(directory, 'unpacked');
    mkdirSync(unpacked);
    assert.is(spawnSync('tar', ['xzf', file, '-C', unpacked]).status, 0, 'tar unpacks it');
    for (const [index, line] of commandLines.entries()) {
      const live = comparable(await kii(line));
      assert.ok(live.out.length > 20, line);
      // What is unpacked is read by the same code: every fourth line is enough.
      for (const from of index % 4 === 0 ? [file, unpacked] : [file])
        assert.equal(comparable(await kii([...line.split(' '), '--from', from]), from), live, `${line} --from ${from}`);
    }
  }));

test('the last interval, a request by its id, and who could read what', () =>
  withDemo({}, async (cluster) => {
    const { kii } = cluster;
    const from = ['--from', await snapshotOf(cluster)];
    const top = await kii(['top', '--count', '1', '--interval', '60s', ...from]);
    assert.match(top.out, /12:08:4\d UTC, last 1m · [\d.]+ requests\/s/);
    const endless = await kii(['top', ...from]);
    assert.is(endless.code, 2);
    assert.match(endless.err, 'top --from takes --count 1');
    const live = comparable(await kii(['explain', '--request-id', requestId]));
    assert.equal(comparable(await kii(['explain', '--request-id', requestId, ...from]), from[1]), live);
    const doctor = await kii(['doctor', ...from]);
    assert.is(doctor.code, 0, doctor.err);
    assert.match(doctor.out, 'Kubernetes v1.37.2');
    const follow = await kii(['logs', '-f', ...from]);
    assert.match(follow.err, '--follow and --from cannot be used together');
  }));

test('what has changed since a snapshot', () =>
  withDemo({}, async (cluster) => {
    const { kii, directory } = cluster;
    const one = ['--pod', '*-66qlf'];
    const [file, saved] = [await snapshotOf(cluster, one), join(directory, 'saved')];
    await kii(['config-dump', '--dir', saved, ...one]);
    const against = await kii(['diff', '--against', file]);
    assert.match(against.out, `differs from ${file} as of 12:08 UTC`);
    const before = await kii(['diff', '--against', saved]);
    assert.is(against.out.replaceAll(file, ''), before.out.replaceAll(saved, ''));
    assert.match((await kii(['diff', '--against', file, '--from', saved])).out, /^1 pod is the same as /);
  }));

test('it is small, has each file once, and is for nobody else to read', () =>
  withDemo({}, async (cluster) => {
    const file = await snapshotOf(cluster, ['--certs']);
    assert.ok(statSync(file).size < 1024 * 1024, `${statSync(file).size} bytes`);
    assert.is((statSync(file).mode & 0o777).toString(8), '600');
    const files = await readTgz(file, { mostBytes: limits.snapshotBytes, mostEntries: limits.snapshotEntries });
    const podFiles = [...files.keys()].filter((name) => /^pods\/.*config_dump/.test(name));
    assert.is(podFiles.length, 3);
    for (const name of podFiles)
      assert.ok((files.get(name) as Buffer).length < 1000, 'what pods share is in one place');
    assert.is([...files.keys()].at(-1), 'replaced.json');
  }));

const forbidden = (resource: string): Fault => ({
  resource,
  at: 'request',
  does: 'status',
  code: 403,
  reason: 'Forbidden',
  message: `${resource} is forbidden`,
});

test('what may not be read, and a pod that fails, are in it as reasons', () =>
  withDemo(
    {
      faults: [
        ...['events', 'nodes', 'secrets', 'virtualservices'].map(forbidden),
        { on: 'log', at: 'request', does: 'status', code: 403, reason: 'Forbidden', message: 'no logs' },
        { pod: '*-gfn8x', at: 'connection', does: 'refuse' },
      ],
    },
    async ({ kii, directory }) => {
      const file = join(directory, 'incident.tgz');
      const { code, out, err } = await kii(['snapshot', file]);
      assert.is(code, 3);
      assert.match(out, 'saved 2 of 3 pods');
      for (const said of ['events', 'nodes', 'secrets', 'virtualservices', 'no logs', 'gfn8x']) assert.match(err, said);
      assert.match(err, 'error: cannot list nodes: nodes is forbidden\n');
      assert.match(err, /help rbac\n$/);
      for (const line of ['routes', 'certs', 'check --parallel 1', 'logs']) {
        const live = comparable(await kii(line));
        assert.equal(comparable(await kii([...line.split(' '), '--from', file]), file), live, line);
      }
    },
  ));

test('it says which pod of how many is read', () =>
  withDemo({}, async ({ directory }) =>
    withSource({}, async (source, now) => {
      const said: string[] = [];
      const asking = {
        ...{ now, signal: new AbortController().signal, warn: () => {} },
        progress: (text: string) => void said.push(text),
      };
      const chosenBy = { namespace: 'istio-system', istioNamespace: 'istio-system' };
      const question = {
        ...{ chosenBy, version: '0.0.0', sinceMs: 1000, maxLogBytes: limits.logBytes },
        ...{ withCerts: false, served: false, anonymous: false },
      };
      const file = join(directory, 'incident.tgz');
      await askSnapshot(source, question, { path: file, keyPath: `${file}.key.json`, mayReplace: false }, asking);
      assert.equal(
        said.filter((text) => text.startsWith('pod ')).map((text) => text.split(':')[0]),
        ['pod 1 of 3', 'pod 2 of 3', 'pod 3 of 3'],
      );
    }),
  ));

test('a pod that does not answer is asked once, and the other parts go without it', () =>
  withDemo({ faults: [{ pod: '*-66qlf', port: 15000, at: 'connection', does: 'stall' }] }, async (cluster) => {
    const { demo, kii, directory } = cluster;
    const { code, err } = await kii(['snapshot', join(directory, 'incident.tgz'), '--pod-timeout', '1s']);
    assert.is(code, 3);
    assert.match(err, '66qlf: it was not done after 1 s');
    const opened = demo.requests.filter(({ path }) => /pods\/istio-ingressgateway-66qlf\/portforward/.test(path));
    assert.is(opened.length, 1);
  }));

test('Ctrl-C leaves a whole snapshot of what was read until then', () =>
  withDemo({}, async ({ kii, directory }) => {
    const controller = new AbortController();
    const file = join(directory, 'incident.tgz');
    const errorTerminal = { isTTY: true, columns: 200, color: false };
    let progress = '';
    const { code, out } = await kii(['snapshot', file], {
      signal: controller.signal,
      errorTerminal,
      writeError: (text) => {
        progress += text;
      },
      openSource: abortAfterOnePod(controller),
    });
    assert.is(code, 130);
    assert.match(out, 'saved 1 of 3 pods');
    assert.match(progress, 'interrupted at the pods');
    const status = await kii(['status', '--from', file]);
    assert.is(status.code, 3);
    assert.match(`${status.out}${status.err}`, 'not in the snapshot: it was interrupted before');
    const routes = await kii(['routes', '--pod', '*-66qlf', '--from', file]);
    assert.match(routes.out, 'svc1.discovery.wmnet');
    const all = await kii(['routes', '--from', file]);
    const missing = 'istio-ingressgateway-gfn8x, istio-ingressgateway-l9b5b';
    assert.is(all.err, `error: not in the snapshot: it was interrupted before (${missing})\n`);
    assert.equal(
      readdirSync(directory).filter((name) => name.endsWith('.part')),
      [],
    );
  }));

function abortAfterOnePod(controller: AbortController): Runtime['openSource'] {
  return async (options, env, signal, teller) => {
    const { openLive } = await import('#source/live.ts');
    const source = await openLive(options, env, signal, teller);
    let asked = 0;
    return {
      ...source,
      everyPod: (ask, only, fanOut) =>
        source.everyPod(
          async (admin) => {
            if (asked++ === 1) controller.abort(new ToolError('interrupted', 'interrupted by SIGINT'));
            return ask(admin);
          },
          only,
          fanOut,
        ),
    };
  };
}

test('no address of a client and no query is in it, and what was replaced is counted', () =>
  withDemo({}, async (cluster) => {
    const { demo, kii } = cluster;
    const pods = (await kii('status --every-pod -o jsonpath={.items[*].pod}')).out.split(/\s+/);
    const planted = (address: string, query: string): string =>
      `[2026-11-23T12:08:40.000Z] "GET /planted?${query} HTTP/1.1" 503 UF - - "-" 0 0 1 - "${address}" "curl/8" "id-1" "svc1.discovery.wmnet" "-" - - 10.200.0.1:8443 ${address}:4711 - -`;
    for (const pod of ['istio-ingressgateway-66qlf', 'istio-ingressgateway-gfn8x'])
      demo.logs.write(pod, planted('203.0.113.77', 'token=hush&illness=flu'), new Date('2026-11-23T12:08:40Z'));
    demo.logs.write(
      'istio-ingressgateway-66qlf',
      'info: 2001:db8::77 sent Bearer hush-hush-hush to /x?y=hushed',
      new Date('2026-11-23T12:08:41Z'),
    );
    // What Envoy logs of headers where its loggers say debug, and a key that somebody logs.
    const key = ['BEGIN', 'END'].map((word) => `${'-'.repeat(5)}${word} PRIVATE KEY${'-'.repeat(5)}`);
    for (const line of [
      "'cookie', 'session=hush'",
      "'x-api-key', 'hush'",
      `key: ${key[0]}`,
      'aHVzaA',
      `${key[1]} done`,
    ])
      demo.logs.write('istio-ingressgateway-66qlf', line, new Date('2026-11-23T12:08:42Z'));
    demo.logs.write('istio-ingressgateway-gfn8x', 'aStays', new Date('2026-11-23T12:08:42Z'));
    assert.ok(pods.length > 0);
    const file = await snapshotOf(cluster);
    const files = await readTgz(file, { mostBytes: limits.snapshotBytes, mostEntries: limits.snapshotEntries });
    for (const [name, body] of files)
      for (const secret of [
        'aHVzaA',
        '203.0.113.77',
        '2001:db8::77',
        'hush',
        'illness',
        '10.200.255.254',
        'PRIVATE KEY',
      ])
        assert.not.ok(body.includes(secret), `${name} has ${secret}`);
    const log = files.get('logs/gateway/0.log')?.toString() ?? '';
    assert.match(log, 'gfn8x aStays\n');
    const tokens = log
      .split('\n')
      .flatMap((line) => /"GET (\/planted\?query-\w+) .*(client-\w+):4711/.exec(line)?.slice(1) ?? []);
    assert.is(tokens.length, 4);
    assert.is(new Set(tokens).size, 2, 'the same value has the same token');
    const replaced = JSON.parse(files.get('replaced.json')?.toString() ?? '') as {
      readonly class: string;
      readonly values: number;
    }[];
    const classes = Object.fromEntries(replaced.map(({ class: name, values }) => [name, values]));
    assert.is(classes['query string'], 2);
    assert.ok((classes['client address'] ?? 0) >= 3);
    const counted = await kii(['logs', '--from', file, '--path', '/planted', '-o', 'json']);
    assert.is(counted.out.trim().split('\n').length, 2);
  }));

test('an anonymous one has no name, host or address of the cluster, and still answers; the key tells them', () =>
  withDemo({}, async (cluster) => {
    const { kii, directory } = cluster;
    const file = await snapshotOf(cluster, ['--anonymous']);
    const key = JSON.parse(readFileSync(`${file}.key.json`, 'utf8')) as AnonymousKey;
    assert.is((statSync(`${file}.key.json`).mode & 0o777).toString(8), '600');
    const files = await readTgz(file, { mostBytes: limits.snapshotBytes, mostEntries: limits.snapshotEntries });
    const planted = [
      'wmnet',
      'svc1',
      'l9b5b',
      'expired-tls',
      'node2',
      'does-not-exist',
      '10.64.0.',
      '10.200.',
      'BEGIN CERT',
    ];
    for (const [name, body] of files)
      for (const word of planted) assert.not.ok(`${name}\n${body}`.includes(word), `${name} has ${word}`);
    for (const word of ['svc1', 'wmnet', 'istio-ingressgateway-l9b5b', 'node2'])
      assert.ok(Object.values(key.names).includes(word), word);
    const back = (text: string): string =>
      text
        .replace(/anon\d+/g, (name) => key.names[name] ?? name)
        .replace(/240\.\d+\.\d+\.\d+/g, (one) => key.addresses[one] ?? one);
    for (const line of [
      'routes -o json',
      'endpoints --whole-mesh -o json',
      'explain https://svc1.discovery.wmnet/two',
    ]) {
      const asked = line
        .split(' ')
        .map((one) => one.replace('svc1.discovery.wmnet', forward('svc1.discovery.wmnet', key)));
      const then = await kii([...asked, '--from', file]);
      assert.is(then.code, (await kii(line)).code, `${line}: ${then.err}`);
    }
    const routes = JSON.parse(back((await kii(['routes', '-o', 'json', '--from', file])).out)) as {
      items: { domain?: string }[];
    };
    const live = JSON.parse((await kii('routes -o json')).out) as typeof routes;
    assert.is(routes.items.length, live.items.length);
    assert.ok(existsSync(join(directory, 'incident.tgz')));
  }));

interface AnonymousKey {
  readonly names: Readonly<Record<string, string>>;
  readonly addresses: Readonly<Record<string, string>>;
}

function forward(host: string, { names }: AnonymousKey): string {
  const stands = new Map(Object.entries(names).map(([stand, name]) => [name, stand]));
  return host.replace(/[a-z0-9-]+/g, (label) => stands.get(label) ?? label);
}

test('a Secret is its type, its public certificates and the names of its fields', () =>
  withDemo({}, async (cluster) => {
    const files = await readTgz(await snapshotOf(cluster), { mostBytes: limits.snapshotBytes, mostEntries: 1000 });
    const secrets = JSON.parse(files.get('objects/secrets.json')?.toString() ?? '') as {
      readonly type: string;
      readonly data: Readonly<Record<string, string>>;
    }[];
    assert.ok(secrets.length > 5);
    for (const { type, data } of secrets) {
      assert.is(typeof type, 'string');
      for (const value of Object.values(data))
        assert.match(
          Buffer.from(value, 'base64').toString('latin1').trim(),
          /^(?:-----BEGIN CERTIFICATE-----[^-]*-----END CERTIFICATE-----\s*)*$/,
        );
    }
  }));

test('a file that exists, a directory that does not, and what is no snapshot', () =>
  withDemo({}, async (cluster) => {
    const { kii, directory } = cluster;
    const file = await snapshotOf(cluster);
    const again = await kii(['snapshot', file]);
    assert.is(again.code, 2);
    assert.match(again.err, `cannot write ${file}: it exists`);
    assert.is((await kii(['snapshot', file, '--force'])).code, 0);
    const nowhere = await kii(['snapshot', join(directory, 'none', 'x.tgz')]);
    assert.is(nowhere.code, 2);
    assert.match(nowhere.err, 'it does not exist');
    for (const [name, message] of [
      ['-', 'error: cannot write to standard output\n  name a file\n'],
      ['', 'error: cannot write to an empty name\n  name a file\n'],
      [join(directory, 'x'.repeat(300)), /^error: cannot write .*: the name is too long \(ENAMETOOLONG: .*\)\n$/],
    ] as const) {
      const refused = await kii(['snapshot', name]);
      assert.is(refused.code, 2);
      assert.match(refused.err, message);
    }
    const whole = readFileSync(file);
    for (const [name, bytes, message] of [
      ['cut.tgz', whole.subarray(0, whole.length / 2), 'it is cut off'],
      ['text.tgz', Buffer.from('hello'), 'it is neither a snapshot nor a page of report'],
      ['empty.tgz', Buffer.alloc(0), 'cut off'],
    ] as const) {
      writeFileSync(join(directory, name), bytes);
      const { code, err } = await kii(['status', '--from', join(directory, name)]);
      assert.is(code, 2);
      assert.match(err, message);
      assert.not.match(err, 'defect');
    }
  }));

test('certificates that an anonymous snapshot withholds are not known, and neither wrong nor right', () =>
  withDemo({}, async ({ kii, directory }) => {
    const file = join(directory, 'anonymous.tgz');
    assert.is((await kii(['snapshot', file, '--anonymous'])).code, 0);
    const asked = async (...words: string[]) => kii([...words, '--from', file]);
    const certs = await asked('certs');
    assert.match(certs.out, 'withheld from the snapshot');
    assert.not.match(certs.out, /unreadable|cannot be read|cannot be used|handshake/);
    assert.match((await asked('secrets')).out, /ACTIVE +— +withheld/);
    const check = await asked('check');
    assert.match(
      check.out,
      /not evaluated: certificate-expired \(KII030\), .*KII037\): of 15 hosts the certificate cannot be/,
    );
    assert.not.match(check.out, 'cannot be read');
    const { items } = JSON.parse((await asked('certs', '-o', 'json')).out) as {
      items: { host: string; kubernetes?: { secret: { loaded: string } } }[];
    };
    const withheld = items.filter(({ kubernetes }) => kubernetes?.secret.loaded === 'withheld');
    assert.ok(withheld.length > 10);
    const host = withheld[0]?.host ?? '';
    assert.is((await asked('certs', host, '--fail-within', '1d')).code, 3);
    assert.is((await asked('certs', host, '--expect', 'serial=1')).code, 3);
  }));

test('a snapshot that was packed again is read, with its directory and what else stands in it', () =>
  withDemo({}, async (cluster) => {
    const { kii, directory } = cluster;
    const file = await snapshotOf(cluster);
    const unpacked = join(directory, 'unpacked');
    mkdirSync(unpacked);
    spawnSync('tar', ['xzf', file, '-C', unpacked]);
    writeFileSync(join(unpacked, '._index.json'), 'x');
    spawnSync('tar', ['czf', join(directory, 'again.tgz'), '-C', directory, 'unpacked']);
    const [first, again] = [
      await kii(['routes', '--from', file]),
      await kii(['routes', '--from', join(directory, 'again.tgz')]),
    ];
    assert.equal([again.code, again.out, again.err], [0, first.out, first.err]);
  }));

test('a newer version, and an archive of another tool, are said to be so', () =>
  withDemo({}, async (cluster) => {
    const { kii, directory } = cluster;
    const file = await snapshotOf(cluster);
    const unpacked = join(directory, 'unpacked');
    mkdirSync(unpacked);
    spawnSync('tar', ['xzf', file, '-C', unpacked]);
    const index = JSON.parse(readFileSync(join(unpacked, 'index.json'), 'utf8'));
    writeFileSync(join(unpacked, 'index.json'), JSON.stringify({ ...index, apiVersion: 'istio-ingress/v2' }));
    spawnSync('tar', ['czf', join(directory, 'newer.tgz'), '-C', unpacked, '.']);
    spawnSync('tar', ['czf', join(directory, 'other.tgz'), '-C', unpacked, 'replaced.json']);
    for (const [name, message] of [
      ['newer.tgz', 'it is istio-ingress/v2, and this one reads istio-ingress/v1'],
      ['other.tgz', 'it has no index.json'],
    ] as const) {
      const { code, err } = await kii(['routes', '--from', join(directory, name)]);
      assert.is(code, 2);
      assert.match(err, message);
    }
    const logs = await kii(['logs', '--from', join(directory, 'other.tgz')]);
    assert.equal([logs.code, / tar xzOf .*other.tgz | kubectl istio-ingress logs --from -/.test(logs.err)], [2, true]);
    assert.not.ok(existsSync(join(directory, 'incident.tgz.part')));
  }));

test.run();
