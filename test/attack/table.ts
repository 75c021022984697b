// Which tests try which rows of the table of attacks. The tests of this folder name their rows themselves;
// here are the rows that a test elsewhere tries. `npm run attack` runs them all and prints the table.

/** Rows that once failed. 12, 18, 21 and others were kept back by who attacked; 115 and 124 are nothing of ours. */
export const failedOnce: readonly number[] = [
  3, 4, 5, 6, 8, 9, 10, 11, 13, 14, 16, 17, 19, 20, 22, 27, 30, 31, 32, 34, 35, 36, 37, 41, 42, 43, 46, 52, 53, 54, 61,
  74, 75, 81, 82, 83, 84, 92, 93, 99, 100, 106, 108, 109, 113, 116, 117, 121, 122, 126, 129, 130, 141,
];

export interface Elsewhere {
  readonly rows: readonly number[];
  readonly kind: string;
  /** Below test/. */
  readonly file: string;
  /** The beginning of the titles that count; all of the file where it is not given. */
  readonly title?: string;
}

export const elsewhere: readonly Elsewhere[] = [
  {
    rows: [14, 15, 16, 17, 19, 20, 22, 27],
    kind: 'terminal',
    file: 'render/gate.test.ts',
    title: 'every text of a saved directory',
  },
  { rows: [3, 4, 5, 6, 7, 8], kind: 'terminal', file: 'render/gate.test.ts', title: 'every field of an exported' },
  { rows: [9], kind: 'terminal', file: 'render/gate.test.ts', title: 'what an API server answers' },
  { rows: [24], kind: 'terminal', file: 'render/gate.test.ts', title: 'documents on a terminal' },
  { rows: [8, 15], kind: 'terminal', file: 'render/gate.test.ts', title: 'a real terminal' },
  { rows: [31], kind: 'completion', file: 'completion/shells.test.ts' },
  { rows: [31, 32], kind: 'completion', file: 'completion/complete.test.ts', title: 'a name that a shell would read' },
  { rows: [30], kind: 'shell', file: 'commands/next-steps.test.ts' },
  { rows: [33, 34, 35, 36, 37, 41, 42], kind: 'secrets', file: 'commands/planted-secrets.test.ts' },
  { rows: [33, 34, 36, 37, 41, 45], kind: 'secrets', file: 'dump/redaction.test.ts' },
  { rows: [54, 130], kind: 'paths', file: 'files/private-directory.test.ts' },
  { rows: [108, 109, 113], kind: 'paths', file: 'files/read-file.test.ts' },
  { rows: [106, 108, 109, 111], kind: 'paths', file: 'commands/from.test.ts', title: 'a directory of a stranger' },
  { rows: [52], kind: 'paths', file: 'commands/from.test.ts', title: 'what is saved is for nobody' },
  { rows: [58, 59, 60, 61, 62, 63, 65], kind: 'door', file: 'cluster/local/loopback-door.test.ts' },
  { rows: [78], kind: 'limits', file: 'cluster/access/connection.test.ts', title: 'a plugin that' },
  { rows: [], kind: 'shell', file: 'cluster/access/windows-plugin.test.ts' },
  { rows: [96], kind: 'limits', file: 'cluster/stream/watch.test.ts' },
  { rows: [96, 97], kind: 'limits', file: 'core/lines.test.ts' },
  { rows: [81, 82, 83, 86], kind: 'limits', file: 'cluster/access/rest.test.ts' },
  { rows: [92], kind: 'limits', file: 'cluster/stream/port-forward.test.ts', title: 'a node whose error' },
  { rows: [93, 94], kind: 'limits', file: 'cluster/stream/exec.test.ts' },
  { rows: [99], kind: 'time', file: 'core/glob.test.ts', title: 'reads a name at most' },
  { rows: [100, 101, 102], kind: 'time', file: 'accesslog/hostile-lines.test.ts' },
  { rows: [135], kind: 'signals', file: 'commands/interrupt.test.ts' },
  { rows: [138], kind: 'signals', file: 'commands/log-level-process.test.ts' },
  { rows: [88, 103, 105], kind: 'types', file: 'faults/fuzz.test.ts' },
  { rows: [116, 117, 118], kind: 'supply chain', file: 'scripts/supply-chain.test.ts' },
];
