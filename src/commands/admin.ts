// `admin`: one of Envoy's own admin paths, on every pod.

import { answer, defineCommand } from '#command/command.ts';
import { isWholeDump, readAdminPath } from '#core/admin-path.ts';
import { ToolError } from '#core/error.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import { readAdminBody } from '#dump/admin-body.ts';
import type { AdminBody } from '#model/admin-body.ts';
import { mapOutcomes } from '#model/merge-pods.ts';
import { adminView } from '#render/views/admin.ts';

export default defineCommand({
  name: 'admin',
  group: 'look',
  summary: 'GET an admin path of Envoy on every pod: /stats, /clusters, /certs and the others that only read',
  details: `A body that several pods have is printed once. Private keys and other credentials are taken out. Paths that act (/quitquitquit, /reset_counters…)
are refused, and so is a whole config_dump of more than one pod, which config-dump asks for with care.`,
  examples: [
    { args: "admin 'stats?usedonly&filter=listener_manager'", describe: 'counters of every pod' },
    { args: 'admin /server_info --pod NAME', describe: "one pod's answer as it is" },
    { args: "admin 'clusters?format=json' -o json", describe: 'one document with the answers of all' },
  ],
  arguments: [{ name: 'PATH', describe: 'an admin path, with its query', completes: 'admin-path' }],
  flags: {},
  run: async (context, _flags, [path = '']) => {
    const request = readAdminPath(path);
    const source = await context.source();
    if (isWholeDump(request)) await refuseMany(source);
    const pods = await source.everyPod(
      async (admin): Promise<AdminBody> => ({
        pod: admin.pod.name,
        ...(await readAdminBody(await admin.get(request))),
      }),
    );
    return answer({
      view: adminView,
      gateway: await source.gateway(),
      pods: mapOutcomes(pods, () => undefined),
      items: pods.filter(hasAnswered).map(({ ok }) => ok),
    });
  },
});

async function refuseMany(source: Source): Promise<void> {
  const { pods } = await source.gateway();
  if (pods.length < 2) return;

  throw new ToolError('usage', `cannot ask ${pods.length} pods for a whole config_dump: it holds Envoy's main thread`, {
    hint: `save all with: kubectl istio-ingress config-dump --dir DIR\nor ask for a part, e.g. admin 'config_dump?resource=dynamic_listeners', or one pod with --pod NAME`,
  });
}
