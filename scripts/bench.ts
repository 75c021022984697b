// `npm run bench`: what the binary costs, side by side with istioctl and kubectl in one run, as ratios; these machines
// are noisy.
//   npm run bench -- [--rounds N] [--services N] [--keep] [start] [cluster] [far] [harm] [gateways] [fleet] [logs]
//   npm run bench -- profile -- COMMAND…     against the cluster of KUBECONFIG: prints where its time goes
// `start`, `cluster`, `far`, `harm` and `gateways` need the real cluster (test/real-cluster/harness); for the latter four a
// mesh of `--services` services is added, and the cluster ended afterwards unless --keep is given. `far` is what commands
// take where the API server is 50 ms away, `harm` what the gateways' users notice, `gateways` runs twelve Envoys instead of three. `fleet` asks the demo's server, in a process
// of its own, for 1 to 200 pods. `logs` reads files of --megabytes that it writes into the temporary directory. Writes
// the tables into docs/bench.md; parts that are not asked for keep theirs. What limits a row is said here, by hand:
// look at it when a figure changes.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { type BareCommand, bareRequests } from './bench/bare.ts';
import { farAway } from './bench/distance.ts';
import { measureHarm } from './bench/harm.ts';
import { measureLogs } from './bench/logs.ts';
import { type Comparison, type Cost, compare, type Meter, medianCost, openMeter, type Ratio } from './bench/measure.ts';
import { profileOf } from './bench/profile.ts';
import { withSections } from './bench/report.ts';
import { writeExecutable } from './binary/executable.ts';
import { thisPlatform } from './binary/targets.ts';
import { binaryFile, build } from './build.ts';

const root = join(import.meta.dirname, '..');
const state = process.env['KII_CLUSTER_STATE'] ?? join(homedir(), '.cache/kii-cluster');
const namespace = 'istio-system';

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '15' },
    services: { type: 'string', default: '750' },
    keep: { type: 'boolean', default: false },
    megabytes: { type: 'string', default: '1000' },
  },
});
const rounds = Number(options.rounds);
const wanted = (part: string): boolean => positionals.length === 0 || positionals.includes(part);

/** PATH has the harness's kubectl and istioctl first. */
const environment: NodeJS.ProcessEnv = {
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('KII_'))),
  PATH: `${join(state, 'run/istio')}:${join(state, 'bin')}:${process.env['PATH']}`,
  KUBECONFIG: join(state, 'run/kubeconfig'),
};

interface Row {
  readonly what: string;
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  /** A program that asks what ours asks, of this pod or of all, and does nothing with the answers. */
  readonly bare?: { readonly command: BareCommand; readonly pod?: string };
  /** What the ratios of wall time and CPU should be at most, those of issue 21; empty where nothing was set. */
  readonly aim: string;
  /** What keeps it from being faster. */
  readonly limit: string;
}

const kii = (...words: readonly string[]): readonly string[] => [binaryFile, ...words];

/** What Node alone costs as a single binary. */
function emptyBinary(): string {
  const [binary, boot] = [join(root, 'dist/empty'), join(root, 'dist/empty.cjs')];
  const node = process.execPath;
  writeFileSync(boot, '');
  writeExecutable(
    { platform: thisPlatform, nodeVersion: process.versions.node, node, builder: node, boot, assets: [] },
    binary,
  );
  return binary;
}

function startRows(): readonly Row[] {
  const kubectl = ['kubectl', 'version', '--client'];
  return [
    { what: '`--version`', ours: kii('--version'), theirs: kubectl, aim: '', limit: 'Node’s own start' },
    {
      what: '`--version` against istioctl',
      ours: kii('--version'),
      theirs: ['istioctl', 'version', '--remote=false'],
      aim: '',
      limit: 'Node’s own start',
    },
    {
      what: '`--version` against `node -e 0`',
      ours: kii('--version'),
      theirs: [process.execPath, '-e', '0'],
      aim: '',
      limit: 'Node’s own start',
    },
    {
      what: '`--version` against a binary without a program',
      ours: kii('--version'),
      theirs: [emptyBinary()],
      aim: '',
      limit: 'Node’s own start',
    },
    { what: '`--help`', ours: kii('--help'), theirs: kubectl, aim: '1.0 · 1.0', limit: 'Node’s start, and yargs' },
    {
      what: 'Tab after `--context`, which loads the kubeconfig',
      ours: kii('__complete', 'routes', '--context', ''),
      theirs: kubectl,
      aim: '1.0 · 1.0',
      limit: 'Node’s start, and the code that V8 reads from its cache',
    },
    {
      what: '`status` of the demo, all of it; kubectl asks nobody',
      ours: kii('status'),
      theirs: kubectl,
      aim: '2.4',
      limit: 'Node’s network and TLS; the demo’s server on the same cores',
    },
  ];
}

