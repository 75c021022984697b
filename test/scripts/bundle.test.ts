import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chunkName } from '../../scripts/bundle/script.ts';
import { bundle, bundleFile } from '../../scripts/bundle.ts';
import { golden } from '../support/golden.ts';

const { bytes } = await bundle();
const named = mkdtempSync(join(tmpdir(), 'kii-bundle-'));
test.after(() => rmSync(named, { recursive: true }));
const { chunks, packages } = await bundle({ directory: named, names: true });

/** Which of Node's own modules are loaded at the end of a command line. */
function modulesLoadedBy(words: readonly string[]): string {
  const script = `process.on('exit', () => console.error(process.moduleLoadList.join(' '))); require(${JSON.stringify(bundleFile)}).main();`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['-e', script, 'main', ...words], {
    encoding: 'utf8',
  });
  assert.is(status, 0, stderr);
  assert.ok(stdout.length > 0);
  return stderr;
}

test('help loads no network code', () => {
  assert.not.match(modulesLoadedBy(['status', '--help']), /NativeModule (http|https|tls) /);
});

test('the network code is there when a command asks for it', () => {
  assert.match(modulesLoadedBy(['demo', 'version']), /NativeModule https /);
});

test('by its other name it completes words, whichever they are', () => {
  const program = ['-e', `require(${JSON.stringify(bundleFile)}).main();`, 'main', '--version'];
  assert.match(
    spawnSync(process.execPath, program, { encoding: 'utf8', argv0: 'kubectl_complete-istio_ingress' }).stdout,
    /^:4$/m,
  );
  assert.match(spawnSync(process.execPath, program, { encoding: 'utf8' }).stdout, /^\d+\.\d+\.\d+\n$/);
});

test('Tab for a context loads no network code', () => {
  assert.not.match(modulesLoadedBy(['__complete', 'routes', '--context', '']), /NativeModule (https|tls) /);
});

test("the demo's routes through the bundle are those that every binary is held against when it is packaged", () => {
  const { stdout } = spawnSync(
    process.execPath,
    [bundleFile, 'demo', '--', 'routes', '--host', 'svc1.discovery.wmnet'],
    { encoding: 'utf8' },
  );
  golden('scripts/demo-routes.txt', stdout);
});

test('the bundle says which Node it needs', () => {
  const older = `data:text/javascript,Object.defineProperty(process, 'versions', { value: { ...process.versions, node: '20.20.2' } })`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', older, bundleFile, '--version'], {
    encoding: 'utf8',
  });
  assert.equal([status, stdout], [2, '']);
  assert.match(stderr, /^error: needs Node 24 or newer, this is 20\.20\.2\n/);
});

for (const order of ['', '.reverse()'])
  test(`each part of the bundle runs${order === '' ? '' : ', in another order, too'}`, () => {
    const file = join(named, 'parts.cjs');
    const all = `for (const name of Object.keys(chunks)${order}) use(name); console.log(Object.keys(exported).length);`;
    writeFileSync(file, readFileSync(bundleFile, 'utf8').replace('module.exports=use("main.js");', all));
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', `require(${JSON.stringify(file)})`], {
      encoding: 'utf8',
    });
    assert.is(stdout, `${chunks.length}\n`, stderr);
  });

test('whatever a part imports late is a part', () => {
  const names = new Set(chunks.map(({ path }) => chunkName(path)));
  const used = [...readFileSync(join(named, 'main.cjs'), 'utf8').matchAll(/\buse\("([^"]*)"\)/g)].map(
    ([, name = '']) => name,
  );
  assert.ok(used.length > 200, `${used.length}`);
  assert.equal(
    used.filter((name) => !names.has(name)),
    [],
  );
});

test('client-node comes without its API classes, undici, and what reads files that others read', () => {
  assert.is(statSync(bundleFile).size, bytes);
  // What its whole index brings: 5 MB of API classes, and undici's HTTP client.
  assert.not.match(
    chunks.map(({ text }) => text).join('\n'),
    /class (CoreV1Api|ObjectSerializer|Pool|Dispatcher)\b|AppsV1ApiRequestFactory/,
  );
  assert.equal(
    packages.filter((path) => /[\\/](js-yaml|jsonpath-plus)$/.test(path)),
    [],
  );
  assert.ok(bytes < 1_760_000, `the bundle has ${bytes} bytes`);
});

test.run();
