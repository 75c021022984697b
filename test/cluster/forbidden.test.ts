// A user who may look at pods and not reach into them, on the real API server.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { apply, gateways, kii, kubectl, namespace } from './truth/cluster.ts';

const name = 'kii-forbidden';
const rbac = 'rbac.authorization.k8s.io';

const user = `system:serviceaccount:${namespace}:${name}`;

/** What the user may do in the gateway's namespace, and nothing else. */
function allow(rules: readonly object[]): void {
  const metadata = { name, namespace };
  apply({ apiVersion: `${rbac}/v1`, kind: 'Role', metadata, rules });
  const subjects = [{ kind: 'ServiceAccount', name, namespace }];
  apply({ apiVersion: `${rbac}/v1`, kind: 'RoleBinding', metadata, subjects, roleRef: { apiGroup: rbac, kind: 'Role', name } });
}

const look = { apiGroups: ['', 'apps'], resources: ['pods', 'daemonsets'], verbs: ['get', 'list'] };

test.after(() => {
  for (const kind of ['rolebinding', 'role']) kubectl('-n', namespace, 'delete', kind, name, '--ignore-not-found');
});

test('who may not list pods is told so, with the rule', async () => {
  allow([]);
  const { code, out, err } = await kii('status', '--as', user);
  assert.equal([code, out], [2, '']);
  assert.match(err, `User "${user}" cannot list resource "pods"`);
  assert.match(err, 'rules: [{apiGroups: [""], resources: ["pods"], verbs: ["list"]}]');
});

for (const [title, verbs] of [
  ['nothing', []],
  // Enough before Kubernetes 1.35; the API server's own message does not name the verb that is missing.
  ['get', ['get']],
] as const) {
  test(`who may ${title} on pods/portforward is told the rule, once for all pods`, async () => {
    const forward = verbs.length === 0 ? [] : [{ apiGroups: [''], resources: ['pods/portforward'], verbs }];
    allow([look, ...forward]);
    const { code, out, err } = await kii('routes', '--as', user);
    assert.equal([code, out], [2, '']);
    assert.match(err, `none of ${gateways().length} pods answered: cannot reach ${namespace}/`);
    assert.match(err, 'rules: [{apiGroups: [""], resources: ["pods/portforward"], verbs: ["get", "create"]}]');
  });
}

test('what the message asks for is enough', async () => {
  allow([look, { apiGroups: [''], resources: ['pods/portforward'], verbs: ['get', 'create'] }]);
  const { code, err } = await kii('routes', '--as', user);
  assert.equal([code, err], [0, '']);
});

test.run();
