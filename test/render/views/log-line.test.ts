import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Cause } from '#model/access-log.ts';
import { logPrinter } from '#render/views/log-line.ts';

const cause = (name: string, text = `${name} in full`, isReason = false): Cause => ({ name, text, isReason });

const explained = (all: readonly (readonly Cause[])[]): string[][] => {
  let next = 0;
  const printer = logPrinter({
    format: 'table',
    color: false,
    context: () => ({}),
    isError: () => false,
    explain: () => all[next++] ?? [],
  });
  return all.map(() => printer.entry({}, { pod: '', time: '', text: '' }).split('\n').slice(1, -1));
};

test('a cause is explained where it comes first, after that it is named; the reason of a line is said each time', () => {
  const refused = cause('transport', 'nothing listens', true);
  const expired = cause('transport', 'the certificate has expired', true);
  assert.equal(
    explained([
      [cause('URX'), cause('UF'), refused],
      [],
      [cause('UF'), cause('URX'), refused],
      [cause('UF'), cause('UH'), expired],
    ]),
    [
      ['    URX: URX in full', '    UF: UF in full', '    transport: nothing listens'],
      [],
      ['    as above: UF, URX', '    transport: nothing listens'],
      ['    as above: UF', '    UH: UH in full', '    transport: the certificate has expired'],
    ],
  );
});

test('the same name with another meaning is explained again', () => {
  assert.equal(explained([[cause('a', 'x')], [cause('a', 'y')], [cause('a', 'x')]]), [
    ['    a: x'],
    ['    a: y'],
    ['    as above: a'],
  ]);
});

test('what is no log may have any number of names: they are explained, and not kept', () => {
  const many = Array.from({ length: 2000 }, (_, index) => [cause(`flag${index}`)]);
  assert.equal(explained([...many, many[1999] ?? []]).at(-1), ['    flag1999: flag1999 in full']);
});

test.run();
