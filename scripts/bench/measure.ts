// What a command costs, and how one stands to another: run in turns, so that what else the machine does meets both
// alike.

import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export interface Cost {
  readonly wallMs: number;
  readonly cpuMs: number;
  readonly rssMiB: number;
}

export interface Comparison {
  /** Medians. */
  readonly ours: Cost;
  readonly theirs: Cost;
  readonly wall: Ratio;
  readonly cpu: Ratio;
  /** What the requests alone take. */
  readonly bare: { readonly wall: Ratio; readonly cpu: Ratio } | undefined;
}

/** Of the rounds: ours divided by theirs. */
export interface Ratio {
  readonly median: number;
  /** Quartiles. */
  readonly low: number;
  readonly high: number;
}

export interface Meter {
  /** Throws where the command does not end with one of `codes`. */
  measure(words: readonly string[], codes?: readonly number[]): Promise<Cost>;
  close(): void;
}

export function openMeter(env: NodeJS.ProcessEnv): Meter {
  const child = spawn('python3', [new URL('./measure.py', import.meta.url).pathname], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    measure: async (words, codes = [0]) => {
      child.stdin.write(`${JSON.stringify(words)}\n`);
      const { value } = await lines.next();
      if (value === undefined) throw new Error(`cannot run ${words.join(' ')}: measure.py ended`);
      const { code, said, ...cost } = JSON.parse(value) as Cost & { readonly code: number; readonly said: string };
      if (!codes.includes(code)) throw new Error(`${words.join(' ')} ended with ${code}: ${said}`);
      return cost;
    },
    close: () => child.stdin.end(),
  };
}

/** Command lines. */
export interface Compared {
  readonly ours: readonly string[];
  readonly theirs: readonly string[];
  /** A program that makes our requests and no more. */
  readonly bare?: readonly string[] | undefined;
}

/** The first round of each warms the caches of disk and server, and does not count. */
export async function compare(meter: Meter, rounds: number, { ours, theirs, bare }: Compared): Promise<Comparison> {
  const all: { readonly ours: Cost; readonly theirs: Cost; readonly bare: Cost | undefined }[] = [];
  for (let round = 0; round <= rounds; round++)
    all.push({
      ours: await meter.measure(ours, [0, 1]),
      theirs: await meter.measure(theirs),
      bare: bare && (await meter.measure(bare)),
    });
  const counted = all.slice(1);
  const ratios = (costOf: (one: (typeof all)[number]) => Cost) => ({
    wall: ratio(counted.map((one) => costOf(one).wallMs / one.theirs.wallMs)),
    cpu: ratio(counted.map((one) => costOf(one).cpuMs / one.theirs.cpuMs)),
  });
  return {
    ours: medianCost(counted.map((one) => one.ours)),
    theirs: medianCost(counted.map((one) => one.theirs)),
    ...ratios((one) => one.ours),
    bare: bare && ratios((one) => one.bare as Cost),
  };
}

export const medianCost = (costs: readonly Cost[]): Cost => ({
  wallMs: quantile(
    costs.map(({ wallMs }) => wallMs),
    0.5,
  ),
  cpuMs: quantile(
    costs.map(({ cpuMs }) => cpuMs),
    0.5,
  ),
  rssMiB: quantile(
    costs.map(({ rssMiB }) => rssMiB),
    0.5,
  ),
});

const ratio = (values: readonly number[]): Ratio => ({
  median: quantile(values, 0.5),
  low: quantile(values, 0.25),
  high: quantile(values, 0.75),
});

/** By linear interpolation. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const [below = Number.NaN, above = below] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return below + (above - below) * (at - Math.floor(at));
}
