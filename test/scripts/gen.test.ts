import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { defineCommand } from '#command/command.ts';
import { readmeWith } from '../../scripts/gen.ts';

const command = defineCommand({
  name: 'status',
  aliases: ['ps'],
  summary: 'Alive|in sync',
  group: 'ask',
  examples: [],
  flags: {},
  run: async () => ({ text: [] }),
});

const costs = [['`routes`', '**0.70**', '0.7', '**0.50**', 'ours', 'theirs', 'Envoy']];

const readme =
  '# Title\n<!-- generated: commands -->\nold\n<!-- end -->\nbetween\n<!-- generated: exit codes -->\n<!-- end -->\n<!-- generated: cost -->\n<!-- end -->\n';

test('the tables of README are replaced, the text around them stays', () => {
  const text = readmeWith(readme, [command], costs);
  assert.match(
    text,
    '# Title\n<!-- generated: commands -->\n| command | answers |\n| --- | --- |\n| `status`, `ps` | Alive\\|in sync |\n<!-- end -->\nbetween\n',
  );
  assert.match(
    text,
    '| 3 | answered, but not by every pod; or what was asked for (`--fail-on`, `--fail-within`, `--expect`, `wait`, `--only`) could not be judged |\n',
  );
  assert.match(text, '| `routes` | **0.70** | **0.50** | Envoy |\n');
  assert.is(readmeWith(text, [command], costs), text);
});

test('a README without the place for a table is an error', () => {
  assert.throws(() => readmeWith('# Title\n', [command], costs), /no <!-- generated: commands -->/);
});

test.run();
