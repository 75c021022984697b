import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { commands } from '#commands/all.gen.ts';
import { loaders } from '#commands/one.gen.ts';

test('every command can be loaded alone, by its name', async () => {
  assert.equal(Object.keys(loaders).sort(), commands.map(({ name }) => name).sort());
  for (const command of commands) assert.is(await loaders[command.name]?.(), command);
});

test('what runs or lists other commands says so', () => {
  assert.equal(
    commands
      .filter(({ run, knowsOthers }) => /\b(invoke|commands)\b/.test(String(run)) && !knowsOthers)
      .map(({ name }) => name),
    [],
  );
});

test.run();
