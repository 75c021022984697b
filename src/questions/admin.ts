// What does every pod's Envoy answer to one of its own admin paths?

import type { AdminRequest } from '#core/admin.ts';
import { isWholeDump } from '#core/admin-path.ts';
import { ToolError } from '#core/error.ts';
import { hasAnswered } from '#core/fleet.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { readAdminBody } from '#dump/admin-body.ts';
import type { AdminBody } from '#model/admin-body.ts';
import { mapOutcomes } from '#model/merge-pods.ts';

/** Without private keys and other credentials. Throws `usage` for a whole config_dump of more than one pod. */
export async function askAdmin(source: Source, request: AdminRequest): Promise<QuestionAnswer<AdminBody>> {
  if (isWholeDump(request)) await refuseMany(source);
  const pods = await source.everyPod(
    async (admin): Promise<AdminBody> => ({
      pod: admin.pod.name,
      ...(await readAdminBody(await admin.get(request))),
    }),
  );
  return {
    gateway: await source.gateway(),
    pods: mapOutcomes(pods, () => undefined),
    items: pods.filter(hasAnswered).map(({ ok }) => ok),
  };
}

async function refuseMany(source: Source): Promise<void> {
  const { pods } = await source.gateway();
  if (pods.length < 2) return;

  throw new ToolError('usage', `cannot ask ${pods.length} pods for a whole config_dump: it holds Envoy's main thread`, {
    hint: [
      'save all with: kubectl istio-ingress config-dump --dir DIR',
      "or ask for a part, e.g. admin 'config_dump?resource=dynamic_listeners', or one pod with --pod NAME",
    ],
  });
}
