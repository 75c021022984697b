// `admin`: one of Envoy's own admin paths, on every pod.

import { answer, defineCommand } from '#command/command.ts';
import { readAdminPath } from '#core/admin-path.ts';
import { askAdmin } from '#questions/admin.ts';
import { adminView } from '#render/views/admin.ts';

export default defineCommand({
  name: 'admin',
  group: 'look',
  summary: 'GET an admin path of Envoy on every pod: /stats, /clusters, /certs and the others that only read',
  details: `A body that several pods have is printed once, without private keys and other credentials. The tool refuses paths that act (/quitquitquit,
/reset_counters…). It also refuses a whole config_dump of more than one pod: config-dump asks for those with care.`,
  examples: [
    { args: "admin 'stats?usedonly&filter=listener_manager'", describe: 'counters of every pod' },
    { args: 'admin /server_info --pod NAME', describe: "one pod's answer as it is" },
    { args: "admin 'clusters?format=json' -o json", describe: 'one document with the answers of all' },
  ],
  arguments: [{ name: 'PATH', describe: 'an admin path, with its query', completes: 'admin-path' }],
  flags: {},
  run: async (context, _flags, [path = '']) => {
    const request = readAdminPath(path);
    return answer({ view: adminView, ...(await askAdmin(await context.source(), request)) });
  },
});
