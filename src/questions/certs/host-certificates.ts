// Which certificate do the clients of each host get, from every pod, until when, and what is wrong with it?

import { type CertificateExpectation, judgeCertificates } from '#analysis/certificates/certificate-expectation.ts';
import { judge } from '#analysis/certificates/certificate-problems.ts';
import { withDoubts } from '#analysis/certificates/doubtful-hosts.ts';
import {
  type ChosenChain,
  chooseChains,
  hostCertificates,
  loadTimes,
  looseCertificates,
  type Place,
  placesOf,
  type SecretRole,
  secretMatcher,
  secretsOfChains,
} from '#analysis/certificates/host-certificates.ts';
import { claimsOf, type GatewayClaim } from '#analysis/istio/gateway-claims.ts';
import type { Admin } from '#core/admin.ts';
import { type Gateway, hasAnswered, type PodOutcome } from '#core/fleet.ts';
import { triedTo } from '#core/known.ts';
import type { Asking, QuestionAnswer } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import { authoritiesIn } from '#model/certificate.ts';
import {
  type CertificateProblem,
  compareHostCertificates,
  type HostCertificate,
  type HostCertificateItem,
  hostCertificateKey,
  type Served,
} from '#model/host-certificate.ts';
import type { Listener } from '#model/listener.ts';
import { byIdentity, interner, mergePods, type OnPods } from '#model/merge-pods.ts';
import { type GatewayPorts, gatewayPorts } from '#questions/gateway-ports.ts';
import { type KubernetesCertificates, readKubernetesCertificates } from '#questions/kubernetes-certificates.ts';
import { fetchListeners } from '#questions/pod-configuration.ts';
import { tryDoubtful } from './doubtful-handshakes.ts';
import { fetchNamedSecrets, tryHandshakes } from './pod-certificates.ts';
import { lateNotes, nothingFound, type PodCertificates, rowsOf } from './rows.ts';

export interface HostCertificatesQuestion {
  /** A host or a secret, patterns allowed; undefined: all hosts. */
  readonly asked: string | undefined;
  readonly part: SecretRole;
  /** True: a TLS handshake for each host through every pod. */
  readonly served: boolean;
  /** False: none for hosts either of which there are doubts that they are served what Envoy holds. */
  readonly handshake?: boolean;
  /** Milliseconds: what is not valid until then is a finding. */
  readonly failWithin: number | undefined;
  /** What clients should get. */
  readonly expectations?: readonly CertificateExpectation[];
}

export async function askHostCertificates(
  source: Source,
  question: HostCertificatesQuestion,
  asking: Asking,
): Promise<QuestionAnswer<HostCertificateItem>> {
  const { asked, part, failWithin, expectations = [], handshake = true } = question;
  const { gateway, pods, rows, claims, whyNotInFront, isMissing } = await fetchFleetCertificates(
    source,
    question,
    asking,
  );
  const wanted = part === 'certificate' ? rows.flatMap(({ value }) => value.secret ?? []) : [];
  const kubernetes = await readKubernetesCertificates(source, wanted, gateway.namespace);
  const answers = pods.filter(hasAnswered);
  const loaded = new Map(answers.map(({ pod, ok }) => [pod.name, ok.loadedAt]));
  const timed = rows.map((row) => ({ ...row, loadedAt: loadTimes(row, loaded) }));
  const tried = await tryDoubtful(source, withDoubts(timed, kubernetes.found), handshake);
  const items = judge(tried.rows, {
    claims: part === 'certificate' ? claims : [],
    authorities: authoritiesIn([...answers.flatMap(({ ok }) => ok.authorities), ...certificatesOf(kubernetes)]),
    namespace: gateway.namespace,
    kubernetes: kubernetes.found,
    now: asking.now,
    whyNotInFront,
  });
  const late = lateNotes(items, failWithin, asking.now);
  const hosts = answers.flatMap(({ ok }) => ok.hosts);
  const has = (matches: (problem: CertificateProblem) => boolean): boolean =>
    (failWithin !== undefined || expectations.length > 0) && items.some(({ problems }) => problems.some(matches));
  const { unmet, undecided } = judgeCertificates(items, expectations);
  return {
    gateway,
    pods,
    items,
    notes: [
      ...(items.length === 0 && answers.length > 0 ? [nothingFound(asked, part, hosts)] : late),
      ...kubernetes.notes,
      ...tried.notes,
      ...unmet,
      ...undecided,
    ],
    findings: late.length > 0 || unmet.length > 0 || has(({ severity }) => severity === 'error'),
    incomplete:
      isMissing ||
      kubernetes.isIncomplete ||
      undecided.length > 0 ||
      has(({ code }) => code === 'not-judged' || code === 'from-file'),
    ...(tried.made.length === 0 ? {} : { extra: { handshakes: tried.made } }),
  };
}

