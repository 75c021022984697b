// What is loaded before a command answers: modules of Node that a bare one has not, packages, and our own modules (of
// those with data and pure functions, which each command has its own, the folder alone). Something new here costs every
// start: is it needed?

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { startDemo } from '#demo/server.ts';
import { v8Flags } from '../../scripts/binary/code-cache.ts';
import { chunkName } from '../../scripts/bundle/script.ts';
import { bundle } from '../../scripts/bundle.ts';
import { golden } from '../support/golden.ts';

const directory = mkdtempSync(join(tmpdir(), 'kii-start-'));
const { file: bundleFile, metafile } = await bundle({ directory, names: true });
const demo = await startDemo({ closeDelayMs: 10 });
test.after(async () => {
  await demo.close();
  rmSync(directory, { recursive: true });
});

/** The modules of each chunk that run with it; packages that are CommonJS run when they are first required. */
const modulesOf = Object.fromEntries(
  Object.entries(metafile.outputs).map(([chunk, { inputs }]) => [
    chunkName(chunk),
    Object.keys(inputs).filter((file) => inputs[file]?.bytesInOutput !== 0 && metafile.inputs[file]?.format !== 'cjs'),
  ]),
);

/** The bundle, in which chunks and modules that are CommonJS write down their names when they run. */
function instrumented(): string {
  let text = readFileSync(bundleFile, 'utf8');
  for (const [call, name] of [
    ['cb[__getOwnPropNames(cb)[0]]', '__getOwnPropNames(cb)[0]'],
    ['chunks[name]', '...globalThis.modulesOf[name]'],
  ] as const) {
    assert.ok(text.includes(call), 'modules run in another way');
    text = text.replaceAll(call, `(globalThis.modulesRun.push(${name}), ${call})`);
  }
  const file = join(directory, 'instrumented.cjs');
  writeFileSync(file, `globalThis.modulesRun = [];\nglobalThis.modulesOf = ${JSON.stringify(modulesOf)};\n${text}`);
  return file;
}

const run = promisify(execFile);
const bundled = instrumented();

interface Loaded {
  readonly run: readonly string[];
  readonly builtin: readonly string[];
  /** Modules of Node that V8 has compiled: Node's cache was of no use. With --expose-internals. */
  readonly compiled: readonly string[];
}

async function loadedBy(script: string, words: readonly string[], flags: readonly string[] = []): Promise<Loaded> {
  const internals = flags.includes('--expose-internals');
  const usage =
    "[...require('internal/test/binding').internalBinding('builtins').getCacheUsage().compiledWithoutCache]";
  const report = `JSON.stringify({ run: globalThis.modulesRun, builtin: process.moduleLoadList, compiled: ${internals ? usage : '[]'} })`;
  const program = `process.on('exit', () => require('node:fs').writeFileSync(process.env.REPORT, ${report})); ${script}`;
  const [kubeconfig, reportFile] = [join(directory, 'kubeconfig'), join(directory, 'report')];
  writeFileSync(kubeconfig, demo.kubeconfig);
  const env = { PATH: process.env['PATH'], HOME: directory, KUBECONFIG: kubeconfig, REPORT: reportFile };
  await run(process.execPath, [...flags, '-e', program, 'main', ...words], { env });
  return JSON.parse(readFileSync(reportFile, 'utf8')) as Loaded;
}

const bare = new Set((await loadedBy('', [])).builtin);

const pure = /^src\/(core|command|commands|analysis|dump|model|render|accesslog)\//;

function list({ run: modules, builtin }: Loaded): string {
  const own = modules.filter((file) => file.startsWith('src/')).map((file) => pure.exec(file)?.[0] ?? file);
  const packages = modules.map(
    (file) =>
      /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(file)?.[1] ??
      (file.startsWith('client-node') ? 'client-node' : undefined),
  );
  const builtins = builtin
    .filter((one) => !bare.has(one) && /^NativeModule (?!internal\/|_)/.test(one))
    .map((one) => one.replace('NativeModule ', 'node:'));
  return [builtins, packages, own]
    .map((names) => [...new Set(names.filter((name) => name !== undefined))].sort().join('\n'))
    .join('\n\n');
}

const starts: Readonly<Record<string, readonly string[]>> = {
  version: ['--version'],
  help: ['--help'],
  completion: ['__complete', 'rou'],
  'completion-of-contexts': ['__complete', 'routes', '--context', ''],
  routes: ['routes', '-o', 'name'],
};

const runBundle = `require(${JSON.stringify(bundled)}).main();`;

for (const [name, words] of Object.entries(starts)) {
  test(`${words.join(' ')} loads what is on its list`, async () => {
    golden(`scripts/start-path/${name}.txt`, `${list(await loadedBy(runBundle, words))}\n`);
  });
}

test('with the flags of the binary too, V8 compiles nothing of the network that Node has compiled ahead', async () => {
  const flags = [...v8Flags, '--no-warnings', '--expose-internals'];
  const { builtin, compiled } = await loadedBy(runBundle, ['routes', '-o', 'name'], flags);
  const network = ['http', 'https', 'tls', 'crypto', '_http_client', 'internal/tls/wrap'];
  assert.ok(network.every((name) => builtin.includes(`NativeModule ${name}`)));
  assert.equal(
    network.filter((name) => compiled.includes(name)),
    [],
  );
});

test.run();
