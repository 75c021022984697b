import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { namingIllTyped } from '#core/ill-typed.ts';
import type { Source } from '#core/source.ts';

test('what cannot be read is named once, however often it is listed', async () => {
  const listed = [
    { metadata: { namespace: 'a', name: 'fine' } },
    { metadata: { namespace: 'a', name: 'wrong' }, illTyped: 'spec.host is 7, not a text' },
    { metadata: { namespace: 'a', name: '\u001b' }, illTyped: 'spec.host is 8, not a text' },
  ];
  const lines: string[] = [];
  const source = namingIllTyped({ list: async () => listed } as unknown as Source, (line) => lines.push(line));
  for (let times = 0; times < 2; times++) assert.is(await source.list('destinationrules'), listed);
  assert.equal(lines, [
    'left out: DestinationRule a/wrong: spec.host is 7, not a text',
    'left out: DestinationRule a: spec.host is 8, not a text',
  ]);
});

test.run();
