import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Style } from '#command/command.ts';
import type { Pod } from '#core/fleet.ts';
import type { AdminBody } from '#model/admin-body.ts';
import { adminView } from '#render/views/admin.ts';
import { answerOf, onTerminal, piped, terminal } from '../../support/builders/answer.ts';
import { failure, ok, pod } from '../../support/builders/fleet.ts';

const pods = ['a', 'b', 'c', 'd'].map((suffix) => pod(suffix));
const body = (of: Pod, text: string): AdminBody => ({ pod: of.name, text, json: undefined });

const render = (texts: readonly (string | undefined)[], style: Style = piped): string => {
  const asked = pods.slice(0, texts.length);
  const items = texts.flatMap((text, i) => (text === undefined ? [] : [body(asked[i] as Pod, text)]));
  const outcomes = asked.map((of, i) => (texts[i] === undefined ? failure(of) : ok(of)));
  const text = adminView.table(items, answerOf(adminView, items, outcomes), style);
  return 'document' in text && style === piped ? text.document : onTerminal(text);
};

test('one pod: the body as it is', () => {
  assert.is(render(['{"a":\t1}\u001b[0m\n']), '{"a":\t1}\u001b[0m\n');
});

test('on a terminal nothing can repaint it', () => {
  assert.is(render(['x\ty\u001b[2J\u202e\r\n'], terminal(80)), 'x\ty\ufffd[2J\ufffd\n');
});

test('equal bodies are printed once, under how many pods have them', () => {
  assert.is(render(['LIVE\n', 'LIVE\n', 'LIVE\n']), 'PODS 3/3\nLIVE\n');
});

test('bodies that differ stand under their pods, the most common first', () => {
  assert.is(
    render(['1', '2\n', '2\n', '2\n']),
    'PODS 3/4, not istio-ingressgateway-a\n2\n\nPOD istio-ingressgateway-a\n1\n',
  );
});

test('a pod that did not answer is counted', () => {
  assert.is(render(['x', 'x', undefined]), 'PODS 2/3, 1 unknown\nx\n');
});

test.run();
