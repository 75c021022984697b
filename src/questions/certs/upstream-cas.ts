// Which CAs are the services behind the hosts checked with?

import { type ChosenChain, chooseChains, placesOf } from '#analysis/certificates/host-certificates.ts';
import {
  caNamesOf,
  destinationsOf,
  routeConfigurationsOf,
  upstreamCertificates,
} from '#analysis/certificates/upstream-certificates.ts';
import type { Admin } from '#core/admin.ts';
import { type Gateway, hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { Asking, QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { readClusters } from '#dump/clusters.ts';
import { readRoutes } from '#dump/routes.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import { regexOfNames } from '#envoy/name-regex.ts';
import { mergePods, type OnPods } from '#model/merge-pods.ts';
import type { RouteConfiguration } from '#model/route.ts';
import {
  compareUpstreamCertificates,
  type UpstreamCertificate,
  upstreamCertificateKey,
} from '#model/upstream-certificate.ts';
import { fetchListeners } from '#questions/pod-configuration.ts';
import { fetchNamedSecrets, noSecrets } from './pod-certificates.ts';
import { lateNotes, nothingFound, type PodCertificates, rowsOf } from './rows.ts';

export interface UpstreamCasQuestion {
  /** A host or a secret, patterns allowed; undefined: all hosts. */
  readonly asked: string | undefined;
  /** Milliseconds: what is not valid until then is a finding. */
  readonly failWithin: number | undefined;
}

export async function askUpstreamCas(
  source: Source,
  { asked, failWithin }: UpstreamCasQuestion,
  asking: Asking,
): Promise<QuestionAnswer<OnPods<UpstreamCertificate>>> {
  const { rows, ...fleet } = await fetchFleetUpstreams(source, asked);
  const ending = rows.map(({ value }) => ({ value: { ...value, outcome: 'certificate', why: undefined } as const }));
  const late = lateNotes(ending, failWithin, asking.now);
  return { ...fleet, items: rows, notes: [...fleet.notes, ...late], findings: late.length > 0 };
}

interface FleetUpstreams {
  readonly gateway: Gateway;
  readonly pods: readonly PodOutcome<PodCertificates<UpstreamCertificate>>[];
  readonly rows: readonly OnPods<UpstreamCertificate>[];
  /** For an empty answer: which names exist. */
  readonly notes: readonly string[];
}

/** `keepPem`: also the CAs as they are. */
export async function fetchFleetUpstreams(
  source: Source,
  asked: string | undefined,
  keepPem = false,
): Promise<FleetUpstreams> {
  const gateway = await source.gateway();
  const pods = await source.everyPod((admin) => fetchUpstreams(admin, asked, keepPem));
  const rows = mergePods(rowsOf(pods), upstreamCertificateKey, compareUpstreamCertificates);
  const answers = pods.filter(hasAnswered);
  const hosts = answers.flatMap(({ ok }) => ok.hosts);
  const isNothing = rows.length === 0 && answers.length > 0;
  return { gateway, pods, rows, notes: isNothing ? [nothingFound(asked, 'upstream-ca', hosts)] : [] };
}

async function fetchUpstreams(
  admin: Admin,
  asked: string | undefined,
  keepPem: boolean,
): Promise<PodCertificates<UpstreamCertificate>> {
  const listeners = await fetchListeners(admin);
  const chosen = chooseChains(listeners, [], asked);
  const destinations = destinationsOf(chosen, await fetchRoutesOf(admin, chosen, asked));
  const names = [...destinations.keys()].sort();
  if (names.length === 0) return { rows: [], ...noSecrets, hosts: placesOf(listeners).map(({ host }) => host) };
  const clusters = readClusters(
    await fetchConfigDump(admin, { resource: 'dynamic_active_clusters', nameRegex: regexOfNames(names) }),
  );
  const wanted = clusters.filter(({ name }) => destinations.has(name));
  const cas = [...new Set(wanted.flatMap(({ tls }) => caNamesOf(tls)))].filter((name) => name !== 'inline');
  const { secrets, ...rest } = await fetchNamedSecrets(admin, cas, keepPem);
  return { rows: upstreamCertificates(destinations, wanted, secrets), ...rest, hosts: [] };
}

async function fetchRoutesOf(
  admin: Admin,
  chosen: readonly ChosenChain[],
  asked: string | undefined,
): Promise<readonly RouteConfiguration[]> {
  const names = routeConfigurationsOf(chosen);
  if (names.length === 0) return [];
  const only = asked === undefined ? {} : { nameRegex: regexOfNames(names) };
  return readRoutes(await fetchConfigDump(admin, { resource: 'dynamic_route_configs', ...only }));
}
