// What config-dump saved answers as the pods did: the same bytes, whatever the command, its filters and its format.

import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Command } from '#command/command.ts';
import { commands } from '#commands/all.gen.ts';
import { type DemoCluster, type Said, withDemo } from '../support/run-command.ts';

/** Live, they also compare with Secrets of Kubernetes, which are not saved; from a directory they say so. */
const compareWithSecrets: readonly string[] = ['certs', 'check'];

/** A URL or --request-id; its lines are below. */
const takesEither: readonly string[] = ['explain'];

/** One pod's dump; logs and rights, which only a snapshot has. */
const askMore: readonly string[] = ['config-dump', 'doctor', 'report', 'timeline', 'top'];

/** Files of objects or --delete; its line is below. */
const takesFiles: readonly string[] = ['preview'];

/** A command that takes the directory of --from, and can be asked without words of its own. */
const readsDirectory = ({ usesCluster, needsLive, flags, arguments: words = [] }: Command): boolean =>
  usesCluster !== false && !needsLive && !('from' in flags) && words.every(({ optional }) => optional);

const commandLines: readonly string[] = [
  ...commands
    .filter(
      (command) =>
        readsDirectory(command) &&
        ![...compareWithSecrets, ...takesEither, ...askMore, ...takesFiles].includes(command.name),
    )
    .map(({ name }) => name),
  'status -o json',
  'routes --host svc1.discovery.wmnet -o wide',
  'secrets -o json',
  'listeners -o yaml',
  'listeners --pod *-66qlf -o envoy',
  'clusters --whole-mesh -o json',
  'clusters --pod *-66qlf -o envoy',
  'endpoints --whole-mesh -o wide',
  'endpoints --health none -o json',
  'endpoints --pod *-66qlf -o envoy',
  'diff -o json',
  'preview --delete virtualservice/svc1/two',
  'explain https://svc1.discovery.wmnet/two',
  'explain http://svc1.discovery.wmnet/ -o json',
];

/** Next steps name the directory. */
const unnamed = (said: Said, saved: string): Said => ({ ...said, out: said.out.replaceAll(` --from ${saved}`, '') });

async function compare({ kii, directory }: DemoCluster): Promise<void> {
  const saved = `${directory}/saved`;
  await kii(['config-dump', '--dir', saved]);
  for (const line of commandLines) {
    const live = await kii(line);
    assert.ok(live.out.length > 20, line);
    assert.equal(unnamed(await kii([...line.split(' '), '--from', saved]), saved), live, line);
  }
}

test(`a saved fleet answers as the live one (${commandLines.length} command lines)`, () => withDemo({}, compare));

test('what was saved before pods outside of --pod were known answers as well', () =>
  withDemo({}, async ({ kii, directory }) => {
    const saved = `${directory}/saved`;
    await kii(['config-dump', '--dir', saved]);
    const index = JSON.parse(readFileSync(`${saved}/index.json`, 'utf8'));
    delete index.gateway.others;
    writeFileSync(`${saved}/index.json`, JSON.stringify(index));
    for (const line of ['diff', 'endpoints --pod *-66qlf'])
      assert.equal(await kii([...line.split(' '), '--from', saved]), await kii(line), line);
  }));

test('a directory of a stranger stays inside itself, and is read as what it says it is', () =>
  withDemo({}, async ({ kii, directory }) => {
    const saved = `${directory}/saved`;
    await kii(['config-dump', '--dir', saved]);
    const index = readFileSync(`${saved}/index.json`, 'utf8');
    const pod = JSON.parse(index).gateway.pods[0].name as string;
    const refused = async (message: string): Promise<void> => {
      const { code, err } = await kii(['routes', '--pod', '*', '--from', saved]);
      assert.is.not(code, 0);
      assert.match(err, message);
      assert.not.match(err, 'defect');
    };
    for (const [change, message] of [
      [{ gateway: null }, 'index.json: gateway is null, not an object'],
      [{ istiods: 5 }, 'index.json: istiods is 5, not a list'],
      [{ failedPods: { x: 1 } }, 'index.json: failedPods["x"] is 1, not an object'],
      [{ generatedAt: 'NaN' }, 'index.json: generatedAt is "NaN", not a time'],
      [
        { istiods: [{ ...JSON.parse(index).gateway.pods[0], name: '../../x' }] },
        'istiods[0].name is "../../x", not a DNS name',
      ],
    ] as const) {
      writeFileSync(`${saved}/index.json`, JSON.stringify({ ...JSON.parse(index), ...change }));
      await refused(message);
    }
    writeFileSync(`${saved}/index.json`, index);
    const dump = `${saved}/pods/${pod}/config_dump.json`;
    rmSync(dump);
    symlinkSync('/dev/zero', dump);
    await refused(`cannot read ${dump}: it leads out of ${saved}`);
    rmSync(dump);
    spawnSync('mkfifo', [dump]);
    await refused('it is no regular file');
  }));

test('what is saved is for nobody else to read', () =>
  withDemo({}, async ({ kii, directory }) => {
    const saved = `${directory}/saved`;
    await kii(['config-dump', '--dir', saved]);
    for (const name of ['.', ...readdirSync(saved, { recursive: true, encoding: 'utf8' })]) {
      const stat = statSync(join(saved, name));
      assert.is((stat.mode & 0o777).toString(8), stat.isDirectory() ? '700' : '600', name);
    }
  }));

test('checks that need the Secrets, which are not saved, are not evaluated from it; the others find the same', () =>
  withDemo({}, async ({ kii, directory }) => {
    await kii(['config-dump', '--dir', `${directory}/saved`]);
    const skipped = '--skip KII033,KII034,KII035,KII036,KII037';
    const saved = `${directory}/saved`;
    const notSaved =
      'rejections that istiod has forgotten are not looked for: cannot read envoyfilters: config-dump does not save it\n';
    assert.equal(unnamed(await kii(['check', ...skipped.split(' '), '--from', saved]), saved), {
      ...(await kii(`check ${skipped}`)),
      err: notSaved,
    });
    const { code, out } = await kii(['check', '--from', `${directory}/saved`]);
    assert.is(code, 1);
    assert.match(
      out,
      /not evaluated: secret-missing \(KII034\), secret-newer \(KII035\), certificate-issuer \(KII036\): .*config-dump does not save/,
    );
  }));

test('a pod that failed when the fleet was saved fails in the same words', () =>
  withDemo({ faults: [{ pod: '*-gfn8x', at: 'connection', does: 'refuse' }] }, async ({ kii, directory }) => {
    assert.is((await kii(['config-dump', '--dir', `${directory}/saved`])).code, 3);
    for (const kind of ['routes', 'listeners', 'clusters', 'endpoints']) {
      const live = await kii(kind);
      assert.is(live.code, 3);
      assert.equal(await kii([kind, '--from', `${directory}/saved`]), live);
    }
  }));

test('what might not be read when the fleet was saved is not known from it either, and for the same reason', () =>
  withDemo(
    {
      faults: [
        { resource: 'endpointslices', at: 'request', does: 'status', code: 403, reason: 'Forbidden', message: 'no' },
      ],
    },
    async ({ kii, directory }) => {
      await kii(['config-dump', '--dir', `${directory}/saved`]);
      const live = await kii('endpoints');
      assert.match(live.err, 'cannot tell which pods and nodes are behind the endpoints');
      assert.equal(await kii(['endpoints', '--from', `${directory}/saved`]), live);
    },
  ));

test.run();
