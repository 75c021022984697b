// Which certificates and CAs do the gateway's Envoys hold, and which hosts do they serve? Never a private key.

import { servesHost } from '#analysis/request/host-match.ts';
import type { Admin } from '#core/admin.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { globMatcher } from '#core/glob.ts';
import { typedHost } from '#core/host.ts';
import { someOf } from '#core/phrase.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { readSecretUse } from '#dump/secret-use.ts';
import { readSecrets } from '#dump/secrets.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import {
  compareSecretRows,
  isPlainlySameSecretRow,
  type Secret,
  type SecretRow,
  secretRowKey,
} from '#model/certificate.ts';
import { byIdentity, type Interner, interner, mapOutcomes, mergePods, type OnPods } from '#model/merge-pods.ts';
import { doubtsOfSecret } from '#model/secret-doubts.ts';
import { keptDumps } from './kept-dumps.ts';
import { askOneOfEach } from './one-of-each.ts';
import { fetchSecretDump } from './pod-configuration.ts';

export interface SecretsQuestion {
  /** Secrets of the filter chains that serve this host; patterns allowed. */
  readonly host?: string | undefined;
  /** Secrets with this name, with or without `kubernetes://`; patterns allowed. */
  readonly name?: string | undefined;
  /**
   * Says which hosts each secret serves, as `host` does besides. They stand in the listeners only, the largest part of
   * a dump: four times what the secrets cost Envoy.
   */
  readonly withHosts: boolean;
  readonly keepDumps?: boolean;
}

export interface SecretsAnswer extends QuestionAnswer<OnPods<SecretRow>> {
  readonly notes: readonly string[];
}

export async function askSecrets(source: Source, question: SecretsQuestion): Promise<SecretsAnswer> {
  const heldRow = (secret: Secret): SecretRow => ({ secret, hosts: undefined, ...doubtsOf(secret) });
  const pool = interner(
    ({ name }: Secret) => name,
    (secret) => secretRowKey(heldRow(secret)),
    (a, b) => isPlainlySameSecretRow(heldRow(a), heldRow(b)),
  );
  const rowPool = interner(({ secret }: SecretRow) => secret.name, secretRowKey, isPlainlySameSecretRow);
  const updates: SecretUpdates = new Map();
  const pods = await source.everyPod((admin) => fetchOwnSecrets(admin, pool, updates, question.keepDumps === true));
  const uses =
    question.withHosts || question.host !== undefined
      ? await askForHosts(source, pods.filter(hasAnswered))
      : new Map<string, UseOutcome>();
  const rows = mapOutcomes(pods, ({ secrets }, { name }) =>
    rowPool.intern(
      secrets.map((secret) => ({
        secret: { ...secret, lastUpdated: updates.get(secret) },
        hosts: hostsOf(secret, uses.get(name)),
        ...doubtsOf(secret),
      })),
    ),
  );
  const all = mergePods(rows.filter(hasAnswered), byIdentity, compareSecretRows);
  const items = all.filter(({ value }) => isWanted(value, question));
  return {
    gateway: await source.gateway(),
    pods,
    items,
    dumps: mapOutcomes(pods, ({ dumps }) => dumps),
    notes: [...unknownHosts(uses), ...(items.length === 0 ? [nothingFound(all.map(({ value }) => value))] : [])],
    incomplete: [...uses.values()].some((use) => !hasAnswered(use)),
  };
}

function doubtsOf(secret: Secret): Pick<SecretRow, 'doubts'> {
  const doubts = doubtsOfSecret(secret, secret.lastUpdated).map(({ text }) => text);
  return doubts.length === 0 ? {} : { doubts };
}

interface PodSecrets {
  readonly secrets: readonly Secret[];
  readonly dumps: readonly unknown[];
}

/** When the last of the pods took it: of equal secrets one stands for all, that of the pod that answered first. */
type SecretUpdates = Map<Secret, string | undefined>;

async function fetchOwnSecrets(
  admin: Admin,
  pool: Interner<Secret>,
  updates: SecretUpdates,
  keepDumps: boolean,
): Promise<PodSecrets> {
  const dump = await fetchSecretDump(admin);
  const own = readSecrets(dump);
  const secrets = pool.intern(own);
  for (const [index, secret] of secrets.entries()) {
    const times = [updates.get(secret), own[index]?.lastUpdated].flatMap((time) => time ?? []);
    updates.set(secret, times.sort().at(-1));
  }
  return { secrets, dumps: await keptDumps(keepDumps ? [dump] : []) };
}

/** SDS name → hosts. */
type SecretUse = ReadonlyMap<string, readonly string[]>;

/** As the pod tells it that was asked for all that hold the same. */
type UseOutcome = PodOutcome<SecretUse>;

/**
 * By the pod's name. Pods that hold secrets of the same names have the same Gateways: one pod of each such group is
 * asked.
 */
async function askForHosts(source: Source, pods: readonly Answered[]): Promise<ReadonlyMap<string, UseOutcome>> {
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

const hostsOf = ({ name }: Secret, use: UseOutcome | undefined): readonly string[] | undefined =>
  use === undefined || !hasAnswered(use) ? undefined : (use.ok.get(name) ?? []).toSorted();

function unknownHosts(uses: ReadonlyMap<string, UseOutcome>): string[] {
  const failures = [...uses].flatMap(([pod, use]) => ('failed' in use ? [{ pod, why: use.failed.message }] : []));
  const [first] = failures;
  return first === undefined
    ? []
    : [`cannot tell which hosts the secrets of ${someOf(failures.map(({ pod }) => pod))} serve: ${first.why}`];
}

function isWanted(row: SecretRow, { host, name }: Pick<SecretsQuestion, 'host' | 'name'>): boolean {
  const hasName =
    name === undefined || [row.secret.name, row.secret.name.replace(/^[a-z-]+:\/\//, '')].some(globMatcher(name));
  const wanted = host && typedHost(host).toLowerCase();
  const hasHost =
    wanted === undefined || row.hosts?.some((served) => servesHost(served, wanted) || globMatcher(wanted)(served));
  return hasName && hasHost === true;
}

function nothingFound(all: readonly SecretRow[]): string {
  if (all.length === 0) return 'no secrets: no Gateway with TLS reaches this gateway';
  return `no secret matches; secrets that exist: ${someOf(all.map(({ secret }) => secret.name))}`;
}
