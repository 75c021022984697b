// The whole configuration of one pod.

import { ToolError } from '#core/error.ts';
import { hasAnswered } from '#core/fleet.ts';
import { quoted } from '#core/shell.ts';
import type { Source } from '#core/source.ts';
import { withoutSecrets } from '#dump/redaction.ts';
import { fetchJson } from '#envoy/admin.ts';

/** `config_dump` as Envoy has it, without private keys. Throws `usage` where there is more than one pod to choose from. */
export async function dumpOnePod(source: Source): Promise<unknown> {
  const { pods } = await source.gateway();
  const [pod] = pods;
  if (pod === undefined || pods.length > 1) {
    throw new ToolError('usage', `config-dump prints one pod, and the gateway has ${pods.length}`, {
      hint:
        pod === undefined
          ? 'see: kubectl istio-ingress status'
          : `choose one with --pod ${quoted(pod.name)}, or save all with --dir DIR`,
    });
  }
  const outcome = await source.onePod(pod, async (admin) =>
    withoutSecrets(await fetchJson(admin, { path: 'config_dump', query: { include_eds: '' } })),
  );
  if (!hasAnswered(outcome)) throw outcome.failed;
  return outcome.ok;
}