/** As much as istioctl shows: of clusters and endpoints those of the whole mesh. */
const kinds: readonly {
  readonly kind: BareCommand;
  readonly flags?: readonly string[];
  readonly aim: string;
  readonly limit: string;
}[] = [
  {
    kind: 'routes',
    aim: '0.95 · 1.0',
    limit:
      'Envoy, 85 to 140 ms; then 1,400 routes are read and laid out by code that has never run before, and all VirtualServices, which alone name delegates',
  },
  { kind: 'listeners', aim: '0.75 · 0.8', limit: 'Envoy, 120 to 220 ms' },
  {
    kind: 'clusters',
    flags: ['--whole-mesh'],
    aim: '0.85 · 0.9',
    limit: 'Envoy, 200 to 390 ms',
  },
  {
    kind: 'endpoints',
    flags: ['--whole-mesh'],
    aim: '0.7 · 0.7',
    limit: 'Envoy, 130 ms; then 4.5 MB of JSON',
  },
  {
    kind: 'secrets',
    aim: '0.95 · 1.0',
    limit: 'Envoy, 30 ms; then 767 certificates are read, 50 ms, on top of what Node takes',
  },
];

interface RowsOfKind {
  readonly kind: BareCommand;
  readonly one: Row;
  readonly three: Row;
  readonly turn: Row;
}

/** istioctl reads one pod; to read three, somebody types it three times. */
const inTurn = (commands: readonly (readonly string[])[]): readonly string[] => [
  'sh',
  '-c',
  commands.map((words) => words.join(' ')).join(' && '),
];

function kindRows(pod: string, pods: readonly string[]): readonly RowsOfKind[] {
  return kinds.map(({ kind, flags = [], aim, limit }) => {
    const words = [kind, ...flags];
    const name = `\`${words.join(' ')}\``;
    const theirsOf = (name: string): readonly string[] => ['istioctl', '-n', namespace, 'proxy-config', kind, name];
    const theirs = theirsOf(pod);
    return {
      kind,
      one: {
        what: `${name} of one pod`,
        ours: kii(...words, '--pod', pod),
        theirs,
        bare: { command: kind, pod },
        aim,
        limit,
      },
      three: {
        what: `${name} of three pods`,
        ours: kii(...words),
        theirs,
        aim: '',
        limit: 'the three Envoys and the API server share the cores with it',
      },
      turn: {
        what: `${name} of three pods, istioctl for each in turn`,
        ours: kii(...words),
        theirs: inTurn(pods.map(theirsOf)),
        bare: { command: kind },
        aim: '0.45 · 0.4',
        limit: 'as above',
      },
    };
  });
}

function wholeRows(pod: string): readonly Row[] {
  const all = ['istioctl', '-n', namespace, 'proxy-config', 'all', pod, '-o', 'json'];
  return [
    {
      what: '`config-dump` of one pod, `all -o json`',
      ours: kii('config-dump', '--pod', pod),
      theirs: all,
      bare: { command: 'config-dump', pod },
      aim: '1.2 · 1.3',
      limit: 'private keys are taken out of all of it: 17 MB are parsed, looked through, and written again',
    },
    {
      what: '`status` of three pods, `proxy-status`',
      ours: kii('status'),
      theirs: ['istioctl', 'proxy-status'],
      bare: { command: 'status' },
      aim: '2.0 · 2.5',
      limit: 'asks every Envoy for its routes and certificates; proxy-status asks istiod alone',
    },
    {
      what: '`explain` on three pods, `all -o json` of one',
      ours: kii('explain', 'https://big7.discovery.wmnet/'),
      theirs: all,
      bare: { command: 'explain' },
      aim: '0.8 · 1.2',
      limit: 'the listener of the port, 5 MB, of each pod',
    },
    {
      what: '`diff` of three pods, `all -o json` of one',
      ours: kii('diff'),
      theirs: all,
      bare: { command: 'diff' },
      aim: '1.8 · 2.5',
      limit: 'three Envoys make 17 MB each, what EDS says too, on the same two cores',
    },
    {
      what: '`check` of three pods, `all -o json` of one',
      ours: kii('check'),
      theirs: all,
      aim: '1.5 · 2.5',
      limit:
        'the same, of one Envoy after the other; the objects of the cluster, translated, and 765 Secrets with their keys',
    },
  ];
}

