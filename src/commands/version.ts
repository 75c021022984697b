// `version`: this tool, every istiod, every proxy; equal versions on one line.

import { answer, defineCommand } from '#command/command.ts';
import type { ComponentVersion } from '#model/version.ts';
import { askVersions } from '#questions/version.ts';
import { versionView } from '#render/views/version.ts';

export default defineCommand({
  name: 'version',
  group: 'tool',
  summary: 'Versions of this tool, of every istiod and of every proxy',
  examples: [
    { args: 'version', describe: 'everything' },
    { args: 'version --client', describe: 'this tool only, without a cluster' },
  ],
  flags: { client: { type: 'boolean', describe: 'only the version of this tool; reads no cluster' } },
  run: async (context, flags) => {
    if (flags.client) return { text: [context.version] };
    const asked = await askVersions(await context.source());
    const client: ComponentVersion = {
      component: 'client',
      version: context.version,
      envoyVersion: undefined,
      pods: [],
    };
    return answer({ view: versionView, ...asked, items: [client, ...asked.items] });
  },
});
