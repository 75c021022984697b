// `npm run bench`: what the binary costs, side by side with istioctl and kubectl in one run, as ratios; these machines are noisy.
//   npm run bench -- [--rounds N] [--services N] [--keep] [start] [cluster] [harm] [fleet]
// `start`, `cluster` and `harm` need the real cluster (test/cluster/harness); for the latter two a mesh of `--services` services is
// added, and removed afterwards unless --keep is given. `harm` is what the gateways' users notice. `fleet` asks the demo's server, in a process of its own, for 1 to 200 pods.
// Writes the tables into docs/bench.md.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { measureHarm } from './bench/harm.ts';
import { type Comparison, type Cost, compare, type Meter, medianCost, openMeter, type Ratio } from './bench/measure.ts';
import { binaryFile, build } from './build.ts';

const root = join(import.meta.dirname, '..');
const state = process.env['KII_CLUSTER_STATE'] ?? join(homedir(), '.cache/kii-cluster');
const namespace = 'istio-system';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { rounds: { type: 'string', default: '15' }, services: { type: 'string', default: '750' }, keep: { type: 'boolean', default: false } },
});
const rounds = Number(options.rounds);
const wanted = (part: string): boolean => positionals.length === 0 || positionals.includes(part);

/** PATH has the harness's kubectl and istioctl first. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KII_'))),
  PATH: `${join(state, 'bin')}:${process.env['PATH']}`,
  KUBECONFIG: join(state, 'run/kubeconfig'),
};

interface Row {
  readonly what: string;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  /** What the ratio should be at most. */
  readonly aim: string;
}

const kii = (...words: readonly string[]): readonly string[] => [binaryFile, ...words];

function startRows(): readonly Row[] {
  const kubectl = ['kubectl', 'version', '--client'];
  return [
    { what: '`--version`', ours: kii('--version'), theirs: kubectl, aim: '0.8' },
    { what: '`--version` against istioctl', ours: kii('--version'), theirs: ['istioctl', 'version', '--remote=false'], aim: '' },
    { what: '`--help`', ours: kii('--help'), theirs: kubectl, aim: '' },
    { what: 'Tab after `--context`, which loads the kubeconfig', ours: kii('__complete', 'routes', '--context', ''), theirs: kubectl, aim: '1.1' },
  ];
}

/** As much as istioctl shows: of clusters and endpoints those of the whole mesh. */
const kinds: readonly { readonly kind: string; readonly flags?: readonly string[]; readonly one: string; readonly three: string }[] = [
  { kind: 'routes', one: '0.70', three: '1.1' },
  { kind: 'listeners', one: '0.55', three: '1.1' },
  { kind: 'clusters', flags: ['--whole-mesh'], one: '0.55', three: '1.1' },
  { kind: 'endpoints', flags: ['--whole-mesh'], one: '0.35', three: '1.1' },
  { kind: 'secrets', one: '0.90', three: '1.5' },
];

function clusterRows(pod: string): readonly Row[] {
  const all = ['istioctl', '-n', namespace, 'proxy-config', 'all', pod, '-o', 'json'];
  const byKind = kinds.flatMap(({ kind, flags = [], one, three }): Row[] => {
    const theirs = ['istioctl', '-n', namespace, 'proxy-config', kind, pod];
    const words = [kind, ...flags];
    return [
      { what: `\`${words.join(' ')}\` of one pod`, ours: kii(...words, '--pod', pod), theirs, aim: one },
      { what: `\`${words.join(' ')}\` of three pods`, ours: kii(...words), theirs, aim: three },
    ];
  });
  return [
    ...byKind,
    { what: '`config-dump` of one pod, `all -o json`', ours: kii('config-dump', '--pod', pod), theirs: all, aim: '' },
    { what: '`status` of three pods, `proxy-status`', ours: kii('status'), theirs: ['istioctl', 'proxy-status'], aim: '' },
    { what: '`explain` on three pods, `all -o json` of one', ours: kii('explain', 'https://big7.discovery.wmnet/'), theirs: all, aim: '1.5' },
    { what: '`diff` of three pods, `all -o json` of one', ours: kii('diff'), theirs: all, aim: '1.5' },
    { what: '`check` of three pods, `all -o json` of one', ours: kii('check'), theirs: all, aim: '1.5' },
  ];
}