/** Of one pod, and what has no other row. Their aims are those of a server that is near. */
function farRows(pod: string): readonly Row[] {
  const rows = [...kindRows(pod, [pod]).map(({ one }) => one), ...wholeRows(pod)];
  return rows.map((row) => ({ ...row, aim: '', limit: '' }));
}

async function compareRows(
  meter: Meter,
  rows: readonly Row[],
  bareOf?: Awaited<ReturnType<typeof bareRequests>>,
): Promise<{ readonly table: string; readonly compared: ReadonlyMap<Row, Comparison> }> {
  const compared = new Map<Row, Comparison>();
  for (const row of rows) {
    const bare = row.bare && bareOf?.(row.bare.command, row.bare.pod);
    compared.set(row, await compare(meter, rounds, { ...row, bare }));
    process.stderr.write(`${describeRow(row, compared.get(row) as Comparison)}\n`);
  }
  const alone = bareOf ? ['the requests alone: wall · CPU'] : [];
  const head = [
    '',
    'wall, ours ÷ theirs',
    'aim: wall · CPU',
    'CPU, ours ÷ theirs',
    ...alone,
    'ours: wall, CPU, memory',
    'theirs: wall, CPU, memory',
    'its limit',
  ];
  return {
    table: table(
      head,
      [...compared].map(([row, comparison]) => describeRow(row, comparison, bareOf !== undefined)),
    ),
    compared,
  };
}

function describeRow(
  { what, aim, limit }: Row,
  { wall, cpu, bare, ours, theirs }: Comparison,
  hasAlone = bare !== undefined,
): string {
  const alone = hasAlone ? [bare ? `${bare.wall.median.toFixed(2)} · ${bare.cpu.median.toFixed(2)}` : ''] : [];
  const costs = [describeCost(ours), describeCost(theirs)];
  return `| ${[what, describeRatio(wall), aim, describeRatio(cpu), ...alone, ...costs, limit].join(' | ')} |`;
}

const describeRatio = ({ median, low, high }: Ratio): string =>
  `**${median.toFixed(2)}** (${low.toFixed(2)}–${high.toFixed(2)})`;
const describeCost = ({ wallMs, cpuMs, rssMiB }: Cost): string =>
  `${wallMs.toFixed(0)} ms, ${cpuMs.toFixed(0)} ms, ${rssMiB.toFixed(0)} MiB`;
const table = (head: readonly string[], lines: readonly string[]): string =>
  [`| ${head.join(' | ')} |`, `|${' --- |'.repeat(head.length)}`, ...lines].join('\n');

const kubectl = (...words: readonly string[]): string =>
  execFileSync('kubectl', words, { env: environment, encoding: 'utf8', maxBuffer: 1e9 });
const harness = (script: string, ...words: readonly string[]): void => {
  process.stderr.write(`${script} ${words.join(' ')}\n`);
  execFileSync(join(root, 'test/real-cluster/harness', script), words, { stdio: ['ignore', 'ignore', 'inherit'] });
};

/** The kubeconfig is that of the demo. */
async function benchStart(): Promise<string> {
  const { table: lines } = await withDemo(3, (meter) => compareRows(meter, startRows()));
  return `## Start\n\nOurs against \`kubectl version --client\` where no other is named.\n\n${lines}\n`;
}

/** istiod pushes, and Envoy warms, for as long after the last object. */
const settlingMs = 30_000;

/** `pod` is the one in the network that `harm` watches. */
async function withMesh<T>(bench: (pod: string, pods: readonly string[]) => Promise<T>): Promise<T> {
  harness('up', '3');
  harness('mesh');
  harness('backends');
  harness('mesh', options.services, '3', 'big');
  await setTimeout(settlingMs);
  try {
    const names = (...words: readonly string[]): readonly string[] =>
      kubectl('-n', namespace, 'get', 'pods', '-l', 'app=istio-ingressgateway', ...words, '-o', 'name')
        .trim()
        .split('\n')
        .map((name) => name.replace('pod/', ''));
    const [pod = ''] = names('--field-selector', 'spec.nodeName=node0');
    return await bench(pod, names());
  } finally {
    // The namespaces of such a mesh take many minutes to be deleted one by one.
    if (!options.keep) harness('down');
  }
}

