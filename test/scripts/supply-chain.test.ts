// What others have written and we run: actions by their commit, jobs that may write run nothing of a package, Node by
// its hash, advisories judged only where somebody was asked.

import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { judgeAudit } from '../../scripts/advisories.ts';

const root = join(import.meta.dirname, '../..');
const workflows = join(root, '.github/workflows');

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Workflow {
  readonly permissions?: Readonly<Record<string, string>>;
  readonly jobs: Readonly<
    Record<string, { readonly permissions?: Readonly<Record<string, string>>; readonly steps: readonly Step[] }>
  >;
}

/** What a job that may write must not do: have the repository, or run what a package brought. */
const runsPackages = ({ uses = '', run = '' }: Step): boolean =>
  /^actions\/(?:checkout|setup-node)@/.test(uses) || /\b(?:npm|npx|node|scripts)\b/.test(run);

function workflowProblems(text: string): string[] {
  const unpinned = [...text.matchAll(/uses: (.*)$/gm)]
    .map(([, action = '']) => action)
    .filter((action) => !/^[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(action));
  const { permissions, jobs } = parse(text) as Workflow;
  const ofJobs = Object.entries(jobs).flatMap(([name, { permissions: own = permissions, steps }]) => {
    const mayWrite = own === undefined || Object.values(own).includes('write');
    const keepsToken = steps.some(
      (step) => step.uses?.startsWith('actions/checkout@') && step.with?.['persist-credentials'] !== false,
    );
    return [
      ...(own === undefined ? [`${name}: has the rights of the repository`] : []),
      ...(mayWrite && steps.some(runsPackages) ? [`${name}: may write, and runs packages`] : []),
      ...(keepsToken ? [`${name}: its checkout keeps the token`] : []),
    ];
  });
  return [...unpinned.map((action) => `not by its commit: ${action}`), ...ofJobs];
}

test('the workflows', () => {
  const files = readdirSync(workflows);
  assert.ok(files.length >= 2);
  for (const file of files) assert.equal(workflowProblems(readFileSync(join(workflows, file), 'utf8')), [], file);
});

const commit = 'a'.repeat(40);

test('a workflow that would do harm is named', () => {
  const job = (permissions: string, steps: string): string =>
    `permissions: {}\njobs:\n  a:\n    permissions: ${permissions}\n    steps:\n${steps}`;
  for (const [text, problem] of [
    [job('{contents: read}', '      - uses: actions/cache@v4\n'), 'not by its commit: actions/cache@v4'],
    [job('{contents: read}', `      - uses: a/b@${commit}\n`), `not by its commit: a/b@${commit}`],
    [job('{id-token: write}', '      - run: npm ci\n'), 'a: may write, and runs packages'],
    [job('{contents: write}', '      - run: node x.ts\n'), 'a: may write, and runs packages'],
    [job('{contents: read}', `      - uses: actions/checkout@${commit} # v5.0.1\n`), 'a: its checkout keeps the token'],
    ['jobs:\n  a:\n    steps:\n      - run: ls\n', 'a: has the rights of the repository'],
  ] as const)
    assert.equal(workflowProblems(text), [problem]);
});

test('an advisory is a failure; a registry that cannot be asked is not judged', () => {
  const found = {
    auditReportVersion: 2,
    vulnerabilities: {
      a: { name: 'a', severity: 'high', range: '<2', via: [{ title: 'it is bad', url: 'https://x' }, 'b'] },
    },
  };
  assert.equal(judgeAudit(JSON.stringify(found)), {
    exitCode: 1,
    lines: ['high: a <2: it is bad (https://x); through b'],
  });
  assert.is(judgeAudit('{"auditReportVersion":2,"vulnerabilities":{}}').exitCode, 0);
  for (const report of ['', '<html>', '{"message":"request failed","error":{}}']) {
    const { exitCode, lines } = judgeAudit(report);
    assert.is(exitCode, 0);
    assert.match(lines[0] ?? '', /^not judged: /);
  }
});

test('another Node than the pinned one is not run', () => {
  const directory = mkdtempSync(join(tmpdir(), 'kii-node-'));
  try {
    for (const folder of ['scripts', 'node_modules/node/bin']) mkdirSync(join(directory, folder), { recursive: true });
    for (const file of ['run.cjs', 'node-executables.json'])
      cpSync(join(root, 'scripts', file), join(directory, 'scripts', file));
    for (const file of ['package-lock.json', 'node_modules/.package-lock.json'])
      writeFileSync(join(directory, file), '{"packages":{}}');
    const node = process.platform === 'win32' ? 'node.exe' : 'node';
    writeFileSync(join(directory, 'node_modules/node/bin', node), '#!/bin/sh\necho ran\n', { mode: 0o755 });
    const { status, stdout, stderr } = spawnSync(process.execPath, [join(directory, 'scripts/run.cjs'), 'x'], {
      encoding: 'utf8',
    });
    assert.equal([status, stdout], [1, '']);
    assert.match(stderr, /its SHA-256 is [0-9a-f]{64}, not [0-9a-f]{64}\n {2}remove node_modules/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});

test.run();
