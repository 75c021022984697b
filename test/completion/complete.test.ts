// What Tab offers, through the commands as they are; names of the cluster from the demo.

import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '#commands/all.gen.ts';
import { complete } from '#completion/complete.ts';
import { installLink } from '#completion/link.ts';
import type { CompletionRuntime } from '#completion/runtime.ts';
import type { ToolError } from '#core/error.ts';
import { hintText } from '#core/error.ts';
import type { Source } from '#core/source.ts';
import { startDemo } from '#demo/server.ts';
import { openLive } from '#source/live.ts';
import { openSaved } from '#source/saved.ts';

const directory = mkdtempSync(join(tmpdir(), 'kii-tab-'));
const demo = await startDemo({ closeDelayMs: 10 });
const kubeconfig = join(directory, 'kubeconfig');
writeFileSync(kubeconfig, demo.kubeconfig);
test.after(async () => {
  await demo.close();
  rmSync(directory, { recursive: true });
});

interface Pressed {
  readonly values: readonly string[];
  readonly directive: number;
  readonly later: number;
}

const env = { KUBECONFIG: kubeconfig, HOME: join(directory, 'home'), XDG_CACHE_HOME: join(directory, 'cache') };

/** `words` end with the one under the cursor, which is empty after a blank. */
async function tab(
  words: string,
  given: Partial<CompletionRuntime> = {},
): Promise<Pressed & { readonly text: string }> {
  let later = 0;
  const text = await complete(commands, words.split(' '), {
    env,
    now: Date.now(),
    limitMs: 20_000,
    openSource: (options, signal) =>
      options.from === undefined ? openLive(options, env, signal) : openSaved(options.from, options, signal),
    askLater: async () => {
      later += 1;
    },
    ...given,
  });
  const lines = text.trimEnd().split('\n');
  return {
    text,
    later,
    values: lines.slice(0, -1).map((line) => line.replace(/\t.*/, '')),
    directive: Number(lines.at(-1)?.slice(1)),
  };
}

test('commands, with what they answer', async () => {
  assert.equal(
    (await tab('')).values,
    commands.map(({ name }) => name),
  );
  assert.is(
    (await tab('rou')).text,
    'routes\tList the routes that every gateway pod serves, with their whole match and action\n:4\n',
  );
  assert.equal((await tab('-n istio-system rou')).values, ['routes']);
});

test('help: commands and topics', async () => {
  assert.equal((await tab('help ex')).values, ['exit-codes', 'explain']);
});

test('flags of the command, but not those that are given', async () => {
  const { values } = await tab('routes --host a --');
  for (const flag of ['--path', '--output', '--namespace', '--kubeconfig', '--help'])
    assert.ok(values.includes(flag), flag);
  assert.not.ok(values.includes('--host'));
  assert.not.ok(values.includes('--served'));
  assert.equal((await tab('routes --out')).values, ['--output']);
});

test('values of a flag, after a blank and after =, and in a list', async () => {
  assert.equal((await tab('routes -o j')).values, ['json', 'jsonpath=']);
  assert.equal((await tab('routes --output=js')).values, ['json', 'jsonpath=']);
  assert.equal((await tab('status -o env')).values, []);
  assert.equal((await tab('diff --only routes,cl')).values, ['routes,clusters']);
});

test('a candidate that goes on has no blank behind it', async () => {
  assert.is((await tab('routes -o jsonp')).directive, 6);
  assert.is((await tab('routes -o y')).directive, 4);
});

test('admin paths that may be asked for', async () =>
  assert.equal((await tab('admin /stats')).values, ['/stats', '/stats/prometheus']));

test('files and directories are left to the shell', async () => {
  assert.is((await tab('routes --kubeconfig ')).text, ':0\n');
  assert.is((await tab('routes --from ')).text, ':0\n');
  assert.is((await tab('config-dump --dir ')).text, ':16\n');
});

test('what stands after -- of demo is a command line of its own', async () => {
  assert.equal((await tab('demo rou')).values, ['routes']);
  assert.equal((await tab('demo -- rou')).values, ['routes']);
  assert.equal((await tab('demo -- routes -o j')).values, ['json', 'jsonpath=']);
});

const live: Readonly<Record<string, readonly string[]>> = {
  'routes --context ': ['demo'],
  'routes -n ': ['istio-system'],
  'routes -g ': ['ds/istio-ingressgateway'],
  'routes --pod istio-ingressgateway-6': ['istio-ingressgateway-66qlf'],
  'routes --node ': ['node0', 'node1', 'node2'],
  'routes --host svc1.': ['svc1.discovery.wmnet'],
  'routes --vs svc1/': ['svc1/svc1-main', 'svc1/two'],
  'explain https://svc1.': ['https://svc1.discovery.wmnet/'],
  'secrets --name svc1-': ['svc1-tls-certificate'],
  'log-level http': ['http:', 'http2:'],
  'log-level http:d': ['http:debug'],
  'endpoints --vs svc4/svc': ['svc4/svc4-main'],
};

for (const [words, values] of Object.entries(live)) {
  test(`names of the cluster: ${words}`, async () => assert.equal((await tab(words)).values, values));
}