async function compareRows(meter: Meter, rows: readonly Row[]): Promise<string> {
  const lines: string[] = [];
  for (const row of rows) {
    const compared = await compare(meter, rounds, row.ours, row.theirs);
    lines.push(describeRow(row, compared));
    process.stderr.write(`${lines.at(-1)}\n`);
  }
  return table(['', 'wall, ours ÷ theirs', 'aim', 'CPU, ours ÷ theirs', 'ours: wall, CPU, memory', 'theirs: wall, CPU, memory'], lines);
}

const describeRow = ({ what, aim }: Row, { wall, cpu, ours, theirs }: Comparison): string =>
  `| ${[what, describeRatio(wall), aim, describeRatio(cpu), describeCost(ours), describeCost(theirs)].join(' | ')} |`;

const describeRatio = ({ median, low, high }: Ratio): string => `**${median.toFixed(2)}** (${low.toFixed(2)}–${high.toFixed(2)})`;
const describeCost = ({ wallMs, cpuMs, rssMiB }: Cost): string => `${wallMs.toFixed(0)} ms, ${cpuMs.toFixed(0)} ms, ${rssMiB.toFixed(0)} MiB`;
const table = (head: readonly string[], lines: readonly string[]): string =>
  [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...lines].join('\n');

const kubectl = (...words: readonly string[]): string => execFileSync('kubectl', words, { env: environment, encoding: 'utf8', maxBuffer: 1e9 });
const harness = (script: string, ...words: readonly string[]): void => {
  process.stderr.write(`${script} ${words.join(' ')}\n`);
  execFileSync(join(root, 'test/cluster/harness', script), words, { stdio: ['ignore', 'ignore', 'inherit'] });
};

async function benchStart(meter: Meter): Promise<string> {
  return `## Start\n\nOurs against \`kubectl version --client\` where no other is named.\n\n${await compareRows(meter, startRows())}\n`;
}

async function withMesh(bench: (pod: string) => Promise<string>): Promise<string> {
  harness('up', '3');
  harness('mesh');
  harness('backends');
  harness('mesh', options.services, '3', 'big');
  try {
    const pods = ['-n', namespace, 'get', 'pods', '-l', 'app=istio-ingressgateway', '--field-selector', 'spec.nodeName=node0'];
    return await bench(kubectl(...pods, '-o', 'jsonpath={.items[0].metadata.name}'));
  } finally {
    if (!options.keep) removeMesh();
  }
}

async function benchCluster(meter: Meter, pod: string): Promise<string> {
  const head = `Three gateways with ${options.services} services behind the ingress and as many others. istioctl reads one pod in every row.`;
  return `## On a real cluster\n\n${head}\n\n${await compareRows(meter, clusterRows(pod))}\n`;
}

/** Everything that is asked of pods, and the whole dump that it is held against. */
async function benchHarm(pod: string): Promise<string> {
  const dump = ['ip', 'netns', 'exec', 'kii0', 'curl', '-s', '-o', '/dev/null', 'http://127.0.0.1:15000/config_dump?include_eds'];
  const subjects: readonly (readonly [string, readonly string[]])[] = [
    ['nothing', ['true']],
    ['one whole dump (`curl`)', dump],
    ...['status', 'routes', 'secrets', 'listeners', 'clusters', 'endpoints', 'diff', 'certs', 'check'].map((name) => [`\`${name}\``, kii(name)] as const),
    ['`explain`', kii('explain', `https://big7.discovery.wmnet/`)],
    ['`config-dump`', kii('config-dump', '--pod', pod)],
  ];
  const lines: string[] = [];
  for (const [what, words] of subjects) {
    const { ready, request, update } = await measureHarm({ network: 'kii0', env: environment, rounds: Math.min(rounds, 7) }, words);
    lines.push(`| ${what} | ${ready.toFixed(0)} ms | ${request.toFixed(0)} ms | ${update.toFixed(0)} ms |`);
    process.stderr.write(`${lines.at(-1)}\n`);
  }
  const columns = ['meanwhile', 'slowest `/ready`', 'slowest request through the gateway', 'a changed route arrives after'];
  return `## What the gateway's users notice\n\nThe same mesh; medians of ${Math.min(rounds, 7)} rounds.\n\n${table(columns, lines)}\n`;
}

