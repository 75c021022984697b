import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readExpectation, unmetExpectations } from '#analysis/request/expectation.ts';
import { explain } from '#analysis/request/explain.ts';
import type { Route } from '#model/route.ts';
import { redirect } from '../../support/builders/route.ts';
import { clusterName, configuration, entry, forward, request, route, routedBy } from '../../support/builders/way.ts';
import { rejection } from '../../support/rejection.ts';

const unmet = (of: readonly Route[], ...expected: string[]): string[] => {
  const value = explain(configuration(routedBy(...of)), request(), entry);
  return unmetExpectations({ value, pods: ['p1', 'p2'] }, expected.map(readExpectation));
};

const to = route({ name: 'main', action: forward(), from: { kind: 'VirtualService', namespace: 'svc1', name: 'vs' } });

test('a forwarded request counts as 200 and has a cluster, a route, a VirtualService, a host', () => {
  assert.equal(
    unmet(
      [to],
      'code=200',
      `cluster=${clusterName}`,
      'cluster=outbound|80*',
      'route=main',
      'virtualservice=svc1/vs',
      'host=a.example.org',
    ),
    [],
  );
});

test('a redirect has a code and a location', () => {
  const moved = route({ action: redirect({ code: 302, host: 'b.example.org' }) });
  assert.equal(unmet([moved], 'code=302', 'location=https://b.example.org/*'), []);
  assert.equal(unmet([moved], 'cluster=x'), ['expected cluster=x, would be no cluster on p1, p2']);
});

test('what is not so is said with what would be, and where', () => {
  assert.equal(unmet([to], 'code=301', 'route=other'), [
    'expected code=301, would be 200 on p1, p2',
    'expected route=other, would be main on p1, p2',
  ]);
  assert.equal(unmet([], 'code=200'), ['expected code=200, would be 404 on p1, p2']);
});

test('every outcome that chance allows has to be as expected', () => {
  const half = route({
    ...to,
    match: { ...to.match, fraction: { numerator: 50, denominator: 100, runtimeKey: undefined } },
  });
  assert.equal(unmet([half], 'code=200'), ['expected code=200, would be 404 on p1, p2']);
});

test('refuses what is no expectation', async () => {
  assert.match(
    (await rejection(Promise.resolve().then(() => readExpectation('status=200')))).message,
    '--expect takes code=…',
  );
});

test.run();
