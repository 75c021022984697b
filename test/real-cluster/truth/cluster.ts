// The cluster of the harness as a test sees it without our code: kubectl, istioctl, and curl in the network namespace
// of a gateway. And the binary under test, run as a user runs it. See harness/env for what is where.

import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { type Outcome, type Running, startProgram, until } from '../../support/program.ts';

export { type Outcome, type Running, until };

const state = process.env['KII_CLUSTER_STATE'] ?? join(homedir(), '.cache', 'kii-cluster');
const harnessFolder = join(import.meta.dirname, '..', 'harness');

const runFolder = join(state, 'run');
export const binary =
  process.env['KII_BINARY'] ?? join(import.meta.dirname, '..', '..', '..', 'dist', 'kubectl-istio_ingress');
export const namespace = 'istio-system';
/** As the harness names it; istiod says the same. */
export const istioVersion = basename(readlinkSync(join(runFolder, 'istio'))).replace('istio-', '');
export const istioMinor = Number(istioVersion.split('.')[1]);
/** Before Istio 1.22 v1beta1 alone is served, with fewer values: harness/env. */
const inServedVersion = (json: string): string =>
  istioMinor >= 22
    ? json
    : json
        .replace(/(?<="(?:networking|security)\.istio\.io\/v1)(?=")/g, 'beta1')
        .replaceAll('"OPTIONAL_MUTUAL"', '"MUTUAL"');
/** Of a version that harness/python pins. */
export const envoyProgram = (version: string): string =>
  join(state, 'wheels', `envoy-${version}`, 'envoy', '_bin', 'envoy');

/** A folder for PYTHONPATH, with a library that harness/python pins. */
export const http3Client = join(state, 'wheels', 'qh3-2.1.0');

/** PATH has the harness's kubectl and istioctl first; of the caller's own KII_ variables none reaches the binary. */
export const environment: Readonly<Record<string, string | undefined>> = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KII_'))),
  PATH: `${join(runFolder, 'istio')}:${join(state, 'bin')}:${process.env['PATH']}`,
  KUBECONFIG: join(runFolder, 'kubeconfig'),
};

const limits = { maxBuffer: 256 << 20, timeout: 120_000 };

function output(command: string, args: readonly string[], input?: string): string {
  return execFileSync(command, args, {
    ...limits,
    env: environment,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'pipe'],
    ...(input === undefined ? {} : { input }),
  });
}

export const kubectl = (...args: readonly string[]): string => output('kubectl', args);
export const kubectlJson = <T>(...args: readonly string[]): T => JSON.parse(kubectl(...args, '-o', 'json'));
/** Fields that an older Istio does not have are left out, as its API server would tell whoever applies them. */
const validate = istioMinor >= 24 ? [] : ['--validate=ignore'];
export const apply = (object: object): string =>
  output('kubectl', ['apply', ...validate, '-f', '-'], inServedVersion(JSON.stringify(object)));
export const openssl = (args: readonly string[], input = ''): string => output('openssl', args, input);
/** What `istioctl proxy-config KIND POD -o json` prints. */
export const istioctlJson = <T>(kind: string, pod: string): T =>
  JSON.parse(output('istioctl', ['-n', namespace, 'proxy-config', kind, pod, '-o', 'json']));

/** A script of the harness, with the environment that it looks at. */
export function harness(
  script: string,
  args: readonly string[] = [],
  more: Readonly<Record<string, string>> = {},
): void {
  execFileSync(join(harnessFolder, script), args, {
    env: { ...process.env, ...more },
    stdio: ['ignore', 'ignore', 'inherit'],
    timeout: 300_000,
  });
}

export interface Gateway {
  readonly pod: string;
  readonly node: string;
  /** Undefined for a pod that was made just now. */
  readonly address: string | undefined;
  /** Its network namespace. */
  readonly network: string;
}

interface Pod {
  readonly metadata: { readonly name: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName: string };
  readonly status: { readonly podIP?: string };
}

