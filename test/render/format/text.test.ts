import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { elideText, padText, textWidth, wrapText } from '#render/format/text.ts';

const widths: readonly (readonly [string, number])[] = [
  ['', 0],
  ['svc1.discovery.wmnet', 20],
  ['✗ 301 → /new · …', 16],
  ['naïve', 5],
  ['nai\u0308ve', 5],
  ['日本語', 6],
  ['한국', 4],
  ['👍', 2],
  ['✅ ⭐ ⌚ 🟢', 11],
  ['☎ ❤ →', 5],
  ['a\u200bb', 2],
];

for (const [text, width] of widths) {
  test(`takes ${JSON.stringify(text)} to be ${width} columns wide`, () => {
    assert.is(textWidth(text), width);
  });
}

test('measures usual characters alone as it does beside unusual ones', () => {
  const all = Array.from({ length: 0xd800 - 0x20 }, (_, index) => String.fromCharCode(0x20 + index));
  assert.equal(
    all.filter((character) => textWidth(character) !== textWidth(`日${character}`) - 2),
    [],
  );
});

test('pads by columns, not by characters', () => {
  assert.is(padText('日本', 6), '日本  ');
  assert.is(padText('longer', 3), 'longer');
});

test('elides the middle, never beyond the width', () => {
  assert.is(elideText('kubernetes://svc1', 9), 'kube…svc1');
  for (let width = 1; width < 20; width++) assert.ok(textWidth(elideText('日本a語日b本語', width)) <= width);
});

const wrapped: readonly (readonly [string, number, readonly string[]])[] = [
  ['short', 10, ['short']],
  ['two words here', 9, ['two words', 'here']],
  ['outbound|80||web.svc1', 12, ['outbound|80|', '|web.svc1']],
  ['svc1.discovery.wmnet', 16, ['svc1.discovery.', 'wmnet']],
  ['aaaaaaaaaa', 4, ['aaaa', 'aaaa', 'aa']],
  ['日本語', 1, ['日', '本', '語']],
];

for (const [text, width, lines] of wrapped) {
  test(`breaks ${JSON.stringify(text)} at ${width}`, () => {
    assert.equal(wrapText(text, width), lines);
  });
}

test.run();
