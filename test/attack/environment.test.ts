// What the environment and signals do to the process, and what nobody caught. docs/environment.md says it for users.

import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bundleFile } from '../../scripts/bundle.ts';
import { withDemo } from '../support/run-command.ts';
import { attack, generated, isLong, notJudged } from './attack.ts';
import { assertFailed, bundled, type Ended, ownEnvironment, runProgram, start } from './program.ts';

const place = mkdtempSync(join(tmpdir(), 'kii-process-'));
test.after(() => rmSync(place, { recursive: true, force: true }));

generated('environment', [73, 74], 'variables that would turn off the check of certificates', async (random) => {
  await withDemo({}, async (cluster) => {
    const withoutCa = join(cluster.directory, 'without-ca');
    const text = readFileSync(join(cluster.directory, 'kubeconfig'), 'utf8');
    writeFileSync(withoutCa, text.replace(/^.*certificate-authority-data.*$/m, ''));
    const env = {
      ...ownEnvironment(cluster),
      KUBECONFIG: withoutCa,
      NODE_TLS_REJECT_UNAUTHORIZED: random.pick(['0', '0', '']),
      NODE_OPTIONS: '',
      NODE_EXTRA_CA_CERTS: random.pick(['/dev/null', join(cluster.directory, 'kubeconfig')]),
      SSL_CERT_FILE: random.pick(['/dev/null', '']),
      [random.pick(['NODE_USE_SYSTEM_CA', 'NODE_USE_ENV_PROXY', 'NODE_NO_WARNINGS'])]: '1',
    };
    assertFailed(await runProgram(['status', '--request-timeout', '10s'], { env }), /certificate/);
    assert.equal(cluster.demo.requests, []);
  });
});

generated('environment', [48, 75], 'variables that make Node print what it sends', async (random) => {
  await withDemo({}, async (cluster) => {
    const token = /token: (\S+)/.exec(cluster.demo.kubeconfig)?.[1] ?? '';
    const name = random.pick(['NODE_DEBUG', 'NODE_DEBUG', 'NODE_DEBUG_NATIVE']);
    const value = random.pick(['https', 'http', 'tls,net', '*', 'HTTPS,stream', 'http2']);
    const { out, err } = await runProgram(['status'], { env: { ...ownEnvironment(cluster), [name]: value } });
    assert.ok(token.length > 5 && !(out + err).includes(token), `${name}=${value}`);
    assert.match(err, `cannot run with ${name} set`);
  });
});

attack('environment', [47, 48], 'variables with which libraries print what they read, or end', async () => {
  await withDemo({}, async (cluster) => {
    const env = ownEnvironment(cluster);
    const plain = await runProgram(['routes'], { env });
    assert.is(plain.code, 0);
    for (const name of ['LOG_TOKENS', 'LOG_STREAM', 'YARGS_MIN_NODE_VERSION']) {
      const { code, out, err } = await runProgram(['routes'], { env: { ...env, [name]: '99' } });
      assert.equal([code, out, err], [0, plain.out, plain.err], name);
    }
  });
});

const uncaught = (text: string): string =>
  `data:text/javascript,setTimeout(()=>{throw new Error(${encodeURIComponent(JSON.stringify(text))})},300)`;

generated('crash', [92, 141], 'what nobody caught', async (random) => {
  const text = random.pick(['boom', 'a\nb\u001b]0;x\u0007', 'x'.repeat(5000), '\u009b31m\u202e']);
  await bundled();
  await withDemo({ faults: [{ at: 'connection', does: 'stall' }] }, async (cluster) => {
    const { status, stderr, stdout } = spawnSync(process.execPath, ['--import', uncaught(text), bundleFile, 'routes'], {
      env: { ...ownEnvironment(cluster) },
      encoding: 'utf8',
      timeout: 60_000,
    });
    assert.equal([status, stdout], [2, '']);
    assert.match(stderr, /^error: [ -~\ufffd]{0,310}; this is a defect of kubectl istio-ingress: please report it\n$/);
  });
});

attack('crash', [46], 'a warning of a library, which may quote what it has read', async () => {
  await bundled();
  const warning = 'data:text/javascript,setTimeout(()=>process.emitWarning("SECRET"),1)';
  const words = ['--import', warning, bundleFile, 'demo', '--', 'version'];
  const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8', timeout: 60_000 });
  assert.equal([status, stderr], [0, '']);
});

attack('environment', [120], 'Node takes itself for the child of another, and can open no port', async () => {
  const { code, out, err } = await runProgram(['demo', '--', 'status'], { env: { NODE_UNIQUE_ID: '1' } });
  assert.equal([code, out], [2, '']);
  assert.is(err, 'error: the command did not end, and nothing is left that it could wait for\n');
});

/** A language of 12 letters ends Node before this tool runs: docs/environment.md. */
const strangeLocales = [
  'xx',
  'ar_EG',
  'tr_TR.UTF-8',
  'C',
  '',
  '../../etc/passwd',
  `en_US.${'x'.repeat(400)}`,
  '\u001b[31m',
];

