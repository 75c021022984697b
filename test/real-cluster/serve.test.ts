// The real kubectl, istioctl and stern on a snapshot that is served: their answers are those that they gave live.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { drained, environment, type Gateway, gateways, kii, namespace, start, until } from './truth/cluster.ts';

const [{ pod }] = gateways() as [Gateway];
const proxy = `${pod}.${namespace}`;

const commandLines = [
  `kubectl -n ${namespace} get pods -o wide`,
  `kubectl -n ${namespace} get pods -l istio=ingressgateway --field-selector status.phase=Running -o name`,
  'kubectl get services -A',
  'kubectl get nodes',
  'kubectl get namespaces --show-labels',
  'kubectl get endpointslices -A',
  'kubectl get gateways.networking.istio.io,virtualservices,destinationrules,certificates -A',
  'kubectl -n svc1 get virtualservice svc1-main -o yaml',
  'kubectl -n svc1 describe service svc1-tls-service',
  `kubectl -n ${namespace} exec ${pod} -- pilot-agent request GET listeners`,
  `kubectl -n ${namespace} exec ${pod} -- pilot-agent request GET config_dump?resource=dynamic_route_configs`,
  ...['routes', 'listeners', 'clusters', 'endpoints', 'secret', 'log'].map(
    (kind) => `istioctl proxy-config ${kind} ${proxy}`,
  ),
  `istioctl proxy-config routes ${proxy} -o json`,
  'istioctl proxy-status',
];

interface Said {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function run(line: string, kubeconfig = environment['KUBECONFIG']): Said {
  const [program = '', ...words] = line.split(' ');
  const { status, stdout, stderr } = spawnSync(program, words, {
    env: { ...environment, KUBECONFIG: kubeconfig },
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 256 << 20,
  });
  return { code: status, out: stdout, err: stderr };
}

/** What differs with the moment, and what a snapshot leaves out: what was last applied repeats the object. */
const plain = (text: string): string =>
  text
    .replace(/ *kubectl\.kubernetes\.io\/last-applied-configuration: \|\n.*\n/g, '')
    .replace(/ *annotations:\n(?= *creationTimestamp)/g, '')
    .replace(/\d+(?:ms|[smhd])(?:\d+[smhd])*/g, 'AGE')
    .replace(/ +/g, ' ')
    .replace(/ $/gm, '');

async function withServed(use: (kubeconfig: string) => void | Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'kii-serve-test-'));
  const file = join(directory, 'incident.tgz');
  await drained();
  const { code, err } = await kii('snapshot', file);
  assert.ok(code === 0 || code === 3, err);
  const { process: child, outcome } = start(['serve', file], {}, undefined, 400_000);
  let said = '';
  child.stdout?.on('data', (text: string) => {
    said += text;
  });
  const kubeconfig = (): string | undefined => /^export KUBECONFIG=(.*)\n/.exec(said)?.[1];
  try {
    await until('it serves', () => kubeconfig() !== undefined || child.exitCode !== null);
    await use(kubeconfig() ?? assert.unreachable('it has ended') ?? '');
  } finally {
    child.kill('SIGINT');
    assert.is((await outcome).code, 130);
    rmSync(directory, { recursive: true, force: true });
  }
}

test('kubectl and istioctl answer from a snapshot as they answer live', () =>
  withServed((kubeconfig) => {
    for (const line of commandLines) {
      const [live, served] = [run(line), run(line, kubeconfig)];
      assert.is(live.code, 0, `${line}: ${live.err}`);
      assert.is(served.code, 0, `${line}: ${served.err}`);
      assert.ok(live.out.length > 20, line);
      assert.is(plain(served.out), plain(live.out), line);
    }
  }));

test('kubectl forwards the admin port and the logs, and can change nothing', () =>
  withServed((kubeconfig) => {
    const logs = run(`kubectl -n ${namespace} logs ${pod} --tail 5`, kubeconfig);
    assert.is(logs.out.trimEnd().split('\n').length, 5, logs.err);
    for (const line of [`kubectl -n ${namespace} delete pod ${pod}`, `kubectl -n ${namespace} label pod ${pod} a=b`]) {
      const { code, err } = run(line, kubeconfig);
      assert.is(code, 1, line);
      assert.match(err, 'a snapshot cannot be changed');
    }
    const { code, err } = run(`istioctl proxy-config log ${proxy} --level debug`, kubeconfig);
    assert.is.not(code, 0);
    assert.match(err, 'unexpected status code: 403');
    const ofInjection = ({ out, err }: Said): string[] => (out + err).match(/.*\[IST0102\].*/g)?.sort() ?? [];
    const live = ofInjection(run('istioctl analyze -A'));
    assert.ok(live.length > 0);
    assert.equal(ofInjection(run('istioctl analyze -A', kubeconfig)), live);
  }));

const sternLines = [
  'ds/istio-ingressgateway --tail 3',
  '-l istio=ingressgateway --since 1h --tail 1',
  'svc/istio-ingressgateway --field-selector spec.nodeName=node0 --tail 2',
  `pod/${pod} --tail 4`,
].map((words) => `stern -n ${namespace} ${words} --no-follow -o json`);

test('stern finds the same containers, and as many lines of each', () =>
  withServed((kubeconfig) => {
    const containers = ({ out }: Said): string[] => out.trim().split('\n').map(containerOf).sort();
    for (const line of sternLines) {
      const [live, served] = [run(line), run(line, kubeconfig)];
      assert.equal([live.code, served.code], [0, 0], `${line}: ${live.err}${served.err}`);
      assert.equal(containers(served), containers(live), line);
    }
  }));

function containerOf(line: string): string {
  const { podName, containerName } = JSON.parse(line);
  return `${podName} ${containerName}`;
}

test.run();
