// Runs a script of ours with the Node that is pinned, and installs first what package-lock.json names and is not there:
//   node scripts/run.cjs SCRIPT [ARGS...]
// Alone runs with whatever Node a machine has (18 or newer), so it is plain CommonJS; everything else is run by Node 24.

'use strict';

const { spawn, spawnSync } = require('node:child_process');
const { createHash } = require('node:crypto');
const { existsSync, readFileSync, statSync, writeFileSync } = require('node:fs');
const { constants } = require('node:os');
const { join } = require('node:path');

const root = join(__dirname, '..');
const node = join(root, 'node_modules/node/bin', process.platform === 'win32' ? 'node.exe' : 'node');

if (!isInstalled()) install();
checkNode();
run(process.argv.slice(2));

/**
 * Whether node_modules is what package-lock.json says. npm writes down what it installed as the last step, in a lock file
 * of the same shape, without the packages of other platforms.
 */
function isInstalled() {
  const found = join(root, 'node_modules/.package-lock.json');
  if (!existsSync(found) || !existsSync(node)) return false;
  const installed = packagesOf(found);
  return Object.entries(packagesOf(join(root, 'package-lock.json'))).every(
    ([path, { integrity, optional }]) =>
      path === '' || (path in installed ? installed[path].integrity === integrity : optional),
  );
}

function packagesOf(lockFile) {
  return JSON.parse(readFileSync(lockFile, 'utf8')).packages;
}

/** Quiet when it works: npm's warnings about the machine's own Node do not matter to what runs with the pinned one. */
function install() {
  process.stderr.write('installing dependencies (npm ci)\n');
  const { status, stdout, stderr, error } = spawnSync('npm', ['ci', '--no-progress'], {
    cwd: root,
    encoding: 'utf8',
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  if (status === 0 && existsSync(node)) return;
  process.stderr.write(`${stdout ?? ''}${stderr ?? ''}`);
  process.stderr.write(
    `cannot install dependencies: ${error?.message ?? (status === 0 ? `npm left no ${node}` : `npm ci ended with ${status}`)}\n`,
  );
  process.exit(1);
}

/**
 * The lock file has no hash of Node itself: the script of the npm package `node` fetches it by its version. So the
 * executable is compared with the one in the tarball whose hash scripts/binary/targets.ts pins, once for each that is
 * installed. npm has none of this version for macOS.
 */
function checkNode() {
  const expected = require('./node-executables.json')[`${process.platform}-${process.arch}`];
  const { size, mtimeMs } = statSync(node);
  const stamp = join(root, 'node_modules/.node-checked');
  const state = `${expected} ${size} ${mtimeMs}\n`;
  if (expected === undefined || (existsSync(stamp) && readFileSync(stamp, 'utf8') === state)) return;
  const found = createHash('sha256').update(readFileSync(node)).digest('hex');
  if (found !== expected) {
    process.stderr.write(
      `cannot run ${node}: its SHA-256 is ${found}, not ${expected}\n  remove node_modules and try again; if it stays so, report it\n`,
    );
    process.exit(1);
  }
  writeFileSync(stamp, state);
}

function run(args) {
  // What a script starts as `node` is the pinned one too.
  const path = `${join(node, '..')}${process.platform === 'win32' ? ';' : ':'}${process.env.PATH}`;
  const child = spawn(node, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } });
  // A terminal sends Ctrl-C and its end to the child as well; a second one would end it before it has cleaned up.
  for (const signal of ['SIGINT', 'SIGHUP']) process.on(signal, () => process.stdin.isTTY || child.kill(signal));
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => {
    process.stderr.write(`cannot run ${node}: ${error.message}\n`);
    process.exit(1);
  });
  child.on('exit', (code, signal) => process.exit(code ?? 128 + constants.signals[signal]));
}
