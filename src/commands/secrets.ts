// `secrets`: every certificate and CA that the gateway's Envoys hold, with the hosts they serve. Never a private key.

import { answer, defineCommand, outputFormats } from '#core/command.ts';
import { hasAnswered } from '#core/fleet.ts';
import { globMatcher } from '#core/glob.ts';
import { parseJson } from '#core/json.ts';
import type { Admin } from '#core/source.ts';
import { readSecretUse } from '#dump/secret-use.ts';
import { readSecrets } from '#dump/secrets.ts';
import { servesHost } from '#analysis/route-filter.ts';
import { compareSecretRows, type SecretRow, secretRowContent } from '#model/certificate.ts';
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
    const all = mergePods(mapOutcomes(pods, ({ rows }) => rows).filter(hasAnswered), secretRowContent, compareSecretRows);
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
  readonly rows: readonly SecretRow[];
  readonly raw: unknown;
}

async function fetchSecrets(admin: Admin, keepRaw: boolean): Promise<PodSecrets> {
  const [active, warming, listeners] = [
    await fetchResource(admin, 'dynamic_active_secrets'),
    await fetchResource(admin, 'dynamic_warming_secrets'),
    await fetchResource(admin, 'dynamic_listeners'),
  ];
  const use = readSecretUse(listeners);
  const secrets = [...readSecrets(active), ...readSecrets(warming)];
  return {
    rows: secrets.map((secret) => ({ secret, hosts: use.get(secret.name) ?? [] })),
    raw: keepRaw ? envoySecrets(active, warming) : undefined,
  };
}

async function fetchResource(admin: Admin, resource: string): Promise<unknown> {
  return parseJson(await admin.get({ path: 'config_dump', query: { resource } }), `config_dump of ${admin.pod.name}`);
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
