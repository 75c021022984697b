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

async function printed({ template, chart, chartVersion, release, namespace, defaults, values }: Case): Promise<string> {
  const files = [defaults, ...values].flatMap((one, index) => {
    const path = join(folder, `${index}.yaml`);
    writeFileSync(path, JSON.stringify(one));
    return ['--values', path];
  });
  const names = ['--chart', chart, '--chart-version', chartVersion, '--release', `${namespace}/${release}`];
  const { out, err, code } = await kii(
    'preview',
    ...files,
    '--template',
    template,
    ...names,
    '--print',
    '--fail-on',
    'info',
  );
  assert.ok(code === 0 || code === 1, err);
  return out;
}

test.before(() => {
  for (const name of namespaces) apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
});

test.after(() => {
  kubectl('delete', 'namespace', ...namespaces, '--wait=false');
  rmSync(folder, { recursive: true });
});

test(`the API server takes what is printed of ${cases.length} stanzas`, async () => {
  const documents: string[] = [];
  for (const one of cases) documents.push(await printed(one));
  const args = ['apply', '--dry-run=server', '-f', '-', '-o', 'name'];
  const { status, stdout, stderr } = spawnSync('kubectl', args, {
    env: environment,
    encoding: 'utf8',
    input: documents.join('---\n'),
  });
  assert.is(status, 0, stderr);
  const objects = cases.reduce((sum, one) => sum + (one.objects?.length ?? 0), 0);
  assert.is(stdout.trim().split('\n').length, objects);
});

test.run();