async function benchCluster(meter: Meter, pod: string, pods: readonly string[]): Promise<string> {
  const kindsOf = kindRows(pod, pods);
  const { table: lines, compared } = await compareRows(
    meter,
    [...kindsOf.flatMap(({ one, three, turn }) => [one, three, turn]), ...wholeRows(pod)],
    await bareRequests(String(environment['KUBECONFIG'])),
  );
  const more = kindsOf.map(
    ({ kind, one, three }) =>
      `${kind} ${describeMore(compared.get(one) as Comparison, compared.get(three) as Comparison)}`,
  );
  const head = `Three gateways with ${options.services} services behind the ingress and as many others. istioctl reads one pod in every row that does not say otherwise. The requests alone: a program of Node that asks what ours asks, and does nothing with the answers but to parse those of one pod, held against istioctl as well.`;
  return `## On a real cluster\n\n${head}\n\n${lines}\n\nOne more pod takes, of the CPU of istioctl for its one: ${more.join(', ')} (aim: 8 %).\n`;
}

const roundTripMs = 50;

/** Through a proxy, of which both sides know nothing. */
async function benchFar(pod: string): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'kii-bench-'));
  const near = readFileSync(String(environment['KUBECONFIG']), 'utf8');
  const [server = ''] = /https:\/\/[\d.:]+/.exec(near) ?? [];
  const far = await farAway(new URL(server), roundTripMs);
  const kubeconfig = join(directory, 'kubeconfig');
  writeFileSync(kubeconfig, near.replace(server, far.url.origin), { mode: 0o600 });
  const meter = openMeter({ ...environment, KUBECONFIG: kubeconfig });
  try {
    const { table: lines } = await compareRows(meter, farRows(pod));
    const head = `The same mesh, with ${roundTripMs} ms from the commands to the API server and back: each connection, request and answer that waits for another one costs as much.`;
    return `## An API server ${roundTripMs} ms away\n\n${head}\n\n${lines}\n`;
  } finally {
    meter.close();
    far.close();
    rmSync(directory, { recursive: true });
  }
}

const describeMore = (one: Comparison, three: Comparison): string =>
  `${(((three.ours.cpuMs - one.ours.cpuMs) / 2 / one.theirs.cpuMs) * 100).toFixed(0)} %`;

const everyQuestion: readonly (readonly [string, readonly string[]])[] = [
  ...['status', 'routes', 'secrets', 'listeners', 'clusters', 'endpoints', 'diff', 'certs', 'check'].map(
    (name) => [`\`${name}\``, kii(name)] as const,
  ),
  ['`explain`', kii('explain', 'https://big7.discovery.wmnet/')],
];

/** Everything that is asked of pods, and the whole dump that it is held against. */
async function benchHarm(pod: string): Promise<string> {
  const dump = [
    'ip',
    'netns',
    'exec',
    'kii0',
    'curl',
    '-s',
    '-o',
    '/dev/null',
    'http://127.0.0.1:15000/config_dump?include_eds',
  ];
  const subjects: readonly (readonly [string, readonly string[]])[] = [
    ['nothing', ['true']],
    ['one whole dump (`curl`)', dump],
    ...everyQuestion.map(([name, words]) => [name, [...words, '--pod', pod]] as const),
    ['`secrets -o wide`', kii('secrets', '-o', 'wide', '--pod', pod)],
    ['`config-dump`', kii('config-dump', '--pod', pod)],
  ];
  const lines: string[] = [];
  for (const [what, words] of subjects) {
    const { ready, request, update } = await measureHarm(
      { network: 'kii0', env: environment, rounds: Math.min(rounds, 7) },
      words,
    );
    lines.push(`| ${what} | ${ready.toFixed(0)} ms | ${request.toFixed(0)} ms | ${update.toFixed(0)} ms |`);
    process.stderr.write(`${lines.at(-1)}\n`);
  }
  const columns = [
    'meanwhile',
    'slowest `/ready`',
    'slowest request through the gateway',
    'a changed route arrives after',
  ];
  const head = `The same mesh, each command for one pod (\`diff\` reads all): the gateways of a cluster do not share two cores. Medians of ${Math.min(rounds, 7)} rounds.`;
  return `## What the gateway's users notice\n\n${head}\n\n${table(columns, lines)}\n`;
}

async function benchMesh(meter: Meter, pod: string, pods: readonly string[]): Promise<void> {
  if (wanted('cluster')) write(await benchCluster(meter, pod, pods));
  if (wanted('far')) write(await benchFar(pod));
  if (wanted('harm')) write(await benchHarm(pod));
  if (wanted('gateways')) write(await benchGateways(meter));
}

