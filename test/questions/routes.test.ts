// `routes` by the VirtualService behind them, asked without a command line.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { routeFilter } from '#analysis/select/routes.ts';
import { askRoutes } from '#questions/routes.ts';
import { route } from '../support/builders/route.ts';
import { withDemoSource } from '../support/demo-source.ts';

const forbidden = {
  resource: 'virtualservices',
  at: 'request',
  does: 'status',
  code: 403,
  reason: 'Forbidden',
  message: 'no',
} as const;

test('where the VirtualServices may not be read, it is said that delegates are not known', () =>
  withDemoSource({ faults: [forbidden] }, async ({ source }) => {
    const byObject = await askRoutes(source, { filter: { vs: 'svc1/*' } });
    assert.ok(byObject.items.length > 0);
    assert.match(
      byObject.notes?.join('\n') ?? '',
      'cannot tell which routes are of a delegate, so its root VirtualService stands for it: ',
    );
    const all = await askRoutes(source, { filter: {} });
    assert.equal(all.notes, []);
  }));

test('a route is found by its VirtualService, and by the delegate of that', () => {
  const ref = (namespace: string, name: string) => ({ kind: 'VirtualService', namespace, name });
  const row = {
    routeConfiguration: 'http.8080',
    virtualHost: 'a.example.org:80',
    domains: ['a.example.org'],
    requireTls: 'none' as const,
    route: route({ from: ref('edge', 'root'), delegate: ref('team', 'a') }),
  };
  assert.ok(routeFilter({ vs: 'edge/root' })(row));
  assert.ok(routeFilter({ vs: 'team/a' })(row));
  assert.ok(routeFilter({ for: 'team' })(row));
  assert.not.ok(routeFilter({ vs: 'team/b' })(row));
});

test.run();
