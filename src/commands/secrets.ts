// `secrets`: every certificate and CA that the gateway's Envoys hold, with the hosts they serve. Never a private key.

import { servesHost } from '#analysis/request/host-match.ts';
import { answer, defineCommand, type OutputFormat, outputFormats } from '#command/command.ts';
import type { Admin } from '#core/admin.ts';
import type { ToolError } from '#core/error.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { globMatcher } from '#core/glob.ts';
import type { Source } from '#core/source.ts';
import { withoutSecrets } from '#dump/redaction.ts';
import { readSecretUse } from '#dump/secret-use.ts';
import { readSecrets } from '#dump/secrets.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import { compareSecretRows, type Secret, type SecretRow, secretRowContent } from '#model/certificate.ts';
import { mapOutcomes, mergePods, type Shared, type Sharing, sharing } from '#model/merge-pods.ts';
import { envoySecrets } from '#render/format/envoy.ts';
import { secretsView } from '#render/views/secrets.ts';
import { someOf } from '#render/words/phrase.ts';
import { askOneOfEach } from '#source/one-of-each.ts';
import { fetchSecretDumps } from '#source/pod-configuration.ts';

export default defineCommand({
  name: 'secrets',
  aliases: ['secret'],
  group: 'look',
  summary: 'List the certificates and CAs that every gateway pod has loaded, with their names and validity',
  details:
    'Private keys are dropped where they are read. A secret that istiod never delivered is shown as WARMING. Which hosts a secret serves ' +
    'stands in the listeners alone, which cost Envoy four times as much: -o wide, JSON and --host ask for them.',
  examples: [
    { args: 'secrets', describe: 'every secret of every pod, equal ones once' },
    { args: 'secrets -o wide', describe: 'with the hosts that each serves, dates, keys and chains' },
    { args: 'secrets --host svc1.discovery.wmnet', describe: 'the certificate of a host' },
    { args: 'secrets --pod NAME -o envoy', describe: 'the JSON that istioctl proxy-config secrets -o json prints' },
  ],
  outputs: outputFormats,
  flags: {
    host: {
      type: 'string',
      value: 'HOST',
      completes: 'host',
      describe: 'secrets of the filter chains that serve this host',
    },
    name: {
      type: 'string',
      value: 'NAME',
      completes: 'secret',
      describe: 'secrets with this name, with or without kubernetes://; patterns allowed',
    },
  },
  run: async (context, flags) => {
    const source = await context.source();
    const shared = sharing((secret: Secret) => secretRowContent({ secret, hosts: undefined }));
    const pods = await source.everyPod((admin) => fetchSecrets(admin, shared, context.output === 'envoy'));
    const uses = isAskedForHosts(context.output, flags)
      ? await askForHosts(source, pods.filter(hasAnswered))
      : new Map<string, Use>();
    const rows = mapOutcomes(pods, ({ secrets }, { name }) =>
      secrets.map((secret) => ({ secret, hosts: hostsOf(secret, uses.get(name)) })),
    );
    const all = mergePods(rows.filter(hasAnswered), secretRowContent, compareSecretRows);
    const items = all.filter(({ value }) => isWanted(value, flags));
    return answer({
      view: secretsView,
      gateway: await source.gateway(),
      pods,
      items,
      envoy: mapOutcomes(pods, ({ raw }) => raw),
      notes: [
        ...unknownHosts(uses),
        ...(items.length === 0 ? [nothingFound(all.map(({ value }) => value))] : []),
        ...waitingNote(context.output, items),
      ],
      incomplete: [...uses.values()].some((use) => 'failed' in use),
    });
  },
});

interface PodSecrets {
  readonly secrets: readonly Secret[];
  /** Only for `-o envoy`. */
  readonly raw: unknown;
}

/**
 * Which hosts a secret serves stands in the listeners only, the largest part of a dump: four times what the secrets
 * cost Envoy. A table tells it where it is asked for; documents always have it.
 */
function isAskedForHosts(output: OutputFormat, { host }: { readonly host: string | undefined }): boolean {
  return host !== undefined || !['table', 'name', 'envoy'].includes(output);
}

async function fetchSecrets(admin: Admin, shared: Sharing<Secret>, keepRaw: boolean): Promise<PodSecrets> {
  const { active, warming } = await fetchSecretDumps(admin);
  const secrets = shared.keep([...readSecrets(active), ...readSecrets(warming)]);
  if (!keepRaw) return { secrets, raw: undefined };
  return { secrets, raw: envoySecrets(await withoutSecrets(active), await withoutSecrets(warming)) };
}

/** SDS name → hosts. */
type SecretUse = ReadonlyMap<string, readonly string[]>;

type Use = { readonly ok: SecretUse } | { readonly failed: ToolError };

/**
 * By the pod's name. Pods that hold secrets of the same names have the same Gateways: one pod of each such group is
 * asked.
 */
async function askForHosts(source: Source, pods: readonly Answered[]): Promise<ReadonlyMap<string, Use>> {
  const groups = [...Map.groupBy(pods, ({ ok }) => namesOf(ok.secrets)).values()].map((group) =>
    group.map(({ pod }) => pod.name),
  );
  const outcomes = await askOneOfEach(source, groups, fetchUse);
  return new Map(
    outcomes.flatMap((outcome, index) =>
      outcome === undefined ? [] : (groups[index] ?? []).map((pod) => [pod, outcome] as const),
    ),
  );
}

const namesOf = (secrets: readonly Secret[]): string =>
  secrets
    .map(({ name }) => name)
    .sort()
    .join('\n');

type Answered = PodOutcome<PodSecrets> & { readonly ok: PodSecrets };

const fetchUse = async (admin: Admin): Promise<SecretUse> =>
  readSecretUse(await fetchConfigDump(admin, { resource: 'dynamic_listeners' }));

/** A secret that nobody has has no names of its own: whom it hurts stands in the listeners. */
function waitingNote(output: OutputFormat, items: readonly Shared<SecretRow>[]): string[] {
  const waiting = items.filter(({ value }) => value.secret.state === 'warming' && value.hosts === undefined);
  if (output !== 'table' || waiting.length === 0) return [];
  return [`which hosts wait for ${someOf(waiting.map(({ value }) => value.secret.name))} is shown by -o wide`];
}

const hostsOf = ({ name }: Secret, use: Use | undefined): readonly string[] | undefined =>
  use === undefined || 'failed' in use ? undefined : (use.ok.get(name) ?? []).toSorted();

function unknownHosts(uses: ReadonlyMap<string, Use>): string[] {
  const failures = [...uses].flatMap(([pod, use]) => ('failed' in use ? [{ pod, why: use.failed.message }] : []));
  const [first] = failures;
  return first === undefined
    ? []
    : [`which hosts the secrets of ${someOf(failures.map(({ pod }) => pod))} serve is not known: ${first.why}`];
}

function isWanted(
  row: SecretRow,
  flags: { readonly host: string | undefined; readonly name: string | undefined },
): boolean {
  const { host, name } = flags;
  const hasName =
    name === undefined || [row.secret.name, row.secret.name.replace(/^[a-z-]+:\/\//, '')].some(globMatcher(name));
  const hasHost =
    host === undefined || row.hosts?.some((served) => servesHost(served, host) || globMatcher(host)(served));
  return hasName && hasHost === true;
}

function nothingFound(all: readonly SecretRow[]): string {
  if (all.length === 0) return 'no secrets: no Gateway with TLS reaches this gateway';
  return `no secret matches; secrets that exist: ${someOf(all.map(({ secret }) => secret.name))}`;
}
