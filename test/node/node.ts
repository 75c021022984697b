// The node of harness/node as a test sees it without our code: kubectl, the processes of the machine, and curl in the
// network of the pod. And the binary under test, run as a user runs it.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, connect as dial, type Socket } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Running, startProgram, until } from '../support/program.ts';

const state = process.env['KII_CLUSTER_STATE'] ?? join(homedir(), '.cache', 'kii-cluster');
const harnessFolder = join(import.meta.dirname, '..', 'real-cluster', 'harness', 'node');
const runFolder = join(state, 'node');
const binary = process.env['KII_BINARY'] ?? join(import.meta.dirname, '..', '..', 'dist', 'kubectl-istio_ingress');
const namespace = 'istio-system';

const environment = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KII_'))),
  PATH: `${join(state, 'bin')}:${process.env['PATH']}`,
  KUBECONFIG: join(runFolder, 'kubeconfig'),
};

const output = (command: string, args: readonly string[], input = ''): string =>
  execFileSync(command, args, { encoding: 'utf8', env: environment, input, timeout: 120_000, maxBuffer: 256 << 20 });

export const kubectl = (...args: readonly string[]): string => output('kubectl', ['-n', namespace, ...args]);

export const start = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Running =>
  startProgram(binary, args, { ...environment, ...more }, 120_000);
export const kii = (...args: readonly string[]): Running['outcome'] => start(args).outcome;

/** Brings the node back to what the tests expect: what died is started again, and the gateway is ready. */
export const repair = (): void =>
  void execFileSync(join(harnessFolder, 'up'), { stdio: ['ignore', 'ignore', 'inherit'], timeout: 300_000 });

/** A user who may do all that the tool asks for, but not port-forward. */
export function mayExecOnly(): string {
  const name = 'may-exec-only';
  const head = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata: { name, namespace } };
  const rules = [
    { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] },
    { apiGroups: ['apps'], resources: ['daemonsets'], verbs: ['get', 'list'] },
    { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] },
  ];
  const apiGroup = 'rbac.authorization.k8s.io';
  const subjects = [{ apiGroup, kind: 'User', name }];
  const objects = [
    { ...head, kind: 'Role', rules },
    { ...head, kind: 'RoleBinding', roleRef: { apiGroup, kind: 'Role', name }, subjects },
  ];
  output('kubectl', ['apply', '-f', '-'], objects.map((object) => JSON.stringify(object)).join('\n---\n'));
  return name;
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly status: {
    readonly podIP: string;
    readonly containerStatuses?: readonly { readonly ready: boolean; readonly restartCount: number }[];
  };
}

export interface Gateway {
  readonly pod: string;
  readonly address: string;
  readonly restarts: number;
  readonly isReady: boolean;
}

export function gateway(): Gateway {
  const { items } = JSON.parse(kubectl('get', 'pods', '-l', 'istio=ingressgateway', '-o', 'json')) as {
    items: readonly Pod[];
  };
  const [pod] = items.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  if (pod === undefined) throw new Error('the gateway has no pod');
  const [status] = pod.status.containerStatuses ?? [];
  return {
    pod: pod.metadata.name,
    address: pod.status.podIP,
    restarts: status?.restartCount ?? 0,
    isReady: status?.ready ?? false,
  };
}

/** The process of the gateway's Envoy on this machine. */
function envoyProcess(): number | undefined {
  const isOurs = (pid: string): boolean => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('/etc/envoy.json\0--disable-hot-restart');
    } catch {
      return false; // it has ended meanwhile
    }
  };
  const found = readdirSync('/proc').find((name) => /^\d+$/.test(name) && isOurs(name));
  return found === undefined ? undefined : Number(found);
}

export function killEnvoy(): void {
  const pid = envoyProcess();
  if (pid === undefined) throw new Error('no Envoy runs');
  process.kill(pid, 'SIGKILL');
}

/** Ends kubelet or containerd as the harness wrote it down, at once. */
export function kill(part: 'kubelet' | 'containerd'): void {
  const [pid] = readFileSync(join(runFolder, `${part}.pid`), 'utf8').split(' ');
  process.kill(Number(pid), 'SIGKILL');
  const pause = new Int32Array(new SharedArrayBuffer(4));
  while (existsSync(`/proc/${pid}`)) Atomics.wait(pause, 0, 0, 20);
}

/** What the admin port answers to somebody in the pod's own network. */
export const admin = (path: string): string =>
  output('nsenter', ['-t', String(envoyProcess()), '-n', 'curl', '-s', '-m', '20', `http://127.0.0.1:15000/${path}`]);

/** Ready, after a container or a part of the node has died. */
export const restarted = (before: Gateway): Promise<void> =>
  until('the container runs again', () => {
    const { restarts, isReady } = gateway();
    return isReady && restarts > before.restarts;
  });

/**
 * The API server behind a proxy that, once on each connection, lets `bytes` through and then waits for `act`: what was
 * under way is in the middle of it then.
 */
export async function interrupted<T>(
  bytes: number,
  act: () => void,
  use: (env: Readonly<Record<string, string>>) => Promise<T>,
): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'kii-node-'));
  const sockets = new Set<Socket>();
  let acted = false;
  const server = createServer((client) => {
    const upstream = dial(26443, '127.0.0.1');
    for (const socket of [client, upstream]) sockets.add(socket.on('error', () => {}));
    let passed = 0;
    client.pipe(upstream);
    upstream.on('data', (chunk) => {
      passed += chunk.length;
      if (!client.write(chunk)) {
        upstream.pause();
        client.once('drain', () => upstream.resume());
      }
      if (passed < bytes || acted) return;
      acted = true;
      act();
    });
    upstream.on('close', () => client.end());
    client.on('close', () => upstream.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const kubeconfig = join(folder, 'kubeconfig');
  writeFileSync(
    kubeconfig,
    readFileSync(environment.KUBECONFIG, 'utf8').replace('127.0.0.1:26443', `localhost:${port}`),
  );
  try {
    const result = await use({ KUBECONFIG: kubeconfig });
    if (!acted) throw new Error(`fewer than ${bytes} bytes came: nothing was interrupted`);
    return result;
  } finally {
    for (const socket of sockets) socket.destroy();
    server.close();
    rmSync(folder, { recursive: true });
  }
}
