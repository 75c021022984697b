// What `preview --print` writes of a chart's stanza, before a real API server: it takes each of the objects. The stanzas
// are those that helm has rendered for test/analysis/chart.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apply, environment, kii, kubectl } from './truth/cluster.ts';

interface Case {
  readonly template: string;
  readonly chart: string;
  readonly chartVersion: string;
  readonly release: string;
  readonly namespace: string;
  readonly defaults: object;
  readonly values: readonly object[];
  readonly objects?: readonly object[];
}

const file = new URL('../analysis/chart/rendered.json', import.meta.url);
const cases = (JSON.parse(readFileSync(file, 'utf8')) as readonly Case[]).filter(
  ({ objects = [] }) => objects.length > 0,
);
const namespaces = [...new Set(cases.map(({ namespace }) => namespace))];
const folder = mkdtempSync(join(tmpdir(), 'kii-print-'));

/** Undefined where it is refused: for what the API server has no type for, or for labels that are too long. */
async function printed(one: Case): Promise<string | undefined> {
  const { template, chart, chartVersion, release, namespace, defaults, values } = one;
  const files = [defaults, ...values].flatMap((file, index) => {
    const path = join(folder, `${index}.yaml`);
    writeFileSync(path, JSON.stringify(file));
    return ['--values', path];
  });
  const names = ['--chart', chart, '--chart-version', chartVersion, '--release', `${namespace}/${release}`];
  const { out, err, code } = await kii('preview', ...files, '--template', template, ...names, '--print');
  if (err.includes('(KII090)')) return undefined;
  if (code !== 2) return out;
  assert.match(err, /^error: cannot read \S+: \w+ \S+: spec\S+ is .+, not a/);
  return undefined;
}

const dryRun = (input: string): ReturnType<typeof spawnSync> =>
  spawnSync('kubectl', ['apply', '--dry-run=server', '-f', '-', '-o', 'name'], { env: environment, input });

test.before(() => {
  for (const name of namespaces) apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
});

test.after(() => {
  kubectl('delete', 'namespace', ...namespaces, '--wait=false');
  rmSync(folder, { recursive: true });
});

test(`the API server takes what is printed of ${cases.length} stanzas, and nothing of those that are refused`, async () => {
  const taken: string[] = [];
  for (const one of cases) {
    const document = await printed(one);
    if (document !== undefined) {
      taken.push(document);
      continue;
    }
    const list = { apiVersion: 'v1', kind: 'List', items: one.objects };
    assert.is.not(dryRun(JSON.stringify(list)).status, 0);
  }
  assert.ok(taken.length > cases.length / 3, `${taken.length}`);
  const { status, stderr } = dryRun(taken.join('---\n'));
  assert.is(status, 0, String(stderr));
});

test.run();
