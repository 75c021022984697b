// What the incidents have in common: asking `check`, and pasting the next steps that it prints.

import { dirname } from 'node:path';
import * as assert from 'uvu/assert';
import { schemaErrors } from '../../support/schema.ts';
import { binary, kii, type Outcome, start, until } from '../truth/cluster.ts';

export interface Finding {
  readonly severity: string;
  readonly text: string;
  readonly pods: readonly string[];
  readonly concerns: readonly { readonly kind?: string; readonly namespace: string; readonly name: string }[];
  readonly hosts?: readonly string[];
  readonly inHandsOf?: string;
  readonly next: readonly string[];
  readonly causedBy?: { readonly id: string };
}

interface Result {
  readonly id: string;
  readonly findings: readonly Finding[];
}

export async function check(...flags: readonly string[]): Promise<readonly Result[]> {
  const { out, err } = await kii('check', ...flags, '-o', 'json');
  if (out === '') throw new Error(err);
  const document = JSON.parse(out) as { readonly items: readonly Result[] };
  assert.equal(schemaErrors(document), []);
  return document.items;
}

/** The first finding of a check that is about it, as soon as there is one. */
export async function findingOf(id: string, about: string, ...flags: readonly string[]): Promise<Finding> {
  let found: Finding | undefined;
  await until(`${id} finds ${about}`, async () => {
    const results = await check(...flags);
    found = results.find((one) => one.id === id)?.findings.find(({ text }) => text.includes(about));
    return found !== undefined;
  });
  return found as Finding;
}

/** As a user pastes it: kubectl finds the binary as its plugin. */
export const paste = (command: string): Promise<Outcome> =>
  start(['-c', `PATH="${dirname(binary)}:$PATH"; ${command}`], {}, 'bash').outcome;

/** Each of them ends with 0, and the first shows it. */
export async function stepsShow({ next, text }: Pick<Finding, 'next' | 'text'>, name: string): Promise<void> {
  const commands = next.filter((one) => one.startsWith('kubectl '));
  assert.ok(commands.length > 0, `a next step of: ${text}`);
  for (const [index, command] of commands.entries()) {
    const { code, out, err } = await paste(command);
    assert.is(code, 0, `${command}\n${err}`);
    if (index === 0) assert.match(out, name, command);
  }
}
