// `help`: the overview, the page of a command, or a topic.

import { defineCommand } from '#command/command.ts';
import { ToolError } from '#core/error.ts';
import { nearest } from '#core/suggestion.ts';
import { topics } from '#render/views/help-topics.ts';

export default defineCommand({
  name: 'help',
  group: 'tool',
  summary: `Help for a command, or on ${topics.map(({ name }) => name).join(', ')}`,
  examples: [
    { args: 'help status', describe: 'the same as status --help' },
    ...topics.map(({ name, summary }) => ({ args: `help ${name}`, describe: summary })),
  ],
  arguments: [
    {
      name: 'topic',
      describe: `a command, or ${topics.map(({ name }) => name).join(', ')}`,
      optional: true,
      choices: topics.map(({ name }) => name),
      completes: 'command',
    },
  ],
  flags: {},
  outputs: [],
  usesCluster: false,
  knowsOthers: true,
  run: async ({ commands, invoke }, _, [word]) => {
    const topic = topics.find(({ name }) => name === word);
    if (topic) return { text: topic.text.split('\n') };
    if (word === undefined) return { text: [], exitCode: await invoke([]) };
    const names = commands.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
    if (names.includes(word)) return { text: [], exitCode: await invoke([word, '--help']) };
    const near = nearest(word, [...names, ...topics.map(({ name }) => name)]);
    throw new ToolError('usage', `no help on "${word}"`, {
      hint: near === undefined ? 'see: kubectl istio-ingress --help' : `did you mean "${near}"?`,
    });
  },
});
