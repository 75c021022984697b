// A service account with rights of its own on the real API server, by its token: what it is told, what it can do, and
// whether the rule that doctor prints is the one that was missing.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apply, gateways, kii, kubectl, kubectlJson, namespace } from './truth/cluster.ts';

const name = 'kii-access';
const rbac = 'rbac.authorization.k8s.io';
const directory = mkdtempSync(join(tmpdir(), 'kii-access-'));
const kubeconfig = join(directory, 'kubeconfig');

/** What the account may do, and nothing else. */
function allow(rules: readonly object[]): void {
  const metadata = { name, namespace };
  apply({ apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules });
  bind('RoleBinding', 'Role', name);
}

function bind(kind: string, roleKind: string, role: string): void {
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  const metadata = { name: `${name}-${role}`, ...(kind === 'RoleBinding' ? { namespace } : {}) };
  apply({
    apiVersion: `${rbac}/v1`,
    kind,
    metadata,
    subjects,
    roleRef: { apiGroup: rbac, kind: roleKind, name: role },
  });
}

const pods = { apiGroups: [''], resources: ['pods'], verbs: ['get', 'list'] };
const portForward = (...verbs: readonly string[]): object => ({
  apiGroups: [''],
  resources: ['pods/portforward'],
  verbs,
});
const exec = { apiGroups: [''], resources: ['pods/exec'], verbs: ['get', 'create'] };

const missing = 'istio-ingress-missing';

function removeAll(): void {
  for (const [kind, object] of [
    ['rolebinding', `${name}-${name}`],
    ['rolebinding', `${name}-${missing}`],
    ['role', name],
    ['role', missing],
    ['serviceaccount', name],
  ] as const)
    kubectl('-n', namespace, 'delete', kind, object, '--ignore-not-found');
  kubectl('delete', 'clusterrolebinding', `${name}-${missing}`, '--ignore-not-found');
  kubectl('delete', 'clusterrole', missing, '--ignore-not-found');
  rmSync(directory, { recursive: true });
}

test.before(() => {
  apply({ apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name, namespace } });
  const token = kubectl('-n', namespace, 'create', 'token', name).trim();
  const [{ cluster }] = kubectlJson<{ clusters: [{ cluster: object }] }>(
    'config',
    'view',
    '--raw',
    '--minify',
    '--flatten',
  ).clusters;
  const context = { name, context: { cluster: name, user: name } };
  writeFileSync(
    kubeconfig,
    JSON.stringify({
      'current-context': name,
      clusters: [{ name, cluster }],
      users: [{ name, user: { token } }],
      contexts: [context],
    }),
    { mode: 0o600 },
  );
});
test.after(removeAll);

const asAccount = (...words: readonly string[]): ReturnType<typeof kii> => kii(...words, '--kubeconfig', kubeconfig);
const rule = 'rules: [{apiGroups: [""], resources: ["pods/portforward"], verbs: ["get", "create"]}]';

/** From Kubernetes 1.35 on, a WebSocket to port-forward needs `create`. */
const { serverVersion } = kubectlJson<{ serverVersion: { minor: string } }>('version');
const getSuffices = Number.parseInt(serverVersion.minor, 10) < 35;
const onlyGet = [pods, portForward('get')];

for (const [title, rules] of [
  ['neither port-forward nor exec', [pods]],
  ...(getSuffices ? [] : [['only get of port-forward, and not exec', onlyGet] as const]),
  ['only create of port-forward, and not exec', [pods, portForward('create')]],
] as const) {
  test(`who may ${title} is told the rule`, async () => {
    allow(rules);
    const { code, out, err } = await asAccount('routes');
    assert.equal([code, out], [2, '']);
    assert.match(err, `none of ${gateways().length} pods answered: cannot reach ${namespace}/`);
    assert.match(err, rule);
  });
}

if (getSuffices)
  test('get of port-forward is enough', async () => {
    allow(onlyGet);
    const { code, err } = await asAccount('routes');
    assert.equal([code, err], [0, '']);
  });

