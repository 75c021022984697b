import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Style } from '#command/command.ts';
import type { Difference, FieldDifference } from '#model/difference.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { diffView } from '#render/views/diff.ts';
import { answerOf, onTerminal, piped, terminal, wide } from '../../support/builders/answer.ts';
import { ok, on, pod } from '../../support/builders/fleet.ts';
import { golden } from '../../support/golden.ts';

const five = ['66qlf', 'gfn8x', 'l9b5b', 'qq2zt', 'x7k2p'].map((suffix) => pod(suffix));
const [one, two, three] = five as [(typeof five)[0], (typeof five)[0], (typeof five)[0]];
const field = (name: string, here: string, there: string): FieldDifference => ({ field: name, here, there });

const difference = (over: Partial<Difference>): Difference => ({
  kind: 'route',
  name: 'https.443.https.svc1-main.svc1 svc1.discovery.wmnet:443 prefix /new',
  change: 'missing',
  fields: [],
  updated: { here: undefined, there: undefined },
  byNode: false,
  ...over,
});

const cluster = 'outbound|4003||svc3-tls-service.svc3.svc.cluster.local';
const endpoint = (last: number, over: Partial<Difference> = {}): Difference =>
  difference({ kind: 'endpoint', name: `${cluster} 10.64.0.${last}:4000`, change: 'extra', ...over });
const sick = { change: 'different', fields: [field('health', 'UNHEALTHY, failed_outlier_check', 'HEALTHY')] } as const;

const stale: readonly Difference[] = [
  difference({}),
  difference({
    kind: 'cluster',
    name: cluster,
    change: 'different',
    fields: [field('TLS', 'plain text', 'TLS, not verified'), field('panic threshold', '', '50%')],
  }),
  ...[10, 11, 12, 13, 14, 15, 16, 17].map((last) => endpoint(last)),
  endpoint(20, { change: 'missing' }),
  difference({
    kind: 'secret',
    name: 'kubernetes://svc5-tls-certificate',
    change: 'different',
    fields: [field('serial', '1005', '1006'), field('not after', '2026-12-01T00:00:00Z', '2027-03-01T00:00:00Z')],
    updated: { here: '2026-11-22T14:02:00Z', there: '2026-11-23T14:01:00Z' },
  }),
];

const items: readonly OnPods<Difference>[] = [
  ...stale.map((value) => on(value, [three])),
  ...[10, 11, 12].map((last) => on(endpoint(last, sick), [one, two])),
  on(endpoint(30, { change: 'different', fields: [field('priority', '1', '0')], byNode: true }), [two]),
  on(difference({ kind: 'listener', name: '0.0.0.0_8080', change: 'extra' }), five),
];
const render = (of: readonly OnPods<Difference>[], style: Style = piped, against?: string): string =>
  onTerminal(
    diffView.table(
      of,
      answerOf(diffView, of, five.map(ok), against === undefined ? {} : { extra: { against } }),
      style,
    ),
  );

test('names the pods that differ, with node and age, and what differs field by field; endpoints of a cluster together', () => {
  golden('render/diff/piped.txt', render(items));
  golden('render/diff/80.txt', render(items, terminal(80)));
  golden('render/diff/120.txt', render(items, terminal(120)));
  golden('render/diff/wide.txt', render(items, wide));
  golden('render/diff/color.txt', render(items, { ...piped, color: true }));
});

test('says that nothing differs, also where only the node makes a difference, and with what was compared', () => {
  golden('render/diff/same.txt', render([]));
  golden('render/diff/by-node.txt', render(items.slice(-2, -1)));
  golden('render/diff/against.txt', render([], piped, 'before as of 13:51 UTC, 14m ago'));
  golden('render/diff/changed.txt', render(items, piped, 'before as of 13:51 UTC, 14m ago'));
});

test('of many alike twenty are named', () => {
  const many = Array.from({ length: 23 }, (_, index) => on(difference({ name: `rc host prefix /${index}` }), [one]));
  golden('render/diff/many.txt', render(many));
});

test('of many fields twenty are named', () => {
  const fields = Array.from({ length: 23 }, (_, index) => field(`path[${index}]`, 'a', 'b'));
  const text = render([on(difference({ change: 'different', fields }), [one])]);
  assert.is(text.match(/a instead of b/g)?.length, 20);
  assert.match(text, 'and 3 more (-o wide names them)');
});

test.run();