/** What a tenant may write where names are read from. */
const hostile = [
  '$(touch pwned).example',
  'a;b',
  '`id`',
  'a b',
  "it's",
  '-rf',
  '--kubeconfig=/x',
  'a\nb',
  '\u001b]0;x\u0007',
  'a\u202eb',
  '~',
  'a*',
  '*',
  '',
];

test('a name that a shell would read as more than a name is left out', async () => {
  const spec = { gateways: ['g'], hosts: [...hostile, 'plain.example', '*.wild.example'], servers: [] };
  const list = async () => [{ metadata: { namespace: 'shop', name: 'a' }, spec }];
  const openSource = async (): Promise<Source> => ({ list, close: async () => {} }) as unknown as Source;
  assert.equal((await tab('routes --parallel 7 --host ', { openSource })).values, ['*.wild.example', 'plain.example']);
});

test('names are asked for once in half a minute', async () => {
  await tab('routes --pod ');
  const asked = demo.requests.length;
  assert.is((await tab('routes --pod ')).values.length, 3);
  assert.is(demo.requests.length, asked);
  await tab('routes --pod ', { now: Date.now() + 31_000 });
  assert.ok(demo.requests.length > asked);
});

test("another kubeconfig, context or namespace is another question, and the cache is for its user's eyes", async () => {
  await tab('routes --pod ');
  assert.equal((await tab('routes -n elsewhere --pod ')).values, []);
  const cache = join(directory, 'cache/kubectl-istio_ingress');
  assert.is(statSync(cache).mode & 0o777, 0o700);
  for (const name of readdirSync(cache)) {
    assert.is(statSync(join(cache, name)).mode & 0o777, 0o600);
    assert.not.match(readFileSync(join(cache, name), 'utf8'), demo.token);
  }
});

test('what is not there in time is not shown, and asked again in the background, once', async () => {
  const slow = { openSource: () => new Promise<never>(() => {}), limitMs: 5 };
  const first = await tab('secrets --parallel 3 --node n', slow);
  assert.equal([first.text, first.later], [':4\n', 1]);
  assert.is((await tab('secrets --parallel 3 --node n', slow)).later, 0);
  assert.equal((await tab('secrets --parallel 3 --node n')).values, ['node0', 'node1', 'node2']);
  assert.equal((await tab('secrets --parallel 3 --node n', slow)).values, ['node0', 'node1', 'node2']);
});

test('whatever is wrong, nothing is offered and nothing is said', async () => {
  const broken = join(directory, 'broken');
  writeFileSync(broken, '{');
  for (const words of [
    'nonsense ',
    'routes --no-such-flag ',
    'routes --pod a --pod b --node ',
    `routes --kubeconfig ${broken} --pod `,
    'routes --kubeconfig /none --pod ',
    'routes --context none --pod ',
    'routes --server https://127.0.0.1:1 --pod ',
    'routes --from /none --pod ',
    'routes --request-timeout long --pod ',
  ]) {
    assert.equal((await tab(words, { env: { ...env, XDG_CACHE_HOME: join(directory, 'other') } })).text, ':4\n', words);
  }
});

test('a home that cannot be written to costs the cache, not the answer', async () => {
  const file = join(directory, 'file');
  writeFileSync(file, '');
  for (const XDG_CACHE_HOME of [file, '/proc/none', '/none/none', 'relative']) {
    const { values, later } = await tab('routes --pod ', { env: { ...env, XDG_CACHE_HOME } });
    assert.equal([values.length, later], [3, 0]);
  }
  assert.not.ok(existsSync('relative'));
});

function programs(): string {
  const bin = mkdtempSync(join(directory, 'bin-'));
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'kubectl-istio_ingress'), '', { mode: 0o755 });
  return bin;
}

test('install makes a relative link beside the program that is on the PATH, once', () => {
  const bin = programs();
  const PATH = `${join(directory, 'none')}:${bin}`;
  const path = join(bin, 'kubectl_complete-istio_ingress');
  assert.equal(installLink({ PATH }), { path, wasThere: false });
  assert.is(readlinkSync(path), 'kubectl-istio_ingress');
  assert.equal(installLink({ PATH }), { path, wasThere: true });
});

test('install leaves alone what is in its way, and says what is wrong', () => {
  const bin = programs();
  symlinkSync('elsewhere', join(bin, 'kubectl_complete-istio_ingress'));
  assert.throws(() => installLink({ PATH: bin }), /is there, and is not a link to kubectl-istio_ingress/);
  assert.throws(() => installLink({ PATH: join(directory, 'none') }), /no kubectl-istio_ingress is on the PATH/);
  assert.throws(() => installLink({}), /no kubectl-istio_ingress is on the PATH/);
});

test('install into a directory that is not ours says what somebody else may do', () => {
  const bin = programs();
  const refused = (): never => {
    throw Object.assign(new Error(), { code: 'EACCES' });
  };
  assert.throws(
    () => installLink({ PATH: bin }, refused),
    (error: ToolError) => {
      assert.match(error.message, `cannot write to ${bin} (EACCES)`);
      assert.match(hintText(error) ?? '', `ln -s kubectl-istio_ingress ${bin}/kubectl_complete-istio_ingress`);
      return true;
    },
  );
});

test.run();
