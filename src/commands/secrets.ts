// `secrets`: every certificate and CA that the gateway's Envoys hold, with the hosts they serve. Never a private key.

import { servesHost } from '#analysis/host-match.ts';
import { answer, defineCommand, outputFormats } from '#core/command.ts';
import { ToolError } from '#core/error.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { globMatcher } from '#core/glob.ts';
import type { Admin, Source } from '#core/source.ts';
import { readSecretUse } from '#dump/secret-use.ts';
import { readSecretNames, readSecrets } from '#dump/secrets.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import { compareSecretRows, type Secret, type SecretRow, secretRowContent } from '#model/certificate.ts';
import { mapOutcomes, mergePods, type Sharing, sharing } from '#model/shared.ts';
import { envoySecrets } from '#render/envoy.ts';
import { someOf } from '#render/phrase.ts';
import { secretsView } from '#render/secrets.ts';
import { askOneOfEach } from '#source/one-of-each.ts';
import { fetchSecretDumps } from '#source/pod-configuration.ts';

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
    host: { type: 'string', value: 'HOST', completes: 'host', describe: 'secrets of the filter chains that serve this host' },
    name: { type: 'string', value: 'NAME', completes: 'secret', describe: 'secrets with this name, with or without kubernetes://; patterns allowed' },
  },
  run: async (context, flags) => {
    const source = await context.source();
    const shared = sharing((secret: Secret) => secretRowContent({ secret, hosts: undefined }));
    const known: KnownUses = new Map();
    const pods = await source.everyPod((admin) => fetchSecrets(admin, { shared, known, keepRaw: context.output === 'envoy' }));
    const uses = await askForHosts(source, pods.filter(hasAnswered), known);
    const rows = mapOutcomes(pods, ({ secrets, names }) => secrets.map((secret) => ({ secret, hosts: hostsOf(secret, uses.get(names)) })));
    const all = mergePods(rows.filter(hasAnswered), secretRowContent, compareSecretRows);
    const items = all.filter(({ value }) => isWanted(value, flags));
    return answer({
      view: secretsView,
      gateway: await source.gateway(),
      pods,
      items,
      envoy: mapOutcomes(pods, ({ raw }) => raw),
      notes: [...unknownHosts(uses, pods), ...(items.length === 0 ? [nothingFound(all.map(({ value }) => value))] : [])],
      incomplete: [...uses.values()].some((use) => 'failed' in use),
    });
  },
});

interface PodSecrets {
  readonly secrets: readonly Secret[];
  /** Of all secrets, as one text: pods that have the same are a group. */
  readonly names: string;
  /** Only for `-o envoy`. */
  readonly raw: unknown;
}

interface Gathered {
  readonly shared: Sharing<Secret>;
  readonly known: KnownUses;
  readonly keepRaw: boolean;
}

/** The listeners are asked for before the certificates are read: Envoy makes them meanwhile. */
async function fetchSecrets(admin: Admin, { shared, known, keepRaw }: Gathered): Promise<PodSecrets> {
  const { active, warming } = await fetchSecretDumps(admin);
  const names = [...readSecretNames(active), ...readSecretNames(warming)].sort().join('\n');
  const use = known.has(names) ? undefined : fetchUse(admin).catch(unlessInterrupted);
  if (use !== undefined) known.set(names, use);
  const secrets = shared.keep([...readSecrets(active), ...readSecrets(warming)]);
  await use;
  return { secrets, names, raw: keepRaw ? envoySecrets(active, warming) : undefined };
}

/** SDS name → hosts. */
type SecretUse = ReadonlyMap<string, readonly string[]>;

/**
 * Which hosts use a secret stands in the listeners only, the largest part of a dump. Pods that hold secrets of the same names have the
 * same Gateways, so the first pod of each such group is asked. Undefined where that failed. By the group's names.
 */
type KnownUses = Map<string, Promise<SecretUse | undefined>>;

type Use = { readonly ok: SecretUse } | { readonly failed: ToolError };

/** For the groups whose first pod failed, another one. */
async function askForHosts(source: Source, pods: readonly Answered[], known: KnownUses): Promise<ReadonlyMap<string, Use>> {
  const uses = new Map<string, Use>();
  const groups = Map.groupBy(pods, ({ ok }) => ok.names);
  for (const names of groups.keys()) {
    const use = await known.get(names);
    if (use !== undefined) uses.set(names, { ok: use });
  }
  const open = [...groups].filter(([names]) => !uses.has(names));
  const outcomes = await askOneOfEach(
    source,
    open.map(([, group]) => group.map(({ pod }) => pod.name)),
    fetchUse,
  );
  for (const [index, [names]] of open.entries()) {
    const outcome = outcomes[index];
    if (outcome !== undefined) uses.set(names, outcome);
  }
  return uses;
}

type Answered = PodOutcome<PodSecrets> & { readonly ok: PodSecrets };

const fetchUse = async (admin: Admin): Promise<SecretUse> => readSecretUse(await fetchConfigDump(admin, { resource: 'dynamic_listeners' }));

function unlessInterrupted(error: unknown): undefined {
  if (!(error instanceof ToolError) || error.code === 'interrupted') throw error;
}

const hostsOf = ({ name }: Secret, use: Use | undefined): readonly string[] | undefined =>
  use === undefined || 'failed' in use ? undefined : (use.ok.get(name) ?? []).toSorted();

function unknownHosts(uses: ReadonlyMap<string, Use>, pods: readonly PodOutcome<PodSecrets>[]): string[] {
  const failures = pods.filter(hasAnswered).flatMap(({ pod, ok }) => {
    const use = uses.get(ok.names);
    return use && 'failed' in use ? [{ pod: pod.name, why: use.failed.message }] : [];
  });
  const [first] = failures;
  return first === undefined ? [] : [`which hosts the secrets of ${someOf(failures.map(({ pod }) => pod))} serve is not known: ${first.why}`];
}

function isWanted(row: SecretRow, flags: { readonly host: string | undefined; readonly name: string | undefined }): boolean {
  const { host, name } = flags;
  const hasName = name === undefined || [row.secret.name, row.secret.name.replace(/^[a-z-]+:\/\//, '')].some(globMatcher(name));
  const hasHost = host === undefined || row.hosts?.some((served) => servesHost(served, host) || globMatcher(host)(served));
  return hasName && hasHost === true;
}

function nothingFound(all: readonly SecretRow[]): string {
  if (all.length === 0) return 'no secrets: no Gateway with TLS reaches this gateway';
  return `no secret matches; secrets that exist: ${someOf(all.map(({ secret }) => secret.name))}`;
}
