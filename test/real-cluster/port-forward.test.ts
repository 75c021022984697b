// `port-forward` to the real gateways: curl and openssl through it see what they see in the pod's own network.

import { execFileSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  admin,
  type Gateway,
  gateways,
  harness,
  kubectl,
  namespace,
  openssl,
  type Running,
  start,
  until,
} from './truth/cluster.ts';

const [gateway] = gateways() as [Gateway];

interface Forwarding extends Running {
  readonly ports: readonly string[];
  said(): string;
}

const namesIn = (text: string): readonly string[] => text.match(/istio-ingressgateway-\w+/g) ?? [];

/** Runs until it has said where it listens. */
async function forward(lines: number, ...words: string[]): Promise<Forwarding> {
  const running = start(['port-forward', ...words]);
  let said = '';
  running.process.stdout?.on('data', (text: string) => {
    said += text;
  });
  const ports = (): string[] => [...said.matchAll(/localhost:(\d+)/g)].map(([, port]) => port ?? '');
  await until('it listens', () => ports().length >= lines || running.process.exitCode !== null);
  return { ...running, ports: ports(), said: () => said };
}

const curl = (...args: string[]): string => execFileSync('curl', ['-s', '-m', '20', ...args], { encoding: 'utf8' });
const statusOf = (...args: string[]): string => curl('-o', '/dev/null', '-w', '%{http_code}', ...args);

test('the door answers what the admin port does, and lets nothing act', async () => {
  const { process: child, outcome, ports } = await forward(1, '0', '--pod', gateway.pod);
  const at = (path: string): string => `http://localhost:${ports[0]}/${path}`;
  for (const path of [
    'ready',
    'certs',
    'config_dump?resource=dynamic_active_secrets',
    'stats?filter=listener_manager.listener_added',
  ]) {
    assert.is(curl(at(path)), admin(gateway, path), path);
  }
  assert.is(statusOf('-X', 'POST', at('logging?level=debug')), '405');
  assert.is(statusOf('-X', 'POST', at('healthcheck/fail')), '405');
  assert.is(statusOf(at('quitquitquit')), '403');
  assert.is(statusOf('-H', 'Host: evil.example', at('ready')), '403');
  assert.is(admin(gateway, 'ready'), 'LIVE\n');
  child.kill('SIGINT');
  assert.is((await outcome).code, 130);
  assert.throws(() => curl(at('ready')), /status|Command failed/);
});

test('--raw carries TLS to the gateway, with the certificate of the host', async () => {
  const { process: child, outcome, ports } = await forward(1, '--raw', '0:8443', '--pod', gateway.pod);
  const client = ['s_client', '-connect', `127.0.0.1:${ports[0]}`, '-servername', 'svc1.discovery.wmnet'];
  assert.match(openssl(client), /subject=.*svc1\.discovery\.wmnet/);
  assert.is(
    statusOf(
      '-k',
      '--resolve',
      `svc1.discovery.wmnet:${ports[0]}:127.0.0.1`,
      `https://svc1.discovery.wmnet:${ports[0]}/one`,
    ),
    '200',
  );
  child.kill('SIGTERM');
  assert.is((await outcome).code, 130);
});

test('--raw carries a large answer whole, over many connections at once', async () => {
  const { process: child, outcome, ports } = await forward(1, '--raw', '0:15000', '--pod', gateway.pod);
  const sizes = await Promise.all(
    Array.from(
      { length: 4 },
      async () =>
        (await (await fetch(`http://localhost:${ports[0]}/config_dump?resource=dynamic_listeners`)).text()).length,
    ),
  );
  const expected = admin(gateway, 'config_dump?resource=dynamic_listeners').length;
  for (const size of sizes) assert.is(size, expected);
  child.kill('SIGINT');
  assert.match((await outcome).err, 'can now end Envoy');
});

test('a pod that is deleted is left for another, by the door and by --raw', async () => {
  const [door, raw] = await Promise.all([forward(1, '0'), forward(1, '--raw', '0:15021')]);
  const used = namesIn(door.said())[0] ?? '';
  const both = (): string[] =>
    [`http://localhost:${door.ports[0]}/ready`, `http://localhost:${raw.ports[0]}/healthz/ready`].map((url) =>
      statusOf(url),
    );
  assert.equal(both(), ['200', '200']);
  try {
    kubectl('-n', namespace, 'delete', 'pod', used, '--wait=true', '--timeout=60s');
  } finally {
    harness('gateways');
  }
  assert.equal(both(), ['200', '200']);
  for (const { process: child } of [door, raw]) child.kill('SIGINT');
  for (const { err } of await Promise.all([door.outcome, raw.outcome]))
    assert.match(err, new RegExp(`^${used} is gone: going on with istio-ingressgateway-`));
});

test.run();
