// How `admin` looks: the body as it is where one pod is asked; else each body once, under the pods that answered it.

import type { Answer, Style, Text, View } from '#command/command.ts';
import type { AdminBody } from '#model/admin-body.ts';
import { cleanText } from '#render/format/terminal.ts';
import { paint } from '#render/format/tone.ts';
import { askedPods, describePods } from '#render/words/describe-pods.ts';

export const adminView: View<AdminBody> = {
  kind: 'AdminAnswerList',
  table: renderBodies,
  name: ({ pod }) => `pod/${pod}`,
  json: ({ pod, text, json }) => ({ pod, body: json ?? text }),
};

function renderBodies(items: readonly AdminBody[], answer: Answer<AdminBody>, style: Style): Text {
  const asked = askedPods(answer);
  if (asked.all === 1) return { document: items.map(({ text }) => withLineEnd(text)).join('') };
  const groups = [...Map.groupBy(items, ({ text }) => text)].toSorted(([, a], [, b]) => b.length - a.length);
  const titled = groups.map(
    ([text, same]) => `${paint(cleanText(header(same, asked)), 'strong', style.color)}\n${withLineEnd(text)}`,
  );
  return { document: titled.join('\n') };
}

const withLineEnd = (text: string): string => (text === '' || text.endsWith('\n') ? text : `${text}\n`);

/** `PODS 3/3`, or the pod's own name. */
function header(same: readonly AdminBody[], asked: ReturnType<typeof askedPods>): string {
  const [first] = same;
  if (first && same.length === 1) return `POD ${first.pod}`;
  const cell = describePods(
    same.map(({ pod }) => pod),
    asked,
  );
  return `PODS ${typeof cell === 'string' ? cell : cell.text}`;
}
