import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ToolError } from '#core/error.ts';
import { hasAnswered, type Pod, type PodOutcome } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import { askOneOfEach } from '#questions/one-of-each.ts';
import { podNamed } from '../support/builders/fleet.ts';

/** A source whose pods named `-x` fail; writes down who was asked, round by round. */
function sourceOf(names: readonly string[], rounds: string[][]): Source {
  const pods = names.map((name) => podNamed(name));
  const everyPod = async (_: unknown, only: (pod: Pod) => boolean): Promise<PodOutcome<unknown>[]> => {
    const asked = pods.filter(only);
    rounds.push(asked.map(({ name }) => name));
    return asked.map((one) =>
      one.name.endsWith('-x')
        ? { pod: one, failed: new ToolError('timeout', `${one.name} is silent`) }
        : { pod: one, ok: one.name },
    );
  };
  return { everyPod } as unknown as Source;
}

const words = (outcome: PodOutcome<unknown> | undefined): unknown =>
  outcome && (hasAnswered(outcome) ? outcome.ok : outcome.failed.message);

test('one pod of each group is asked, another where that fails, and three at the most', async () => {
  const rounds: string[][] = [];
  const groups = [['a', 'b'], ['c-x', 'd', 'e'], ['f-x', 'g-x', 'h-x', 'i'], []];
  const found = await askOneOfEach(sourceOf(groups.flat(), rounds), groups, async () => undefined);
  assert.equal(found.map(words), ['a', 'd', 'h-x is silent', undefined]);
  assert.equal(rounds, [['a', 'c-x', 'f-x'], ['d', 'g-x'], ['h-x']]);
});

test.run();