/** As many Envoys as fit on this machine, each with the whole mesh. */
async function benchGateways(meter: Meter): Promise<string> {
  const lines = new Map(everyQuestion.map(([name]) => [name, [] as string[]]));
  for (const gateways of [3, 12]) {
    harness('up', String(gateways));
    harness('mesh', options.services, '3', 'big');
    for (const [name, words] of everyQuestion) {
      const costs: Cost[] = [];
      for (let round = 0; round <= Math.min(rounds, 5); round++) costs.push(await meter.measure(words, [0, 1]));
      lines.get(name)?.push(describeCost(medianCost(costs.slice(1))));
      process.stderr.write(`${gateways} × ${name}: ${lines.get(name)?.at(-1)}\n`);
    }
  }
  const rows = [...lines].map(([name, costs]) => `| ${[name, ...costs].join(' | ')} |`);
  return `## Twelve gateways\n\nThe same mesh: wall, CPU and memory.\n\n${table(['', '3 gateways', '12 gateways'], rows)}\n`;
}

/** One command of the demo's fleet of each size. */
async function benchFleet(): Promise<string> {
  const lines: string[] = [];
  for (const pods of [1, 10, 50, 200]) {
    for (const words of [['routes'], ['status']]) {
      const cost = await costAgainstDemo(Math.max(pods, 3), pods === 1 ? [...words, '--pod', '*66qlf'] : words);
      lines.push(
        `| \`${words[0]}\` | ${pods} | ${cost.wallMs.toFixed(0)} ms | ${cost.cpuMs.toFixed(0)} ms | ${cost.rssMiB.toFixed(0)} MiB |`,
      );
      process.stderr.write(`${lines.at(-1)}\n`);
    }
  }
  return `## Two hundred pods\n\nAgainst the demo's server in a process of its own, on the same two cores.\n\n${table(['', 'pods', 'wall', 'CPU', 'memory'], lines)}\n`;
}

const costAgainstDemo = (pods: number, words: readonly string[]): Promise<Cost> =>
  withDemo(pods, async (meter) => {
    const costs: Cost[] = [];
    for (let round = 0; round <= Math.min(rounds, 5); round++) costs.push(await meter.measure(kii(...words)));
    return medianCost(costs.slice(1));
  });

/** The demo's server, in a process of its own. */
async function withDemo<T>(pods: number, run: (meter: Meter) => Promise<T>): Promise<T> {
  const server = spawn(binaryFile, ['demo', '--serve', '--pods', String(pods)], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const exited = once(server, 'exit');
  try {
    const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
    const meter = openMeter({ ...environment, KUBECONFIG: line.replace('export KUBECONFIG=', '') });
    try {
      return await run(meter);
    } finally {
      meter.close();
    }
  } finally {
    server.kill('SIGINT');
    await exited;
  }
}

/** Lines that somebody exported, on the disk of this machine. */
async function benchLogs(meter: Meter): Promise<string> {
  const costs = await measureLogs({
    meter,
    binary: binaryFile,
    rounds: Math.min(rounds, 5),
    bytes: Number(options.megabytes) * 1e6,
  });
  const lines = costs.map(
    ({ what, cost, megabytesPerSecond, timesJq }) =>
      `| ${what} | **${timesJq.toFixed(1)}** | ${megabytesPerSecond.toFixed(0)} | ${describeCost(cost)} |`,
  );
  const head = `${options.megabytes} MB of the recorded requests, one in fifty failed, in Istio's JSON and in its text. To split a line of text at its spaces is less than to parse it.`;
  return `## Logs\n\n${head}\n\n${table(['', 'times jq, aim: 5', 'MB/s', 'wall, CPU, memory'], lines)}\n`;
}

async function main(): Promise<void> {
  if (positionals[0] === 'profile') {
    const env = { ...environment, KUBECONFIG: process.env['KUBECONFIG'] };
    process.stdout.write(`${(await profileOf(positionals.slice(1), env)).join('\n')}\n`);
    return;
  }
  await build();
  const meter = openMeter(environment);
  if (wanted('start')) write(await benchStart());
  if (['cluster', 'far', 'harm', 'gateways'].some(wanted)) await withMesh((pod, pods) => benchMesh(meter, pod, pods));
  if (wanted('fleet')) write(await benchFleet());
  if (wanted('logs')) write(await benchLogs(meter));
  meter.close();
}

const page = join(root, 'docs/bench.md');
/** As each part ends: a later one that fails costs nothing. */
const write = (section: string): void => writeFileSync(page, withSections(readFileSync(page, 'utf8'), [section]));

await main();
