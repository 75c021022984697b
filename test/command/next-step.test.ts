import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { againFor, nextStepsAgain } from '#command/next-step.ts';
import { commands } from '#commands/all.gen.ts';
import { step, stepText } from '#core/shell.ts';

const ours = 'kubectl istio-ingress diff --pod a';
const steps = [step`kubectl istio-ingress diff --pod ${'a'}`, step`kubectl get nodes`];

/** Flags, environment → our command again, and one of kubectl's. */
const cases: readonly (readonly [
  Readonly<Record<string, unknown>>,
  Readonly<Record<string, string>>,
  string,
  string,
])[] = [
  [{}, {}, ours, 'kubectl get nodes'],
  [{ context: 'prod' }, {}, `${ours} --context prod`, 'kubectl --context prod get nodes'],
  [
    { namespace: 'edge', gateway: 'ds/gw', context: 'prod' },
    {},
    `${ours} --namespace edge --gateway ds/gw --context prod`,
    'kubectl --context prod get nodes',
  ],
  [
    { namespace: 'istio-system', 'istio-namespace': 'istio-system', context: undefined, 'as-group': [] },
    {},
    ours,
    'kubectl get nodes',
  ],
  [{ 'istio-namespace': 'mesh' }, {}, `${ours} --istio-namespace mesh`, 'kubectl get nodes'],
  [
    { as: 'me', 'as-group': ['a', 'b c'] },
    {},
    `${ours} --as me --as-group a --as-group 'b c'`,
    "kubectl --as me --as-group a --as-group 'b c' get nodes",
  ],
  [{ kubeconfig: "it's" }, {}, `${ours} --kubeconfig "it's"`, `kubectl --kubeconfig "it's" get nodes`],
  [{ kubeconfig: '$&' }, {}, `${ours} --kubeconfig '$&'`, "kubectl --kubeconfig '$&' get nodes"],
  [
    { token: 'secret', server: 'https://a:6443' },
    {},
    `${ours} --server https://a:6443`,
    'kubectl --server https://a:6443 get nodes',
  ],
  [
    {},
    { KII_NAMESPACE: 'edge', KII_GATEWAY: 'ds/gw' },
    `${ours} --namespace edge --gateway ds/gw`,
    'kubectl get nodes',
  ],
  [
    { namespace: 'other', selector: 'app=gw' },
    { KII_NAMESPACE: 'edge', KII_GATEWAY: 'ds/gw' },
    `${ours} --namespace other --selector app=gw`,
    'kubectl get nodes',
  ],
  [{ namespace: 'istio-system' }, { KII_NAMESPACE: 'edge' }, `${ours} --namespace istio-system`, 'kubectl get nodes'],
  [
    { 'insecure-skip-tls-verify': true, 'client-key': 'a key', 'as-uid': '7', 'as-user-extra': ['a=b'] },
    {},
    `${ours} --insecure-skip-tls-verify --client-key 'a key' --as-uid 7 --as-user-extra a=b`,
    "kubectl --insecure-skip-tls-verify --client-key 'a key' --as-uid 7 get nodes",
  ],
  [{ 'insecure-skip-tls-verify': false, 'as-user-extra': [] }, {}, ours, 'kubectl get nodes'],
  [{ from: 'before' }, { KII_NAMESPACE: 'edge', KII_GATEWAY: 'ds/gw' }, `${ours} --from before`, 'kubectl get nodes'],
];

for (const [flags, env, again, nodes] of cases) {
  test(`${JSON.stringify(flags)} ${JSON.stringify(env)}`, () => {
    assert.equal(steps.map(againFor(flags, env)), [again, nodes]);
  });
}

test('advice that is no command stays as it is', () => {
  const again = againFor({ context: 'prod' }, {});
  const next = ['do not restart it', 'see kubectl get nodes', 'kubectl'];
  assert.equal(nextStepsAgain([{ next }], again), [{ next }]);
});

test('a directory is not named where it does not do', () => {
  const again = againFor({ from: 'before' }, {});
  const live = commands.filter(({ needsLive }) => needsLive).map(({ name }) => step`kubectl istio-ingress ${name}`);
  assert.ok(live.length > 3);
  for (const one of [
    ...live,
    step`kubectl istio-ingress log-level --restore`,
    step`kubectl istio-ingress admin ${'stats?filter=x'} --pod a`,
    step`kubectl istio-ingress certs a --served`,
    step`kubectl get nodes`,
  ])
    assert.is(again(one), stepText(one));
  assert.is(again(step`kubectl istio-ingress logsome`), 'kubectl istio-ingress logsome --from before');
});

test('what is added stands before `--`, also where it begins with a dash itself', () => {
  const dashed = [step`kubectl istio-ingress certs ${'-rf'}`, step`kubectl get secret ${'--server=x'}`];
  assert.equal(dashed.map(againFor({ from: '-d' }, {})), [
    'kubectl istio-ingress certs --from=-d -- -rf',
    'kubectl get secret -- --server=x',
  ]);
  assert.equal(dashed.map(againFor({ context: '-c', namespace: 'edge' }, {})), [
    'kubectl istio-ingress certs --namespace edge --context=-c -- -rf',
    'kubectl --context=-c get secret -- --server=x',
  ]);
});

test('a command is data until it is printed: no text of ours begins with the program', () => {
  for (const name of readdirSync('src/analysis', { recursive: true, encoding: 'utf8' }))
    if (name.endsWith('.ts'))
      assert.not.match(readFileSync(join('src/analysis', name), 'utf8'), /['"](?:kubectl|istioctl) /, name);
});

test.run();