generated('environment', [131], 'a strange environment', async (random) => {
  await withDemo({}, async (cluster) => {
    const odd: Record<string, string | undefined> = { ...ownEnvironment(cluster) };
    for (const name of ['TZ', 'TERM', 'TMPDIR', 'XDG_STATE_HOME', 'XDG_CACHE_HOME', 'COLUMNS', 'NO_COLOR'])
      if (random.number(2) === 0)
        odd[name] = random.pick([
          '',
          '../../etc/passwd',
          '/dev/null',
          '\u001b[31m',
          '-1',
          'x'.repeat(100),
          '/proc/nope',
        ]);
    for (const name of ['LC_ALL', 'LC_MESSAGES', 'LANG'])
      if (random.number(2) === 0) odd[name] = random.pick(strangeLocales);
    if (random.number(3) === 0) delete odd['HOME'];
    const { code, err } = await runProgram(['routes', '-o', 'json'], { env: odd });
    assert.equal([code, err], [0, ''], JSON.stringify(odd));
  });
});

let built: Promise<string> | undefined;

/** The binary, for what Node's own arguments in it decide. It takes half a minute to make. */
const binary = (): Promise<string> =>
  (built ??= (async () => {
    const { build, binaryFile } = await import('../../scripts/build.ts');
    await build();
    return binaryFile;
  })());

const listens = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });

if (isLong) {
  attack('binary', [122], 'SIGUSR1 opens no debugger', async () => {
    const program = await binary();
    await withDemo({}, async (cluster) => {
      const { child, ended } = await start(['logs', '-f'], { env: ownEnvironment(cluster) }, program);
      while (!cluster.demo.requests.some(({ path }) => path.includes('/log?'))) await pause(20);
      assert.not.ok(await listens(9229), 'something else listens on the port of the debugger');
      child.kill('SIGUSR1');
      for (let waited = 0; waited < 20 && child.exitCode === null && child.signalCode === null; waited++) {
        assert.not.ok(await listens(9229), 'the debugger listens');
        await pause(50);
      }
      child.kill('SIGKILL');
      await ended;
    });
  });

  attack('binary', [121], 'OPENSSL_CONF loads no library', async () => {
    const program = await binary();
    const mark = join(place, 'loaded');
    const [source, library, config] = ['provider.c', 'provider.so', 'openssl.cnf'].map((name) => join(place, name)) as [
      string,
      string,
      string,
    ];
    writeFileSync(
      source,
      `#include <fcntl.h>\n__attribute__((constructor)) void f(void) { open("${mark}", O_CREAT | O_WRONLY, 0600); }\nint OSSL_provider_init() { return 0; }\n`,
    );
    const compiler = process.env['CC'] ?? 'cc';
    if (spawnSync(compiler, ['-shared', '-fPIC', '-o', library, source]).status !== 0)
      return notJudged('no C compiler is here');
    writeFileSync(
      config,
      `nodejs_conf = i\nopenssl_conf = i\n[i]\nproviders = p\n[p]\nx = x\n[x]\nmodule = ${library}\nactivate = 1\n`,
    );
    const run = (command: string, words: readonly string[]): Ended => {
      const { status, signal, stdout, stderr } = spawnSync(command, words, {
        env: { OPENSSL_CONF: config },
        encoding: 'utf8',
      });
      return { code: status, signal, out: stdout, err: stderr, mostMebibytes: 0 };
    };
    run(process.execPath, ['-e', 'require("node:crypto").randomBytes(1)']);
    assert.ok(existsSync(mark), 'a bare Node loads it: the attack works');
    rmSync(mark);
    assert.is(run(program, ['demo', '--', 'version']).code, 0);
    assert.not.ok(existsSync(mark));
  });

  generated('binary', [121], 'OPENSSL_CONF with a mistake, which ends a bare Node', async (random) => {
    const program = await binary();
    const config = join(place, 'mistake.cnf');
    const mistake = random.pick(['providers = none', 'engines = none', 'alg_section = none', 'ssl_conf = none']);
    writeFileSync(config, `nodejs_conf = i\n[i]\n${mistake}\n`);
    const env = { OPENSSL_CONF: config };
    assert.is.not(spawnSync(process.execPath, ['-p', '1'], { env }).status, 0, `${mistake}: the attack works`);
    const { code, err } = await runProgram(['demo', '--', 'version'], { env }, program);
    assert.equal([code, err], [0, '']);
  });

  generated('binary', [120, 123], 'variables and flags of Node', async (random) => {
    const program = await binary();
    const script = join(place, 'evil.cjs');
    const mark = join(place, 'ran');
    writeFileSync(script, `require('node:fs').writeFileSync(${JSON.stringify(mark)}, '')`);
    writeFileSync(join(place, '.env'), `NODE_OPTIONS=--require=${script}\n`);
    writeFileSync(join(place, 'node.config.json'), JSON.stringify({ nodeOptions: { import: [script] } }));
    const env = random.pick([
      { NODE_OPTIONS: `--require ${script}` },
      { NODE_PATH: place },
      { NODE_OPTIONS: '--inspect=0 --experimental-default-config-file' },
      { PKG_EXECPATH: 'PKG_INVOKE_NODEJS' },
      { NODE_CHANNEL_FD: '3' },
    ]);
    const flags = random.pick([[], ['--env-file=/nosuch'], [`--require=${script}`], ['--inspect']]);
    const { code, signal, err } = await runProgram([...flags, 'demo', '--', 'version'], { env, cwd: place }, program);
    assert.not.ok(existsSync(mark), JSON.stringify(env));
    // Node takes a descriptor of its own for the channel, and aborts after all has been said.
    if (signal !== 'SIGABRT' || !('NODE_CHANNEL_FD' in env)) assert.is(code, flags.length === 0 ? 0 : 2, err);
    if (flags.length > 0) assert.match(err, 'unknown flag');
  });
}

test.run();
