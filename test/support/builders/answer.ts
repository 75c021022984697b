// The ways to print, and the answer of a command.

import type { Answer, Style, Text, View } from '#command/command.ts';
import type { PodOutcome } from '#core/fleet.ts';
import { openGate } from '#render/format/terminal.ts';
import { gateway, now } from './fleet.ts';

export const piped: Style = { color: false, columns: Number.POSITIVE_INFINITY, wide: false, now };
export const wide: Style = { ...piped, wide: true };
export const terminal = (columns: number): Style => ({ ...piped, columns });

export function answerOf<Item>(
  view: View<Item>,
  items: readonly Item[],
  pods: readonly PodOutcome<unknown>[],
  more: Partial<Answer<Item>> = {},
): Answer<Item> {
  return { view, items, pods, gateway: gateway(pods.map((outcome) => outcome.pod)), ...more };
}

/** As `cli.ts` writes it to a terminal. */
export function onTerminal(text: Text): string {
  const gate = openGate(true);
  return 'document' in text ? gate.document(text.document) : gate.lines(text);
}
