import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Style } from '#command/command.ts';
import type { Pod } from '#core/fleet.ts';
import type { OnPods } from '#model/merge-pods.ts';
import type { RouteRow } from '#model/route.ts';
import { routesView } from '#render/views/routes.ts';
import { answerOf, onTerminal, piped, wide } from '../../support/builders/answer.ts';
import { failure, ok, on, pod, three } from '../../support/builders/fleet.ts';
import { forward, prefix, redirect, route, routeMatch, routeRow } from '../../support/builders/route.ts';
import { golden } from '../../support/golden.ts';
import { testWidths } from '../../support/widths.ts';

function render(
  items: readonly OnPods<RouteRow>[],
  style: Style = piped,
  pods: readonly Pod[] = three,
  failed: readonly Pod[] = [],
): string {
  const outcomes = pods.map((of) => (failed.includes(of) ? failure(of) : ok(of)));
  return onTerminal(routesView.table(items, answerOf(routesView, items, outcomes), style));
}

const items = [
  on(routeRow({ route: route({ match: prefix('/one') }) }), three),
  on(
    routeRow({
      route: route({
        position: 2,
        name: 'beta',
        match: routeMatch({
          path: { kind: 'regex', value: '/v[0-9]+/items/.*' },
          headers: [
            {
              name: 'x-client',
              value: { kind: 'exact', value: 'beta', ignoreCase: false },
              invert: false,
              treatMissingAsEmpty: false,
            },
          ],
        }),
        action: forward({
          to: {
            kind: 'weighted',
            totalWeight: 100,
            clusters: [
              { cluster: 'outbound|80|v1|web.svc1.svc.cluster.local', weight: 90 },
              { cluster: 'outbound|80|v2|web.svc1.svc.cluster.local', weight: 10 },
            ],
          },
          timeoutMs: 5000,
        }),
      }),
    }),
    three.slice(0, 2),
  ),
  on(routeRow({ route: route({ position: 3, match: prefix('/old'), action: redirect({ path: '/new' }) }) }), three),
  on(
    routeRow({
      routeConfiguration: 'http.8080',
      virtualHost: '*.discovery.wmnet:80',
      domains: ['*.discovery.wmnet'],
      requireTls: 'all',
      route: undefined,
    }),
    three,
  ),
];

test('prints the whole match and action, and names pods that lack a route', () => {
  golden('render/routes/three-pods/out.txt', render(items));
});

test('adds timeouts, retries, names and places where wide is asked for', () => {
  golden('render/routes/three-pods/wide.txt', render(items, wide));
});

testWidths('render/routes/three-pods', (style) => render(items, style), [80, 120, 200]);

test('counts a pod that did not answer as unknown', () => {
  golden('render/routes/one-failed/out.txt', render([on(routeRow(), three.slice(0, 2))], piped, three, three.slice(2)));
});

test('names the pods that have a route where they are the few', () => {
  const pods = Array.from({ length: 200 }, (_, i) => pod(`p${i}`));
  golden(
    'render/routes/two-hundred/out.txt',
    render(
      [
        on(routeRow(), pods.slice(0, 1)),
        on(routeRow({ route: route({ position: 2, match: prefix('/x') }) }), pods.slice(0, 150)),
      ],
      piped,
      pods,
    ),
  );
});

test('tells twin gateways apart by their route configuration, and equal routes by their place', () => {
  const twin = routeRow({ routeConfiguration: 'https.443.https.twin.svc9' });
  const shadowed = routeRow({ route: route({ position: 2 }) });
  const text = render([on(routeRow(), three), on(shadowed, three), on(twin, three)]);
  golden('render/routes/twins/out.txt', text);
  const lines = text.trimEnd().split('\n');
  assert.is(new Set(lines).size, lines.length);
});

test('leaves out domains with a port where the bare one is there, except in wide', () => {
  const domains = ['a.example', 'a.example:443', 'a.example:*', 'b.example:443'];
  assert.match(render([on(routeRow({ domains }), three)]), 'a.example, b.example:443 ');
  assert.match(
    render([on(routeRow({ domains }), three)], wide),
    'a.example, a.example:443, a.example:*, b.example:443 ',
  );
});

test('prints nothing where there is nothing', () => {
  assert.is(render([]), '');
});

test('prints names that lead back to one route', () => {
  assert.equal(items.map(routesView.name), [
    'route/https.443.https.svc1-main.svc1/svc1.discovery.wmnet:443/1',
    'route/https.443.https.svc1-main.svc1/svc1.discovery.wmnet:443/2',
    'route/https.443.https.svc1-main.svc1/svc1.discovery.wmnet:443/3',
    'route/http.8080/*.discovery.wmnet:80/none',
  ]);
});

test.run();
