// On which nodes a DaemonSet wants a pod; the rows follow the DaemonSet controller.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nodeMeantFor, type PodSpec, wantsPodOn } from '#cluster/find/scheduling.ts';

interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: string;
}

const node = (
  labels: Readonly<Record<string, string>>,
  taints: readonly Taint[] = [],
): Parameters<typeof wantsPodOn>[1] => ({
  metadata: { name: 'n1', labels },
  spec: { taints },
});
const near = (...terms: readonly object[]): PodSpec =>
  ({
    affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: terms } } },
  }) as PodSpec;
const where = (key: string, operator: string, ...values: readonly string[]): object => ({
  matchExpressions: [{ key, operator, values }],
});

const taint = (key: string, effect = 'NoSchedule', value?: string): Taint => ({
  key,
  effect,
  ...(value === undefined ? {} : { value }),
});

const rows: readonly (readonly [title: string, spec: PodSpec, node: ReturnType<typeof node>, isWanted: boolean])[] = [
  ['nothing asked for', {}, node({}), true],
  ['the label of a nodeSelector', { nodeSelector: { role: 'edge' } }, node({ role: 'edge' }), true],
  ['another value of it', { nodeSelector: { role: 'edge' } }, node({ role: 'core' }), false],
  ['one of its two labels', { nodeSelector: { role: 'edge', zone: 'a' } }, node({ role: 'edge' }), false],
  ['In', near(where('role', 'In', 'core', 'edge')), node({ role: 'edge' }), true],
  ['In, without the label', near(where('role', 'In', 'edge')), node({}), false],
  ['NotIn', near(where('role', 'NotIn', 'edge')), node({ role: 'edge' }), false],
  ['NotIn, without the label', near(where('role', 'NotIn', 'edge')), node({}), true],
  ['Exists', near(where('role', 'Exists')), node({ role: '' }), true],
  ['Exists, without the label', near(where('role', 'Exists')), node({}), false],
  ['DoesNotExist', near(where('role', 'DoesNotExist')), node({ role: '' }), false],
  ['Gt', near(where('cores', 'Gt', '8')), node({ cores: '16' }), true],
  ['Gt of the same', near(where('cores', 'Gt', '16')), node({ cores: '16' }), false],
  ['Lt, without the label', near(where('cores', 'Lt', '8')), node({}), false],
  ['one term of two', near(where('role', 'In', 'core'), where('role', 'In', 'edge')), node({ role: 'edge' }), true],
  ['an empty term, which matches nothing', near({}), node({}), false],
  ['no term at all', near(), node({}), false],
  ['its own name', near({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n1'] }] }), node({}), true],
  ['another name', near({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n2'] }] }), node({}), false],
  ['a taint', {}, node({}, [taint('x')]), false],
  ['a taint that only prefers', {}, node({}, [taint('x', 'PreferNoSchedule')]), true],
  [
    'a taint that is tolerated',
    { tolerations: [{ key: 'x', operator: 'Exists' }] },
    node({}, [taint('x', 'NoExecute')]),
    true,
  ],
  [
    'a taint whose value is tolerated',
    { tolerations: [{ key: 'x', value: 'a' }] },
    node({}, [taint('x', 'NoSchedule', 'a')]),
    true,
  ],
  [
    'a taint of another value',
    { tolerations: [{ key: 'x', value: 'b' }] },
    node({}, [taint('x', 'NoSchedule', 'a')]),
    false,
  ],
  [
    'a taint of another effect',
    { tolerations: [{ key: 'x', operator: 'Exists', effect: 'NoExecute' }] },
    node({}, [taint('x')]),
    false,
  ],
  [
    'every taint is tolerated',
    { tolerations: [{ operator: 'Exists' }] },
    node({}, [taint('x'), taint('y', 'NoExecute')]),
    true,
  ],
  [
    'a node that is cordoned: the controller tolerates that',
    {},
    node({}, [taint('node.kubernetes.io/unschedulable')]),
    true,
  ],
  ['a node that is not ready', {}, node({}, [taint('node.kubernetes.io/not-ready', 'NoExecute')]), true],
  ['a node without network', {}, node({}, [taint('node.kubernetes.io/network-unavailable')]), false],
  [
    'a node without network, for a pod of the host network',
    { hostNetwork: true },
    node({}, [taint('node.kubernetes.io/network-unavailable')]),
    true,
  ],
];

for (const [title, spec, where1, isWanted] of rows) {
  test(title, () => assert.is(wantsPodOn(spec, where1), isWanted));
}

test('the node that a pod of a DaemonSet waits for', () => {
  assert.is(nodeMeantFor(near({ matchFields: [{ key: 'metadata.name', operator: 'In', values: ['n7'] }] })), 'n7');
  assert.is(nodeMeantFor(near(where('role', 'In', 'edge'))), undefined);
  assert.is(nodeMeantFor({}), undefined);
});

test.run();
