import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defineCommand } from '#core/command.ts';
import { readmeWith } from '../../scripts/gen.ts';

const command = defineCommand({
  name: 'status',
  aliases: ['ps'],
  summary: 'Alive|in sync',
  group: 'ask',
  examples: [],
  flags: {},
  run: async () => ({ text: '' }),
});

const readme = '# Title\n<!-- generated: commands -->\nold\n<!-- end -->\nbetween\n<!-- generated: exit codes -->\n<!-- end -->\n';

test('the tables of README are replaced, the text around them stays', () => {
  const text = readmeWith(readme, [command]);
  assert.match(
    text,
    '# Title\n<!-- generated: commands -->\n| command | answers |\n| --- | --- |\n| `status`, `ps` | Alive\\|in sync |\n<!-- end -->\nbetween\n',
  );
  assert.match(text, '| 3 | answered, but not by every pod |\n');
  assert.is(readmeWith(text, [command]), text);
});

test('a README without the place for a table is an error', () => {
  assert.throws(() => readmeWith('# Title\n', [command]), /no <!-- generated: commands -->/);
});

test.run();