function removeMesh(): void {
  process.stderr.write('removing the mesh\n');
  const object = JSON.parse(readFileSync(join(state, 'run/mesh-big.json'), 'utf8')) as { items: readonly { kind: string; metadata: { name: string } }[] };
  const namespaces = object.items.filter(({ kind }) => kind === 'Namespace').map(({ metadata }) => metadata.name);
  kubectl(
    '-n',
    namespace,
    'delete',
    'secret',
    '--ignore-not-found',
    ...object.items.filter(({ kind }) => kind === 'Secret').map(({ metadata }) => metadata.name),
  );
  kubectl('delete', 'namespace', '--wait=true', ...namespaces);
}

async function benchMesh(meter: Meter, pod: string): Promise<string> {
  const parts = [...(wanted('cluster') ? [await benchCluster(meter, pod)] : []), ...(wanted('harm') ? [await benchHarm(pod)] : [])];
  return parts.join('\n');
}

/** One command of the demo's fleet of each size. */
async function benchFleet(): Promise<string> {
  const lines: string[] = [];
  for (const pods of [1, 10, 50, 200]) {
    for (const words of [['routes'], ['status']]) {
      const cost = await costAgainstDemo(Math.max(pods, 3), pods === 1 ? [...words, '--pod', '*66qlf'] : words);
      lines.push(`| \`${words[0]}\` | ${pods} | ${cost.wallMs.toFixed(0)} ms | ${cost.cpuMs.toFixed(0)} ms | ${cost.rssMiB.toFixed(0)} MiB |`);
      process.stderr.write(`${lines.at(-1)}\n`);
    }
  }
  return `## Two hundred pods\n\nAgainst the demo's server in a process of its own, on the same two cores.\n\n${table(['', 'pods', 'wall', 'CPU', 'memory'], lines)}\n`;
}

async function costAgainstDemo(pods: number, words: readonly string[]): Promise<Cost> {
  const server = spawn(binaryFile, ['demo', '--serve', '--pods', String(pods)], { stdio: ['ignore', 'pipe', 'ignore'] });
  const exited = once(server, 'exit');
  try {
    const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
    const meter = openMeter({ ...process.env, KUBECONFIG: line.replace('export KUBECONFIG=', '') });
    const costs: Cost[] = [];
    for (let round = 0; round <= Math.min(rounds, 5); round++) costs.push(await meter.measure(kii(...words)));
    meter.close();
    return medianCost(costs.slice(1));
  } finally {
    server.kill('SIGINT');
    await exited;
  }
}

async function main(): Promise<void> {
  await build();
  const meter = openMeter(environment);
  const parts = [
    ...(wanted('start') ? [await benchStart(meter)] : []),
    ...(wanted('cluster') || wanted('harm') ? [await withMesh((pod) => benchMesh(meter, pod))] : []),
    ...(wanted('fleet') ? [await benchFleet()] : []),
  ];
  meter.close();
  mkdirSync(join(root, 'docs'), { recursive: true });
  writeFileSync(join(root, 'docs/bench.md'), `${head()}\n${parts.join('\n')}`);
}

const head = (): string => `# What the tool costs

Written by \`npm run bench\` (${rounds} rounds a row, in turns; the median, and the quartiles in parentheses). Servers, Envoys and clients share
two cores of one machine, so the ratios say more than the milliseconds. An aim is what the ratio of wall times should be at most.
`;

await main();
