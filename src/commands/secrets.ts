// `secrets`: every certificate and CA that the gateway's Envoys hold, with the hosts they serve. Never a private key.

import { servesHost } from '#analysis/host-match.ts';
import { answer, defineCommand, outputFormats } from '#core/command.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { globMatcher } from '#core/glob.ts';
import type { Admin, Source } from '#core/source.ts';
import { readSecretUse } from '#dump/secret-use.ts';
import { readSecrets } from '#dump/secrets.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import { compareSecretRows, type Secret, type SecretRow, secretRowContent } from '#model/certificate.ts';
import { mapOutcomes, mergePods } from '#model/shared.ts';
import { envoySecrets } from '#render/envoy.ts';
import { someOf } from '#render/phrase.ts';
import { secretsView } from '#render/secrets.ts';

export default defineCommand({
  name: 'secrets',
  aliases: ['secret'],
  group: 'look',
  summary: 'List the certificates and CAs that every gateway pod has loaded, with the hosts they serve',
  details: 'Private keys are dropped where they are read. A secret that istiod never delivered is shown as WARMING.',
  examples: [
    { args: 'secrets', describe: 'every secret of every pod, equal ones once' },
    { args: 'secrets --host svc1.discovery.wmnet', describe: 'the certificate of a host' },
    { args: 'secrets --pod NAME -o envoy', describe: 'the JSON that istioctl proxy-config secrets -o json prints' },
  ],
  outputs: outputFormats,
  flags: {
    host: { type: 'string', value: 'HOST', describe: 'secrets of the filter chains that serve this host' },
    name: { type: 'string', value: 'NAME', describe: 'secrets with this name, with or without kubernetes://; patterns allowed' },
  },
  run: async (context, flags) => {
    const source = await context.source();
    const pods = await source.everyPod((admin) => fetchSecrets(admin, context.output === 'envoy'));
    const hosts = await hostsOfSecrets(source, pods);
    const rows = mapOutcomes(pods, ({ secrets }) => secrets.map((secret) => ({ secret, hosts: hosts.get(secret.name) ?? [] })));
    const all = mergePods(rows.filter(hasAnswered), secretRowContent, compareSecretRows);
    const items = all.filter(({ value }) => isWanted(value, flags));
    return answer({
      view: secretsView,
      gateway: await source.gateway(),
      pods,
      items,
      envoy: mapOutcomes(pods, ({ raw }) => raw),
      notes: items.length === 0 ? [nothingFound(all.map(({ value }) => value))] : [],
    });
  },
});

interface PodSecrets {
  readonly secrets: readonly Secret[];
  /** Only for `-o envoy`. */
  readonly raw: unknown;
}

async function fetchSecrets(admin: Admin, keepRaw: boolean): Promise<PodSecrets> {
  const active = await fetchConfigDump(admin, { resource: 'dynamic_active_secrets' });
  const warming = await fetchConfigDump(admin, { resource: 'dynamic_warming_secrets' });
  return {
    secrets: [...readSecrets(active), ...readSecrets(warming)],
    raw: keepRaw ? envoySecrets(active, warming) : undefined,
  };
}

/**
 * Which hosts use a secret stands in the listeners only, the largest part of a dump. Pods that hold secrets of the same names
 * have the same Gateways, so one pod of each such group is asked; `certs` asks every pod.
 */
async function hostsOfSecrets(source: Source, pods: readonly PodOutcome<PodSecrets>[]): Promise<Map<string, readonly string[]>> {
  const groups = Map.groupBy(pods.filter(hasAnswered), ({ ok }) =>
    ok.secrets
      .map(({ name }) => name)
      .sort()
      .join('\n'),
  );
  const asked = new Set([...groups.values()].map(([first]) => first?.pod.name));
  const uses = await source.everyPod(
    async (admin) => readSecretUse(await fetchConfigDump(admin, { resource: 'dynamic_listeners' })),
    (pod) => asked.has(pod.name),
  );
  const hosts = new Map<string, readonly string[]>();
  for (const { ok } of uses.filter(hasAnswered)) {
    for (const [secret, served] of ok) hosts.set(secret, [...new Set([...(hosts.get(secret) ?? []), ...served])].sort());
  }
  return hosts;
}

function isWanted(row: SecretRow, flags: { readonly host: string | undefined; readonly name: string | undefined }): boolean {
  const { host, name } = flags;
  const hasName = name === undefined || [row.secret.name, row.secret.name.replace(/^[a-z-]+:\/\//, '')].some(globMatcher(name));
  const hasHost = host === undefined || row.hosts.some((served) => servesHost(served, host) || globMatcher(host)(served));
  return hasName && hasHost;
}

function nothingFound(all: readonly SecretRow[]): string {
  if (all.length === 0) return 'no secrets: no Gateway with TLS reaches this gateway';
  return `no secret matches; secrets that exist: ${someOf(all.map(({ secret }) => secret.name))}`;
}