const certificatesOf = ({ found }: KubernetesCertificates) =>
  [...found.values()].flatMap(({ content }) => [...(content?.authorities ?? []), ...(content?.chain ?? [])]);

interface FleetCertificates {
  readonly gateway: Gateway;
  readonly pods: readonly PodOutcome<PodCertificates<HostCertificate>>[];
  readonly rows: readonly OnPods<HostCertificate>[];
  readonly claims: readonly GatewayClaim[];
  readonly whyNotInFront: GatewayPorts['whyNotInFront'];
  /** True where something failed that might not fail the next time. */
  readonly isMissing: boolean;
}

/** `keepPem`: also the chains as they are. */
export async function fetchFleetCertificates(
  source: Source,
  question: Omit<HostCertificatesQuestion, 'failWithin' | 'expectations' | 'handshake'>,
  asking: Asking,
  keepPem = false,
): Promise<FleetCertificates> {
  const claimed = fetchClaims(source, asking);
  const pool = interner(({ host, port }: HostCertificate) => `${host}:${port}`, hostCertificateKey);
  const [{ claims, whyNotInFront, isMissing }, pods] = await Promise.all([
    claimed,
    source.everyPod(
      async (admin) => {
        const { rows, ...rest } = await fetchHostCertificates(source, admin, { ...question, claimed, keepPem });
        return { ...rest, rows: pool.intern(rows) };
      },
      undefined,
      { after: claimed },
    ),
  ]);
  const rows = mergePods(rowsOf(pods), byIdentity, compareHostCertificates);
  return { gateway: await source.gateway(), pods, rows, claims, whyNotInFront, isMissing };
}

/** Gateways may be forbidden: then hosts are those of the listeners. */
async function fetchClaims(
  source: Source,
  asking: Asking,
): Promise<Pick<FleetCertificates, 'claims' | 'whyNotInFront' | 'isMissing'>> {
  const [{ pods }, ports, gateways] = await Promise.all([
    source.gateway(),
    gatewayPorts(source),
    triedTo(source.list('gateways')),
  ]);
  if (ports.note !== undefined) asking.warn(ports.note);
  const failed = [ports.failed, 'failed' in gateways ? gateways.failed : undefined].flatMap((error) => error ?? []);
  const isMissing = failed.some(({ code }) => code !== 'forbidden' && code !== 'unsupported');
  if ('failed' in gateways) {
    asking.warn(`cannot tell which Gateways ask for the hosts: ${gateways.failed.message}`);
    return { claims: [], whyNotInFront: ports.whyNotInFront, isMissing };
  }
  const labels = pods[0]?.labels ?? {};
  const claims = claimsOf(gateways.ok, labels, (port) => ports.entryFor(port).listenerPort);
  const isIllTyped = gateways.ok.some(({ illTyped }) => illTyped !== undefined);
  return { claims, whyNotInFront: ports.whyNotInFront, isMissing: isMissing || isIllTyped };
}

interface PodQuestion extends Omit<HostCertificatesQuestion, 'failWithin' | 'expectations' | 'handshake'> {
  /** They come while Envoy makes its listeners. */
  readonly claimed: Promise<Pick<FleetCertificates, 'claims'>>;
  readonly keepPem: boolean;
}

async function fetchHostCertificates(
  source: Source,
  admin: Admin,
  { asked, part, served, claimed, keepPem }: PodQuestion,
): Promise<PodCertificates<HostCertificate>> {
  const [listeners, { claims }] = await Promise.all([fetchListeners(admin), claimed]);
  const chosen = chooseChains(listeners, placesIn(claims), asked);
  const names = asked === undefined || chosen.length === 0 ? undefined : secretsOfChains(chosen);
  const { secrets, ...rest } = await fetchNamedSecrets(admin, names, keepPem);
  if (chosen.length > 0 || asked === undefined) {
    const handshakes = served ? await tryHandshakes(source, admin.pod, chosen) : new Map<ChosenChain, Served>();
    const existing = claims.map((claim) => claim.gateway);
    const rows = hostCertificates(chosen, secrets, part, { served: handshakes, existing });
    return { rows, ...rest, hosts: hostsUnless(rows, listeners) };
  }
  const rows = looseCertificates(secrets.filter(({ name }) => secretMatcher(asked)(name)));
  return { rows, ...rest, hosts: hostsUnless(rows, listeners) };
}

const placesIn = (claims: readonly GatewayClaim[]): Place[] =>
  claims.flatMap(({ hosts, listenerPort }) => hosts.map((host) => ({ host, port: listenerPort })));

const hostsUnless = (rows: readonly unknown[], listeners: readonly Listener[]): string[] =>
  rows.length > 0 ? [] : placesOf(listeners).map(({ host }) => host);
