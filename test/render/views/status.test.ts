import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { statusProblems } from '#analysis/fleet/status-problems.ts';
import type { Style } from '#command/command.ts';
import type { Gateway, Pod, PodOutcome } from '#core/fleet.ts';
import type { PodStatus, StatusIstiod } from '#model/status.ts';
import { statusView } from '#render/views/status.ts';
import { answerOf, onTerminal, piped, terminal, wide } from '../../support/builders/answer.ts';
import { connected, failure, gateway, ok, pod, report, status, three } from '../../support/builders/fleet.ts';
import { golden } from '../../support/golden.ts';

const istiods = [
  { name: 'istiod-a', version: '1.31.0' },
  { name: 'istiod-b', version: '1.31.0' },
] as const;

interface Fleet {
  readonly items: readonly PodStatus[];
  readonly gateway?: Partial<Gateway>;
  readonly istiods?: readonly StatusIstiod[];
  readonly failed?: readonly Pod[];
}

function render(fleet: Fleet, style: Style = piped, everyPod = false): string {
  const pods = fleet.items.map(({ pod }) => pod);
  const outcomes: PodOutcome<unknown>[] = pods.map((of) => (fleet.failed?.includes(of) ? failure(of) : ok(of)));
  const of = gateway(pods, fleet.gateway);
  const answering = fleet.istiods ?? istiods;
  const view = statusView({ everyPod, problems: statusProblems(fleet.items, of, answering) });
  const answer = answerOf(view, fleet.items, outcomes, {
    gateway: of,
    extra: { istiods: answering, compared: ['routes', 'certificates'] },
  });
  return onTerminal(view.table(fleet.items, answer, style));
}

const many = (n: number): Pod[] => Array.from({ length: n }, (_, i) => pod(`p${String(i).padStart(3, '0')}`));
const at = (pods: readonly Pod[], index: number): Pod => pods[index] as Pod;

const cut: Fleet = {
  items: three.map((of, index) =>
    index < 2
      ? status(of, { sync: connected(`istiod-${index === 0 ? 'a' : 'b'}`) })
      : status(of, {
          sync: { state: 'not-connected' },
          report: report({ fingerprint: '4b77a0' }),
          difference: { routes: 3, certificates: 1 },
        }),
  ),
};

const twoHundred = many(199);

const large: Fleet = {
  items: twoHundred.map((of, index) => {
    if (index === 17) {
      const LDS = { state: 'NACK', error: 'duplicate', sentAt: '2026-11-23T13:58:00Z' } as const;
      const rejections = [
        {
          kind: 'listener',
          name: '0.0.0.0_8443',
          details: 'multiple filter chains with overlapping matching rules',
          at: undefined,
          version: undefined,
        },
      ] as const;
      return status(of, {
        sync: connected('istiod-b', { LDS }),
        report: report({ fingerprint: '77ab01', rejections }),
      });
    }
    if (index === 90)
      return status(of, {
        sync: { state: 'not-connected' },
        report: report({ fingerprint: '4b77a0' }),
        difference: { routes: 3, certificates: 1 },
      });
    if (index === 120) return status(of, { report: undefined, failure: 'no answer' });
    return status(of, { sync: connected(index % 2 ? 'istiod-a' : 'istiod-b') });
  }),
  gateway: { nodesWanted: 200, nodesWithoutPod: [{ node: 'node17', reason: 'Insufficient cpu' }] },
  failed: [at(twoHundred, 120)],
};

const troubled: Fleet = {
  items: [
    status(pod('a', { isReady: false, ready: { containers: 0, of: 1 }, reason: 'CrashLoopBackOff', restarts: 7 }), {
      report: undefined,
      failure: 'refused',
    }),
    status(pod('b', { deletedAt: '2026-11-23T14:04:00Z' }), {
      report: report({ proxy: { ...report().proxy, state: 'DRAINING' } }),
    }),
    status(pod('c'), { report: report({ warmingSecrets: ['kubernetes://svc9-tls'], raisedLogLevels: ['all:debug'] }) }),
    status(pod('d'), {
      sync: connected('istiod-a', { RDS: { state: 'STALE', error: undefined, sentAt: '2026-11-23T14:03:00Z' } }),
    }),
    status(pod('e'), {
      sync: { state: 'unknown', why: 'istiod-b did not answer' },
      difference: { routes: 1, certificates: 0 },
    }),
  ],
  istiods: [istiods[0], { name: 'istiod-b', failed: 'connection refused' }],
  gateway: { kind: 'Deployment', nodesWanted: undefined, others: ['f', 'g', 'h', 'i'].map((name) => pod(name)) },
};

const cases: readonly (readonly [name: string, title: string, fleet: Fleet])[] = [
  ['healthy', 'prints one line for pods that are alike', { items: three.map((of) => status(of)) }],
  ['cut-off', 'names the pod that no istiod knows, what differs, and warns of a restart', cut],
  ['two-hundred', 'prints four lines for 200 nodes of which three are unlike the rest', large],
  ['troubled', 'says of every kind of trouble what to do', troubled],
  ['one-pod', 'names the only pod', { items: [status(at(three, 0))] }],
  [
    'no-pod',
    'says so where there is no pod',
    { items: [], gateway: { nodesWanted: 2, nodesWithoutPod: [{ node: 'n1', reason: 'taint' }] } },
  ],
];

for (const [name, title, fleet] of cases) {
  test(title, () => {
    golden(`render/status/${name}/out.txt`, render(fleet));
    golden(`render/status/${name}/wide.txt`, render(fleet, wide));
    golden(`render/status/${name}/80.txt`, render(fleet, terminal(80)));
  });
}

test('extensions have a column where a pod has any', () => {
  const sync = connected('istiod-a', { ECDS: { state: 'STALE', error: undefined, sentAt: undefined } });
  const fleet = { items: three.map((of, index) => status(of, index === 1 ? { sync } : {})) };
  assert.match(render(fleet, wide), /SDS +ECDS +CONFIG/);
  assert.match(render(fleet), '! ECDS STALE');
  assert.not.match(render({ items: three.map((of) => status(of, {})) }, wide), 'ECDS');
});

test('lists every pod where it is asked to', () => {
  golden('render/status/every-pod/out.txt', render(cut, piped, true));
});

test('colours repeat what symbols and words say', () => {
  const colored = render(troubled, { ...piped, color: true });
  golden('render/status/color/out.txt', colored);
  assert.is(colored.replaceAll(/\u001b\[\d+m/g, ''), render(troubled));
});

test('folds many nodes without a pod for one reason into a line', () => {
  const nodesWithoutPod = many(40).map(({ name }) => ({ node: name, reason: 'Insufficient cpu' }));
  const text = render({ items: three.map((of) => status(of)), gateway: { nodesWanted: 43, nodesWithoutPod } });
  assert.match(text, '40 nodes');
  assert.is(text.split('Insufficient cpu').length, 2);
});

test('gives a pod that serves something else a line of its own', () => {
  const items = three.map((of, index) => status(of, index < 2 ? {} : { report: report({ fingerprint: 'ffffff' }) }));
  const text = render({ items });
  assert.match(text, '2 pods, identical routes and certificates');
  assert.match(text, /l9b5b .* ffffff/);
});

test('pods that did not answer are not said to be identical', () => {
  const text = render({ items: three.map((of) => status(of, { report: undefined, failure: 'no answer in 30 s' })) });
  assert.match(text, /^3 pods /m);
  assert.not.match(text, /identical|alike|✓/);
});

test('never says that all is well when something is not', () => {
  for (const [, , fleet] of cases.slice(1, 4)) assert.not.match(render(fleet), '✓');
});

test.run();
