// The examples in the help of every command, run on the demo as they stand: each does what it says and is not refused.

import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '#commands/all.gen.ts';
import { ToolError } from '#core/error.ts';
import { type DemoCluster, withDemo } from '../support/run-command.ts';

/** What examples call NAME. */
const pod = 'istio-ingressgateway-66qlf';

/** Those that go on until Ctrl-C. */
const isEndless = (args: string): boolean =>
  /--serve|^serve|^wait --for (?!version=1\.31$)|(^| )-f( |$)|--follow|^port-forward|^top( |$)|^log-level \S+:/.test(
    args,
  );

const place = mkdtempSync(join(tmpdir(), 'kii-examples-'));
const home = process.cwd();
test.after(() => {
  process.chdir(home);
  rmSync(place, { recursive: true });
});

/** The words as a shell takes them apart; single quotes are enough for examples. */
const wordsOf = (args: string): string[] =>
  [...args.replaceAll('NAME', pod).matchAll(/'([^']*)'|(\S+)/g)].map(([, quoted, word]) => quoted ?? word ?? '');

const virtualService = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: own, namespace: svc1}
spec: {hosts: [svc1.discovery.wmnet], gateways: [svc1-main], http: [{directResponse: {status: 200}}]}
`;

/** Examples read directories of config-dump, `incident` and `before`, snapshots and exported logs beside them. */
async function inDirectory(index: number, args: string, { kii }: DemoCluster): Promise<void> {
  const saved = join(place, 'saved');
  if (index === 0) {
    assert.is((await kii(['config-dump', '--dir', saved])).code, 0);
    assert.is((await kii(['snapshot', `${saved}.tgz`])).code, 0);
  }
  const own = mkdtempSync(join(place, 'own-'));
  for (const name of ['incident', 'before'])
    if (!args.includes(`--dir ${name}`)) cpSync(saved, join(own, name), { recursive: true });
  for (const name of ['incident.tgz', 'before.tgz'])
    if (!args.startsWith('snapshot ')) cpSync(`${saved}.tgz`, join(own, name));
  writeFileSync(join(own, 'export.json.gz'), gzipSync(JSON.stringify({ message: '[2026-11-23T12:08:09.480Z] cut' })));
  writeFileSync(join(own, 'known.yaml'), '[]');
  mkdirSync(join(own, 'manifests'));
  mkdirSync(join(own, 'values'));
  writeFileSync(join(own, 'values', 'main.yaml'), 'namespaces: {svc1: {}}\n');
  for (const name of ['ingress.yaml', 'manifests/ingress.yaml']) writeFileSync(join(own, name), virtualService);
  writeFileSync(join(own, 'values.yaml'), 'mesh: {public_port: 4001}\ningress: {enabled: true}\n');
  const templates = join(own, 'charts', 'miscweb', 'templates');
  mkdirSync(join(templates, 'vendor', 'ingress'), { recursive: true });
  writeFileSync(join(templates, 'vendor', 'ingress', 'istio_1.1.0.tpl'), '');
  writeFileSync(join(templates, 'ingress.yaml'), '{{ include "ingress.istio.default" . }}');
  writeFileSync(join(templates, '..', 'Chart.yaml'), 'name: miscweb\nversion: 0.1.0\n');
  writeFileSync(
    join(templates, '..', 'values.yaml'),
    'ingress: {existingGatewayName: "", httproutes: [], gatewayHosts: {}}\n',
  );
  process.chdir(own);
}

function pathWithPlugin(): string {
  const bin = join(place, 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'kubectl-istio_ingress'), '');
  chmodSync(join(bin, 'kubectl-istio_ingress'), 0o755);
  return bin;
}

const examples = commands.flatMap((command) => command.examples);

test('every command has an example of its own', () => {
  assert.equal(
    commands
      .filter(({ name, examples: own }) => !own.some(({ args }) => args.split(' ')[0] === name))
      .map(({ name }) => name),
    [],
  );
});

for (const [index, { args }] of examples.entries()) {
  test(`kubectl istio-ingress ${args}`, () =>
    withDemo({}, async (cluster) => {
      await inDirectory(index, args, cluster);
      const end = new AbortController();
      const timer = setTimeout(
        () => end.abort(new ToolError('interrupted', 'the example has run long enough')),
        isEndless(args) ? 500 : 30_000,
      );
      const env = {
        KUBECONFIG: join(cluster.directory, 'kubeconfig'),
        HOME: cluster.directory,
        PATH: pathWithPlugin(),
      };
      const { code, out, err } = await cluster.kii(wordsOf(args), {
        env,
        signal: end.signal,
        // Of examples `preview -` alone reads it.
        openStdin: () => Readable.from([Buffer.from(virtualService)]),
      });
      clearTimeout(timer);
      assert.ok((isEndless(args) ? [0, 130] : [0, 1]).includes(code), `exit code ${code}\n${out}${err}`);
      assert.not.match(err, /^error:/m);
    }));
}

test.run();
