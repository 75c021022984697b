// `logs` on the real gateways, with requests that curl sends: each of them is seen, once. Requests are told from others
// by their path.

import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { schemaErrors } from '../support/schema.ts';
import { type Gateway, gateways, harness, kii, kubectl, namespace, start, until } from './truth/cluster.ts';

const host = 'svc1.discovery.wmnet';

interface Line {
  readonly kind: string;
  readonly pod: string;
  readonly time: string;
  readonly path: string;
  readonly responseCode: number;
  readonly authority: string;
}

const linesOf = (out: string): Line[] =>
  out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

/** Numbers requests below `prefix`, so that each has a path of its own. */
function sender(prefix: string): { readonly sent: string[]; readonly send: (gateway: Gateway, n: number) => void } {
  const sent: string[] = [];
  return {
    sent,
    send: ({ address }, n) => {
      const first = sent.length;
      for (let i = 0; i < n; i++) sent.push(`${prefix}/${first + i}`);
      const url = `https://${host}:8443${prefix}/[${first}-${first + n - 1}]`;
      execFileSync('curl', ['-sk', '-m', '60', '-o', '/dev/null', '--resolve', `${host}:8443:${address}`, url], {
        timeout: 60_000,
      });
    },
  };
}

const sorted = (paths: readonly string[]): string[] => [...paths].sort();

test('what was sent through each gateway is in the log, each request once, in the order of the time', async () => {
  const prefix = `/logs-${randomUUID()}`;
  const { sent, send } = sender(prefix);
  for (const gateway of gateways()) send(gateway, 100);
  let lines: Line[] = [];
  await until('every request is logged', async () => {
    lines = linesOf((await kii('logs', '--since', '2m', '--path', `${prefix}/*`, '-o', 'json')).out);
    return lines.length >= sent.length;
  });
  assert.equal(sorted(lines.map(({ path }) => path)), sorted(sent));
  assert.equal(
    lines.map(({ time }) => time),
    sorted(lines.map(({ time }) => time)),
  );
  for (const { pod } of gateways()) assert.is(lines.filter((line) => line.pod === pod).length, 100);
  for (const line of lines) assert.equal(schemaErrors(line), []);
  const summary = JSON.parse(
    (await kii('logs', '--since', '2m', '--path', `${prefix}/*`, '--summary', '-o', 'json')).out,
  );
  assert.equal([summary.requests, summary.hosts.top[0].value], [sent.length, host]);
});

test('kubectl has the same lines', async () => {
  const [gateway] = gateways();
  const prefix = `/logs-${randomUUID()}`;
  const { sent, send } = sender(prefix);
  send(gateway as Gateway, 20);
  const ofKubectl = (): string[] =>
    kubectl('-n', namespace, 'logs', gateway?.pod ?? '', '--since', '2m')
      .split('\n')
      .filter((line) => line.includes(prefix));
  await until('every request is logged', () => ofKubectl().length >= sent.length);
  const { out } = await kii('logs', '--since', '2m', '--path', `${prefix}/*`, '--raw');
  assert.equal(out.split('\n').slice(0, -1), ofKubectl());
});

test('following while traffic runs and a gateway is replaced, every request is seen, once', async () => {
  const prefix = `/logs-${randomUUID()}`;
  const { sent, send } = sender(prefix);
  const following = start(
    ['logs', '-f', '--since', '1s', '--path', `${prefix}/*`, '-o', 'json'],
    {},
    undefined,
    240_000,
  );
  let out = '';
  following.process.stdout?.on('data', (chunk: string) => (out += chunk));
  let said = '';
  following.process.stderr?.on('data', (chunk: string) => (said += chunk));
  const seen = (): Line[] => linesOf(out);
  for (let round = 0; round < 5; round++) for (const gateway of gateways()) send(gateway, 60);
  await until('every request is seen', () => seen().length >= sent.length);
  const [, , last] = gateways();
  kubectl('-n', namespace, 'delete', 'pod', last?.pod ?? '');
  // The harness writes the log of the next pod of a node into the file of the one before, which a stream that is still
  // open would go on with.
  await until('the old pod is left', () => said.includes(`${last?.pod} is gone`));
  await until('another pod is there', () => gateways().filter(({ address }) => address !== undefined).length === 3);
  harness('gateways');
  const replacement = gateways().find(({ node }) => node === last?.node) as Gateway;
  await until('the new gateway answers', () => {
    try {
      send(replacement, 1);
      return true;
    } catch {
      sent.pop();
      return false;
    }
  });
  for (const gateway of gateways()) send(gateway, 60);
  await until('every request is seen', () => seen().length >= sent.length);
  await new Promise((resolve) => setTimeout(resolve, 2000));
  following.process.kill('SIGINT');
  const { code, err } = await following.outcome;
  assert.is(code, 130, err);
  assert.equal(sorted(seen().map(({ path }) => path)), sorted(sent));
  assert.match(err, `${replacement.pod} is new`);
  assert.match(err, `${last?.pod} is gone`);
});

test('the format is the one that istiod gave to the gateways', async () => {
  const { out } = await kii('logs', '--show-format');
  assert.match(out, /^\[%START_TIME%\] .*%ROUTE_NAME%\n$/);
});

test.run();
