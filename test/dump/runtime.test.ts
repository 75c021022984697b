import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readRuntime } from '#dump/runtime.ts';
import { integerOf, shareOf } from '#model/runtime.ts';
import { section } from '../support/dump.ts';

const of = (...layers: object[]) => readRuntime(section('Bootstrap', { bootstrap: { layered_runtime: { layers } } }));

test('reads the layers of the bootstrap, later ones over earlier ones', () => {
  const runtime = of(
    { name: 'first', static_layer: { a: 1, 'b.c': 2, deep: { key: 3 }, text: '40', no: 'x', off: false } },
    { name: 'second', static_layer: { a: 7, share: { numerator: 5, denominator: 'TEN_THOUSAND' } } },
    { name: 'admin', admin_layer: {} },
  );
  assert.equal(
    [...runtime],
    [
      ['a', 7],
      ['b.c', 2],
      ['deep.key', 3],
      ['text', 40],
      ['share', { numerator: 5, denominator: 10_000 }],
    ],
  );
  assert.is(readRuntime({ configs: [] }).size, 0);
});

test('a runtime value goes before the default of a fraction; a number is a percentage', () => {
  const runtime = of({ static_layer: { half: 50, more: 500, part: { numerator: 1, denominator: 'MILLION' } } });
  const share = (runtimeKey: string | undefined) => shareOf({ numerator: 1, denominator: 4, runtimeKey }, runtime);
  assert.equal(
    [share('half'), share('more'), share('part'), share('none'), share(undefined)],
    [0.5, 1, 1e-6, 0.25, 0.25],
  );
  assert.equal(
    [integerOf('half', 9, runtime), integerOf('none', 9, runtime), integerOf('part', 9, runtime)],
    [50, 9, 9],
  );
});

test('a later layer takes away what an earlier one says, whatever it says itself; what is behind the point is cut off', () => {
  assert.equal([...of({ static_layer: { a: 1, b: 12.9 } }, { static_layer: { a: 'odd' } })], [['b', 12]]);
  assert.equal([...of({ static_layer: { a: 1 } }, { static_layer: { a: true } })], []);
});

test.run();