/** The gateway pods by kubectl, in the order of their nodes. */
export function gateways(): readonly Gateway[] {
  return kubectlJson<{ items: readonly Pod[] }>('-n', namespace, 'get', 'pods', '-l', 'app=istio-ingressgateway')
    .items.filter((pod) => pod.metadata.deletionTimestamp === undefined)
    .map((pod) => ({
      pod: pod.metadata.name,
      node: pod.spec.nodeName,
      address: pod.status.podIP,
      network: pod.spec.nodeName.replace('node', 'kii'),
    }))
    .sort((a, b) => a.node.localeCompare(b.node));
}

/** What runs in the network of the gateway. */
export const inside = (gateway: Gateway, command: string, args: readonly string[], input = ''): string =>
  output('ip', ['netns', 'exec', gateway.network, command, ...args], input);

export const admin = (gateway: Gateway, path: string): string =>
  inside(gateway, 'curl', ['-s', '-m', '20', `http://127.0.0.1:15000/${path}`]);

/** The elements of a section of Envoy's dump, such as `dynamic_active_secrets`. */
export const dumped = <T>(gateway: Gateway, resource: string): readonly T[] =>
  JSON.parse(admin(gateway, `config_dump?resource=${resource}`)).configs ?? [];

/**
 * What a client without a certificate meets at a port of the gateway, in the words of openssl, which fails where it is
 * refused.
 */
export function handshake(gateway: Gateway, port: number, serverName: string): string {
  const args = [
    'netns',
    'exec',
    gateway.network,
    'openssl',
    's_client',
    '-connect',
    `127.0.0.1:${port}`,
    '-servername',
    serverName,
  ];
  const { stdout, stderr } = spawnSync('ip', args, { ...limits, env: environment, encoding: 'utf8', input: '' });
  return stdout + stderr;
}

/** The status that the gateway answers to a GET. */
export function request(gateway: Gateway, url: string): number {
  const { hostname, port } = new URL(url);
  const args = [
    '-sk',
    '-m',
    '20',
    '-o',
    '/dev/null',
    '-w',
    '%{http_code}',
    '--resolve',
    `${hostname}:${port}:127.0.0.1`,
    url,
  ];
  return Number(inside(gateway, 'curl', args));
}

/** The process of the gateway's Envoy: the one in its network whose program is called envoy. */
export function envoyProcess(gateway: Gateway): number {
  const ids = output('ip', ['netns', 'pids', gateway.network]).trim().split(/\s+/);
  const id = ids.find((pid) => readFileSync(`/proc/${pid}/comm`, 'utf8').trim() === 'envoy');
  if (id === undefined) throw new Error(`no Envoy runs in ${gateway.network}`);
  return Number(id);
}

/** istiod's process, as the harness wrote it down. */
export const istiodProcess = (): number => Number(readFileSync(join(runFolder, 'istiod.pid'), 'utf8').split(' ')[0]);

/** Starts a program, the binary unless another is named; it is killed after `limitMs`. */
export const start = (
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
  program = binary,
  limitMs?: number,
): Running => startProgram(program, args, { ...environment, ...more }, limitMs);

/** Runs the binary to its end. */
export const kii = (...args: readonly string[]): Promise<Outcome> => start(args).outcome;

/** A command's `-o json`; fails where the exit code is not the expected one. */
export async function kiiJson<T>(args: readonly string[], code = 0): Promise<T> {
  const outcome = await kii(...args, '-o', 'json');
  if (outcome.code !== code) throw new Error(`${args.join(' ')}: exit code ${outcome.code}\n${outcome.err}`);
  return JSON.parse(outcome.out);
}

/** What the gateway has written since it started, access log included. */
export const gatewayLog = (gateway: Gateway): string => readFileSync(join(runFolder, `${gateway.network}.log`), 'utf8');

/** Envoy keeps the routes of what was removed until that has drained: with Istio 45 s. */
export const drained = (): Promise<void> =>
  until('no gateway keeps what was removed', () => !gateways().some(keepsRemoved), 120_000);

function keepsRemoved(gateway: Gateway): boolean {
  const listeners = dumped<{ active_state?: object }>(gateway, 'dynamic_listeners');
  const inForce = JSON.stringify(listeners.map(({ active_state }) => active_state));
  const routes = dumped<{ route_config?: { name: string } }>(gateway, 'dynamic_route_configs');
  return routes.some(({ route_config }) => !inForce.includes(JSON.stringify(route_config?.name)));
}
