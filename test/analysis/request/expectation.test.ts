import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { judgeExpectations, readExpectation } from '#analysis/request/expectation.ts';
import { explain } from '#analysis/request/explain.ts';
import type { ExplanationItem, Sent } from '#model/explanation.ts';
import type { Route } from '#model/route.ts';
import { redirect } from '../../support/builders/route.ts';
import { clusterName, configuration, entry, forward, request, route, routedBy } from '../../support/builders/way.ts';
import { rejection } from '../../support/rejection.ts';

const nothingSent: Sent = {
  pod: 'p1',
  by: 'tool',
  logged: undefined,
  code: undefined,
  location: undefined,
  ms: undefined,
  serial: undefined,
  isOfService: false,
  text: undefined,
  ended: undefined,
  isDecided: true,
  differs: [],
};

const judged = (of: readonly Route[], expected: readonly string[], over: Partial<ExplanationItem> = {}) => {
  const value = explain(configuration(routedBy(...of)), request(), entry);
  return judgeExpectations({ value: { ...value, ...over }, pods: ['p1', 'p2'] }, expected.map(readExpectation));
};
const unmet = (of: readonly Route[], ...expected: string[]): readonly string[] => judged(of, expected).unmet;
const undecided = (of: readonly Route[], ...expected: string[]): readonly string[] => judged(of, expected).undecided;

const to = route({ name: 'main', action: forward(), from: { kind: 'VirtualService', namespace: 'svc1', name: 'vs' } });
const moved = route({ action: redirect({ code: 302, host: 'b.example.org' }) });

test('a forwarded request has a cluster, a route, a VirtualService, a host', () => {
  const expected = [
    `cluster=${clusterName}`,
    'cluster=outbound|80*',
    'route=main',
    'virtualservice=svc1/vs',
    'host=a.example.org',
    'code=*',
  ];
  assert.equal(judged([to], expected), { unmet: [], undecided: [] });
});

test('a redirect has a code and a location', () => {
  assert.equal(judged([moved], ['code=302', 'location=https://b.example.org/*']), { unmet: [], undecided: [] });
  assert.equal(unmet([moved], 'cluster=x'), ['expected cluster=x, would be no cluster on p1, p2']);
});

test('a location that cannot be told is not another one', () => {
  const made = route({ action: redirect({ pathFormat: '/%REQ(x)%' }) });
  assert.equal(judged([made], ['code=301', 'location=https://a.example.org/x']), {
    unmet: [],
    undecided: [
      'not decided: location=https://a.example.org/x on p1, p2: the location cannot be told from outside; --send asks the gateway',
    ],
  });
});

test('what is not so is said with what would be, and where', () => {
  assert.equal(unmet([to], 'route=other'), ['expected route=other, would be main on p1, p2']);
  assert.equal(unmet([], 'code=200'), ['expected code=200, would be 404 on p1, p2']);
});

test("a service's code is not known, whatever is expected, until it was asked", () => {
  const why = 'the application decides over the code; --send asks the gateway';
  assert.equal(undecided([to], 'code=200', 'code=301'), [
    `not decided: code=200 on p1, p2: ${why}`,
    `not decided: code=301 on p1, p2: ${why}`,
  ]);
  const sent = (over: Partial<Sent>): Partial<ExplanationItem> => ({ sent: [{ ...nothingSent, ...over }] });
  assert.equal(judged([to], ['code=200'], sent({ code: 200 })), { unmet: [], undecided: [] });
  assert.equal(judged([to], ['code=200'], sent({ code: 403 })).unmet, ['expected code=200, would be 403 on p1, p2']);
  assert.equal(judged([to], ['code=200'], sent({ isDecided: false })).undecided.length, 1);
});

test('where a filter may answer first, the code of the gateway is not sure either', () => {
  const { unmet: no, undecided: open } = judged([moved], ['code=302'], { mayAnswer: ['envoy.filters.http.rbac'] });
  assert.equal(no, []);
  assert.match(open.join(), 'filter envoy.filters.http.rbac may answer first');
});

test('every outcome that chance allows has to be as expected', () => {
  const half = route({
    ...moved,
    match: { ...moved.match, fraction: { numerator: 50, denominator: 100, runtimeKey: undefined } },
  });
  assert.equal(unmet([half], 'code=302'), ['expected code=302, would be 404 on p1, p2']);
});

test('of outcomes that depend on what nobody can judge, one that fits leaves it open', () => {
  const maybe = route({ ...moved, match: { ...moved.match, others: ['dynamic_metadata'] } });
  assert.equal(unmet([maybe], 'code=302'), []);
  assert.equal(undecided([maybe], 'code=302').length, 1);
  assert.equal(unmet([maybe], 'code=500'), ['expected code=500, would be 302 on p1, p2']);
});

test('refuses what is no expectation', async () => {
  assert.match(
    (await rejection(Promise.resolve().then(() => readExpectation('status=200')))).message,
    '--expect takes code=…',
  );
});

test.run();
