import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chooseRoute } from '#analysis/request/route-choice.ts';
import { behaviourOf } from '#analysis/request/route-match.ts';
import type { Fraction, RouteMatch } from '#model/match.ts';
import type { VirtualHost } from '#model/route.ts';
import { prefix, route, virtualHost as virtualHostOf } from '../../support/builders/route.ts';
import { request as asked } from '../../support/builders/way.ts';

const request = asked({ authority: 'a', path: '/two' });
const percent = (numerator: number): Fraction => ({ numerator, denominator: 100, runtimeKey: undefined });
const matching = (value: string, changes: Partial<RouteMatch> = {}): RouteMatch => ({ ...prefix(value), ...changes });
const virtualHost = (...matches: RouteMatch[]): VirtualHost =>
  virtualHostOf({ routes: matches.map((match, index) => route({ position: index + 1, match })) });
const choose = (...matches: RouteMatch[]) => {
  const { candidates, misses } = chooseRoute(virtualHost(...matches), request, behaviourOf('1.40.0'));
  return {
    taken: candidates.map(({ route, share }) => [route.position, share]),
    missed: misses.map(({ route }) => route.position),
  };
};

test('takes the first route that matches, and keeps those that did not as misses', () => {
  assert.equal(choose(matching('/one'), matching('/two'), matching('/')), { taken: [[2, 1]], missed: [1] });
});

test('takes none where none matches', () => assert.equal(choose(matching('/one')), { taken: [], missed: [1] }));

test('goes on behind a runtime fraction with what it leaves', () => {
  assert.equal(choose(matching('/', { fraction: percent(25) }), matching('/')), {
    taken: [
      [1, 0.25],
      [2, 0.75],
    ],
    missed: [],
  });
});

test('knows that the same random number meets every fraction', () => {
  assert.equal(
    choose(matching('/', { fraction: percent(50) }), matching('/', { fraction: percent(50) }), matching('/')),
    {
      taken: [
        [1, 0.5],
        [3, 0.5],
      ],
      missed: [2],
    },
  );
});

test('fractions of other denominators meet the same number in another way', () => {
  const tenThousandths = (numerator: number): Fraction => ({ ...percent(numerator), denominator: 10_000 });
  const both = (first: Fraction, second: Fraction): unknown =>
    choose(matching('/', { fraction: first }), matching('/', { fraction: second }), matching('/')).taken;
  // Of 10,000 numbers 100 are multiples of 100; two of them are below 150.
  assert.equal(both(tenThousandths(150), percent(1)), [
    [1, 0.015],
    [2, (100 - 2) / 10_000],
    [3, (10_000 - 150 - 98) / 10_000],
  ]);
  assert.equal(both(percent(1), tenThousandths(150)), [
    [1, 0.01],
    [2, (150 - 2) / 10_000],
    [3, (10_000 - 100 - 148) / 10_000],
  ]);
});

test('keeps a route with an unknown condition as possible and looks further', () => {
  assert.equal(choose(matching('/', { others: ['dynamic_metadata'] }), matching('/')), {
    taken: [
      [1, 1],
      [2, 1],
    ],
    missed: [],
  });
});

test.run();
