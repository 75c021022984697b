// `log-level` on the real gateways: levels are what Envoy itself says to curl in the pod's network, raised and put
// back, whatever becomes of the process in between.

import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Gateway, gateways, inside, type Running, start, until } from './truth/cluster.ts';

const state = mkdtempSync(join(tmpdir(), 'kii-levels-'));
const records = (): string[] => readdirSync(join(state, 'kubectl-istio-ingress', 'log-levels'));
const run = (...words: string[]): Running => start(['log-level', ...words], { XDG_STATE_HOME: state });

type Levels = ReadonlyMap<string, string>;

/** `query` goes to Envoy by curl, past our code. */
function logging(gateway: Gateway, query = ''): Levels {
  const text = inside(gateway, 'curl', ['-s', '-m', '20', '-X', 'POST', `http://127.0.0.1:15000/logging${query}`]);
  return new Map([...text.matchAll(/^ {2}(\S+): (\w+)$/gm)].map(([, logger = '', level = '']) => [logger, level]));
}

const all = gateways();
const atStart = new Map(all.map((gateway) => [gateway.pod, logging(gateway)]));
const of = (gateway: Gateway): Levels => atStart.get(gateway.pod) as Levels;
const everywhere = (logger: string): (string | undefined)[] => all.map((gateway) => logging(gateway).get(logger));
const isAsAtStart = (): boolean =>
  all.every((gateway) => JSON.stringify([...logging(gateway)]) === JSON.stringify([...of(gateway)]));

test.after(() => {
  // Whatever a test has left; those that pass leave nothing.
  for (const gateway of all)
    if (!isAsAtStart()) logging(gateway, `?paths=${[...of(gateway)].map((pair) => pair.join(':')).join(',')}`);
  rmSync(state, { recursive: true, force: true });
});

test('shows what Envoy says to curl, of each pod', async () => {
  const { code, out } = await run('-o', 'json').outcome;
  assert.is(code, 0);
  const { items } = JSON.parse(out) as { items: readonly { logger: string; level: string; pods: readonly string[] }[] };
  for (const gateway of all) {
    const own = items.filter(({ pods }) => pods.includes(gateway.pod)).map(({ logger, level }) => [logger, level]);
    assert.equal(own.sort(), [...of(gateway)].sort());
  }
});

test('levels are raised on every pod, and back after --for', async () => {
  const { outcome } = run('http:debug,misc:trace', '--for', '3s');
  await until('http is debug everywhere', () => everywhere('http').every((level) => level === 'debug'));
  assert.equal(
    everywhere('misc'),
    all.map(() => 'trace'),
  );
  const { code, err } = await outcome;
  assert.equal([code, err.split('\n').slice(-2)], [0, ['put back on 3 pods', '']]);
  assert.ok(isAsAtStart());
});

test('SIGINT puts each pod’s own levels back, also of all loggers', async () => {
  const [first] = all as [Gateway];
  logging(first, '?http=error');
  try {
    const { process: child, outcome } = run('all:debug', '--yes');
    await until('all is debug everywhere', () =>
      all.every((gateway) => [...logging(gateway).values()].every((level) => level === 'debug')),
    );
    child.kill('SIGINT');
    const { code, err } = await outcome;
    assert.is(code, 130);
    assert.match(err, 'put back on 3 pods');
    assert.equal(everywhere('http'), ['error', ...all.slice(1).map((gateway) => of(gateway).get('http'))]);
  } finally {
    logging(first, `?http=${of(first).get('http')}`);
  }
  assert.ok(isAsAtStart());
});

test('--show prints what the loggers write meanwhile, and nothing else', async () => {
  const { process: child, outcome } = run('http:debug', '--show');
  let out = '';
  child.stdout?.on('data', (text: string) => {
    out += text;
  });
  const [first] = all as [Gateway];
  await until('a request is seen', () => {
    inside(first, 'curl', ['-s', '-o', '/dev/null', '-H', 'Host: svc1.discovery.wmnet', 'http://127.0.0.1:8080/shown']);
    return out.includes('shown');
  });
  child.kill('SIGINT');
  assert.is((await outcome).code, 130);
  assert.match(out, new RegExp(`^${first.pod} .*\\tdebug\\tenvoy http `, 'm'));
  assert.not.match(out, /\tenvoy (?!http )/);
  assert.not.match(out, /"response_code"/);
  assert.ok(isAsAtStart());
});

test('after kill -9 the levels stay, status says so, and --restore puts them back', async () => {
  const { process: child, outcome } = run('http:debug');
  await until('http is debug everywhere', () => everywhere('http').every((level) => level === 'debug'));
  child.kill('SIGKILL');
  await outcome;
  assert.is(records().length, 1);
  const status = await start(['status']).outcome;
  assert.match(status.out, '3 pods, identical routes and certificates');
  assert.match(status.out, 'log more than at start: http:debug\n    kubectl istio-ingress log-level --restore');
  assert.is((await run('--restore').outcome).code, 0);
  assert.ok(isAsAtStart());
  assert.equal(records(), []);
});

test('a wrong name changes nothing', async () => {
  const { code, err } = await run('http:debug', 'rotuer:debug').outcome;
  assert.is(code, 2);
  assert.match(err, 'did you mean router?');
  assert.ok(isAsAtStart());
});

test.run();
