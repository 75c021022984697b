// `doctor` against a cluster in which one thing after the other is not as it should be.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '#apiserver/fault.ts';
import { golden } from '../support/golden.ts';
import { type DemoCluster, runCommand, type Said, withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

interface Item {
  readonly name: string;
  readonly state: string;
  readonly says: string;
  readonly hint?: string;
}

const itemsOf = ({ out }: Said): readonly Item[] => (JSON.parse(out) as { items: readonly Item[] }).items;

/** Those that are not as they should be: `name state: says (hint)`. */
const trouble = (said: Said): string[] =>
  itemsOf(said)
    .filter(({ state }) => state !== 'ok')
    .map(({ name, state, says, hint }) => `${name} ${state}: ${says}${hint === undefined ? '' : ` (${hint})`}`);

async function ask({ kii }: DemoCluster, words = 'doctor'): Promise<Said> {
  const said = await kii(`${words} -o json`);
  assert.equal(schemaErrors(JSON.parse(said.out)), []);
  return said;
}

/** What differs from run to run. */
const stable = (text: string, { demo, directory }: DemoCluster): string =>
  text
    .replaceAll(demo.url, 'https://127.0.0.1:6443')
    .replaceAll(directory, '/home/me/.kube')
    .replace(/\d+ ms/g, '9 ms');

const deny = (resource: string, ...verbs: readonly string[]): Fault[] =>
  verbs.length === 0
    ? [{ at: 'review', does: 'deny', resource }]
    : verbs.map((verb) => ({ at: 'review', does: 'deny', resource, verb }));

const status = (on: 'list' | 'portforward' | 'exec' | 'review' | 'other', code: number, message: string): Fault => ({
  at: 'request',
  on,
  does: 'status',
  code,
  message,
  reason: code === 403 ? 'Forbidden' : 'InternalError',
});

test('all is well: a line for each thing, exit code 0', () =>
  withDemo({}, async (cluster) => {
    const { code, out, err } = await cluster.kii('doctor');
    assert.equal([code, err], [0, '']);
    golden('commands/doctor/well.txt', stable(out, cluster));
    assert.equal(trouble(await ask(cluster)), []);
  }));

test('the least rights of the README suffice to find the gateway: to list pods, not to get one', () =>
  withDemo({ faults: [...deny('pods', 'get')] }, async (cluster) => {
    assert.is((await ask(cluster)).code, 0);
  }));

test('missing rights are lines with what is lost, and a rule to apply', () =>
  withDemo(
    {
      faults: [
        ...deny('pods/portforward', 'create'),
        ...deny('deployments'),
        ...deny('replicasets', 'list'),
        ...deny('nodes'),
        ...deny('secrets'),
      ],
    },
    async (cluster) => {
      const { code, out } = await cluster.kii('doctor');
      assert.is(code, 1);
      golden('commands/doctor/rights.txt', stable(out, cluster));
    },
  ));

test("a user and password in the server's address are shown nowhere", () =>
  withDemo({}, async ({ demo, directory, kii }) => {
    const kubeconfig = join(directory, 'with-user');
    writeFileSync(kubeconfig, demo.kubeconfig.replace('https://', 'https://alice:hidden@'));
    const { code, out } = await kii(`doctor --kubeconfig ${kubeconfig}`);
    assert.is(code, 0);
    assert.match(out, `API server   ${demo.url}/`.slice(0, -1));
    assert.not.match(out, /alice|hidden/);
  }));

test('on a terminal lines are broken between words, under their text', () =>
  withDemo({ faults: deny('deployments') }, async ({ kii }) => {
    const { out } = await kii('doctor', { terminal: { isTTY: true, columns: 80, color: false } });
    const lines = out.slice(0, out.indexOf('\n# ')).split('\n');
    assert.equal(
      lines.filter((line) => line.length > 80),
      [],
    );
    assert.ok(lines.some((line) => /^ {15}\S/.test(line)));
  }));

test('what is optional is a note, and no finding', () =>
  withDemo({ faults: [...deny('secrets'), ...deny('pods/exec')] }, async (cluster) => {
    const said = await ask(cluster);
    assert.is(said.code, 0);
    assert.equal(trouble(said), [
      'right note: not allowed: get, create pods/exec in istio-system (without it you lose nothing, where port-forward is allowed: exec is the other way in)',
      'right note: not allowed: get secrets in istio-system (without it you lose the comparison of a certificate with its Secret)',
    ]);
    assert.equal(JSON.parse(said.out).missing, []);
  }));

test('without port-forward and exec nothing can be answered', () =>
  withDemo(
    {
      faults: [
        ...deny('pods/portforward'),
        ...deny('pods/exec'),
        status('portforward', 403, 'no'),
        status('exec', 403, 'no'),
      ],
    },
    async (cluster) => {
      const said = await ask(cluster);
      assert.is(said.code, 2);
      const failed = itemsOf(said).filter(({ state }) => state === 'failed');
      assert.equal(
        failed.map(({ name }) => name),
        ['pod', 'right'],
      );
      assert.equal(JSON.parse(said.out).missing[0], {
        verbs: ['get', 'create'],
        group: '',
        resources: ['pods/portforward'],
        namespace: 'istio-system',
      });
    },
  ));

test('port-forward that is forbidden is a gap where exec is allowed', () =>
  withDemo({ faults: [...deny('pods/portforward'), status('portforward', 403, 'no')] }, async (cluster) => {
    const said = await ask(cluster);
    assert.is(said.code, 1);
    assert.equal(trouble(said), [
      'right warning: not allowed: get, create pods/portforward in istio-system (answers come through exec, which starts a process in the gateway pod for each)',
    ]);
  }));

test('no kubeconfig is the one thing that is said', async () => {
  const said = await runCommand(['doctor', '-o', 'json'], { env: { HOME: '/nonexistent' } });
  assert.is(said.code, 2);
  assert.equal(schemaErrors(JSON.parse(said.out)), []);
  assert.match(
    trouble(said).join('\n'),
    /^kubeconfig failed: cannot find a cluster: there is no kubeconfig \(set \$KUBECONFIG.*\)$/,
  );
});

for (const [title, change, expected] of [
  [
    'an API server that is not there',
    (text: string) => text.replace(/https:\S+/, 'https://127.0.0.1:1'),
    /^API server failed: .* nothing listens there/,
  ],
  [
    'an API server that is not trusted',
    (text: string) => text.replace(/certificate-authority-data: .*/, ''),
    /^API server failed: .* is not trusted: self-signed certificate/,
  ],
  [
    'credentials that are not accepted',
    (text: string) => text.replace(/token: .*/, 'token: wrong'),
    /^credentials failed: .* does not accept the credentials/,
  ],
  [
    'a credential plugin that is not there',
    (text: string) =>
      text.replace(
        /token: .*/,
        'exec: {apiVersion: client.authentication.k8s.io/v1, command: no-such-plugin, interactiveMode: Never}',
      ),
    /^credentials failed: cannot get credentials from the plugin no-such-plugin/,
  ],
] as const) {
  test(`${title}: the kubeconfig is fine, and no more is asked`, () =>
    withDemo({}, async (cluster) => {
      const file = join(cluster.directory, 'changed');
      writeFileSync(file, change(cluster.demo.kubeconfig));
      const said = await ask(cluster, `doctor --kubeconfig ${file}`);
      assert.is(said.code, 2);
      assert.equal([itemsOf(said).length, itemsOf(said)[0]?.state], [2, 'ok']);
      assert.match(trouble(said).join('\n'), expected);
    }));
}

for (const [title, faults, words, code, expected] of [
  ['a gateway that is not there', [], 'doctor -n nope', 2, /^gateway failed: cannot find a gateway in namespace nope/],
  [
    'a pod that does not answer',
    [{ at: 'connection', does: 'refuse', port: 15000 }],
    'doctor',
    2,
    /^pod failed: cannot reach .*:15000: nothing listens on that port/,
  ],
  [
    'an istiod that does not answer',
    [{ at: 'connection', does: 'refuse', port: 15014 }],
    'doctor',
    1,
    /^istiod warning: 0 of 1 replica answered on port 15014 \(cannot reach .*\nwithout istiod/,
  ],
  ['no istiod', [], 'doctor --istio-namespace nope', 1, /^istiod warning: none in namespace nope \(name its namespace/],
  [
    'an API server without reviews of rights',
    [status('review', 500, 'down')],
    'doctor',
    1,
    /right warning: cannot ask whether \w+ \w+ is allowed: down/,
  ],
] as const) {
  test(`${title} is a line, and the others are there`, () =>
    withDemo({ faults: [...faults] }, async (cluster) => {
      const said = await ask(cluster, words);
      assert.is(said.code, code);
      assert.match(trouble(said).join('\n'), expected);
      assert.ok(itemsOf(said).length > 6);
    }));
}

test('an old API server does not say who asks, which is a note', () =>
  withDemo(
    { faults: [{ at: 'request', on: 'review', resource: 'selfsubjectreviews', does: 'status', code: 404 }] },
    async (cluster) => {
      const said = await ask(cluster);
      assert.equal(
        [said.code, trouble(said)],
        [0, ['credentials note: accepted; Kubernetes before 1.28 does not say whose they are']],
      );
      assert.is(JSON.parse(said.out).user, undefined);
    },
  ));

test('a directory cannot be examined', async () => {
  const said = await runCommand(['doctor', '--from', 'x'], {});
  assert.equal([said.code, said.out], [2, '']);
});

test.run();