for (const [title, rules] of [
  ['no port-forward', [pods, exec]],
  ...(getSuffices ? [] : [['only get of port-forward', [...onlyGet, exec]] as const]),
] as const) {
  test(`with ${title}, exec answers the same, and it is said`, async () => {
    allow(rules);
    const [through, direct] = await Promise.all([asAccount('routes', '-o', 'json'), kii('routes', '-o', 'json')]);
    assert.equal([through.code, direct.code], [0, 0]);
    assert.match(through.err, /^port-forward is forbidden: the answers come through exec/);
    const itemsOf = (text: string): unknown => JSON.parse(text).items;
    assert.equal(itemsOf(through.out), itemsOf(direct.out));
  });
}

test('a whole dump does not go through exec unasked', async () => {
  allow([pods, exec]);
  const words = ['config-dump', '--pod', gateways()[0]?.pod ?? ''];
  const refused = await asAccount(...words);
  assert.equal([refused.code, refused.out], [2, '']);
  assert.match(refused.err, 'config-dump --exec-dump');
  const asked = await asAccount(...words, '--exec-dump');
  assert.is(asked.code, 0, asked.err);
  assert.ok(JSON.parse(asked.out).configs.length > 3);
});

interface Doctor {
  readonly user: string;
  readonly groups: readonly string[];
  readonly items: readonly { readonly name: string; readonly state: string; readonly says: string }[];
  readonly missing: readonly {
    readonly verbs: readonly string[];
    readonly group: string;
    readonly resources: readonly string[];
    readonly namespace?: string;
  }[];
}

test('doctor says who it is, as kubectl auth whoami does, and that all is well', async () => {
  const { code, out, err } = await kii('doctor', '-o', 'json');
  assert.is(code, 0, out + err);
  const { user, groups, items, missing: lacks } = JSON.parse(out) as Doctor;
  const { status } = kubectlJson<{ status: { userInfo: { username: string; groups: readonly string[] } } }>(
    'auth',
    'whoami',
  );
  assert.equal([user, groups, lacks], [status.userInfo.username, status.userInfo.groups, []]);
  const said = (of: string): string => items.find((item) => item.name === of)?.says ?? '';
  assert.match(
    said('API server'),
    kubectlJson<{ serverVersion: { gitVersion: string } }>('version').serverVersion.gitVersion,
  );
  assert.match(said('gateway'), `${gateways().length} pods`);
});

/** kubectl's own word for each question. */
function mayI(verb: string, resource: string, subresource: string | undefined, where: string | undefined): boolean {
  const scope = [
    ...(where === undefined ? ['-A'] : ['-n', where]),
    ...(subresource === undefined ? [] : [`--subresource=${subresource}`]),
  ];
  try {
    return kubectl('auth', 'can-i', verb, resource, ...scope, '--kubeconfig', kubeconfig).trim() === 'yes';
  } catch {
    return false; // its exit code is 1 then
  }
}

test('what doctor says is missing is missing by kubectl auth can-i, and what it prints, once applied, is enough', async () => {
  allow([pods]);
  const before = await asAccount('doctor', '-o', 'json');
  assert.is(before.code, 2);
  const { missing: lacks } = JSON.parse(before.out) as Doctor;
  assert.ok(lacks.length > 3);
  for (const { verbs, group, resources, namespace: where } of lacks)
    for (const verb of verbs)
      for (const resource of resources) {
        const [plural, subresource] = resource.split('/');
        assert.not.ok(
          mayI(verb, `${plural}${group === '' ? '' : `.${group}`}`, subresource, where),
          `${verb} ${resource}`,
        );
      }
  const { out } = await asAccount('doctor');
  const file = join(directory, 'missing.yaml');
  writeFileSync(file, out.slice(out.indexOf('apiVersion: rbac')));
  kubectl('apply', '-f', file);
  bind('RoleBinding', 'Role', missing);
  bind('ClusterRoleBinding', 'ClusterRole', missing);
  const after = await asAccount('doctor', '-o', 'json');
  assert.equal([after.code, (JSON.parse(after.out) as Doctor).missing], [0, []], after.out);
  const status = await asAccount('status');
  assert.equal([status.code, status.err], [0, '']);
});

test.run();
