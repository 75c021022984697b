// What is wrong with the certificate that a host's clients get, worst first, and what to look at next.

import type { GatewayClaim } from '#analysis/istio/gateway-claims.ts';
import { showObject } from '#analysis/istio/show-object.ts';
import { compareText } from '#core/compare.ts';
import { hostUnder } from '#core/host.ts';
import { type NextStep, step } from '#core/shell.ts';
import {
  type Certificate,
  coversHost,
  isEndingSoon,
  type RevocationList,
  type Secret,
  validityAt,
} from '#model/certificate.ts';
import { isSameName } from '#model/certificate-use.ts';
import { severities } from '#model/finding.ts';
import {
  type CertificateProblem,
  chainOf,
  type HostCertificate,
  type HostCertificateItem,
  hostCertificateKey,
} from '#model/host-certificate.ts';
import { compareWithSecret, type KubernetesCertificate, notTaken } from '#model/kubernetes-certificate.ts';
import { readSecretName } from '#model/secret-name.ts';
import { chainProblems, isOutOfOrder } from './chain-problems.ts';
import type { HostRow } from './doubtful-hosts.ts';
import { refusedKey } from './doubts.ts';
import { kubernetesProblems } from './kubernetes-problems.ts';
import { lostClaims } from './lost-claims.ts';
import { isReplaced, requestProblems } from './requested-names.ts';
import { servedProblems } from './served-problems.ts';

export interface JudgeOptions {
  readonly claims: readonly GatewayClaim[];
  /** Of CAs that some pod holds, to tell whether a chain is whole. */
  readonly authorities: readonly Certificate[];
  /** The gateway's. */
  readonly namespace: string;
  /** By SDS name. */
  readonly kubernetes: ReadonlyMap<string, KubernetesCertificate>;
  readonly now: Date;
  /** Why clients do not get to a listener's port; undefined where they do, or that is said elsewhere. */
  whyNotInFront?(listenerPort: number): string | undefined;
}

type Row = Pick<HostCertificateItem, 'value' | 'pods' | 'loadedAt'> & Partial<Pick<HostRow, 'doubts' | 'untried'>>;

/** With what is wrong with each; `claims` of the host on its port as well. */
export function judge(rows: readonly Row[], options: JudgeOptions): HostCertificateItem[] {
  const byPlace = Map.groupBy(rows, ({ value }) => `${value.host}:${value.port}`);
  const byHost = claimsByHost(options.claims);
  return rows.map((given) => {
    const { doubts = [], untried, ...bare } = given;
    const row = { ...bare, value: withOutcome(given, byPlace.get(`${given.value.host}:${given.value.port}`) ?? []) };
    const ofHost = byHost.get(row.value.host ?? '') ?? [];
    const claims = ofHost.filter(({ listenerPort }) => listenerPort === row.value.port);
    const kubernetes = options.kubernetes.get(row.value.secret ?? '');
    const place = byPlace.get(`${row.value.host}:${row.value.port}`) ?? [];
    const tried = { doubts, untried, namespace: options.namespace };
    const served = untriedKey(row.value) === undefined ? servedProblems(row.value, tried) : [];
    const isUnserved = served.some(({ severity }) => severity === 'error');
    const problems = [
      ...outcomeProblems(row.value, options),
      ...frontProblems(row.value, options),
      ...openProblems(row.value),
      ...lostClaims(row.value, claims),
      ...certificateProblems(row.value, options),
      ...clientProblems(row.value, options.now),
      ...differences(row, place),
      ...(kubernetes && kubernetes.issuedBy?.isGiven !== true
        ? kubernetesProblems(row.value, Object.values(row.loadedAt).sort()[0], kubernetes, options.now).filter(
            // That its key does not fit is then the reason why something else is served, and said there.
            ({ code }) =>
              !(isUnserved && code === 'secret-unusable') &&
              !(code === 'secret-not-loaded' && whyForeign(row.value.secret ?? '', options.namespace)),
          )
        : []),
      ...(kubernetes ? requestProblems(row.value, kubernetes) : []),
      ...served,
    ].filter(({ code }) => !kubernetes || !isReplaced(row.value, kubernetes) || isOfGateway(code, row.value));
    return {
      ...row,
      claims: claims.map(({ lost: _, ...claim }) => claim),
      kubernetes,
      problems: problems.toSorted((a, b) => severities.indexOf(a.severity) - severities.indexOf(b.severity)),
    };
  });
}

/** In their order. */
function claimsByHost(claims: readonly GatewayClaim[]): ReadonlyMap<string, GatewayClaim[]> {
  const of = claims.flatMap((claim) => [...new Set(claim.hosts)].map((host) => ({ host, claim })));
  const grouped = Map.groupBy(of, ({ host }) => host);
  return new Map([...grouped].map(([host, all]) => [host, all.map(({ claim }) => claim)]));
}

/** A handshake that gets another certificate than is held, or nothing of what Envoy cannot use, is marked as that. */
function withOutcome({ value, pods, loadedAt, doubts = [] }: Row, place: readonly Row[]): HostCertificate {
  const { served } = value;
  if (served?.outcome === 'silent' && doubts.some(({ isSure }) => isSure))
    return { ...value, served: { outcome: 'closed', why: served.why } };
  if (served?.outcome !== 'certificate' || !value.envoySecret?.chain[0]) return value;
  const leaf = served.chain[0]?.fingerprint;
  const isOther = leaf !== undefined && !leavesOf({ value, pods, loadedAt }, place).includes(leaf);
  return isOther ? { ...value, served: { ...served, isOther } } : value;
}

/** Fingerprints of the leaves that pods of the row hold for the place. */
const leavesOf = (row: Row, place: readonly Row[]): string[] =>
  place
    .filter(({ pods }) => pods.some((pod) => row.pods.includes(pod)))
    .flatMap(({ value }) => value.envoySecret?.chain[0]?.fingerprint ?? []);

/** What a new certificate leaves as it is. */
const isOfGateway = (code: CertificateProblem['code'], { waitsFor, secret }: HostCertificate): boolean =>
  ['not-served', 'not-in-front', 'gateway-lost', 'pods-differ', 'not-requested', 'open-over-http3'].includes(code) ||
  (code === 'not-loaded' && waitsFor !== secret);

function frontProblems({ port }: HostCertificate, { whyNotInFront, namespace }: JudgeOptions): CertificateProblem[] {
  const text = port === undefined ? undefined : whyNotInFront?.(port);
  const next = [step`kubectl -n ${namespace} get services`];
  return text === undefined ? [] : [{ code: 'not-in-front', severity: 'warning', text, next }];
}

const openProblems = ({ host = '*', port, openOverQuic }: HostCertificate): CertificateProblem[] =>
  openOverQuic === undefined
    ? []
    : [
        {
          code: 'open-over-http3',
          severity: 'warning',
          text: `a client certificate is required, but not of clients of HTTP/3 (listener ${openOverQuic}), who get in without one`,
          next: [step`kubectl istio-ingress explain ${`https://${hostUnder(host)}:${port}/`} --http3`],
        },
      ];

const noCertificate = 'clients get no certificate: the connection is closed';

function outcomeProblems(value: HostCertificate, options: JudgeOptions): CertificateProblem[] {
  const { why, waitsFor, host, port, update } = value;
  const because = update === undefined ? '' : ` (${update})`;
  if (why === 'no-listener')
    return [
      problem('not-served', `nothing listens on port ${port}, so ${noCertificate}${because}`, [
        step`kubectl istio-ingress listeners`,
      ]),
    ];
  if (why === 'no-filter-chain') {
    return [
      problem('not-served', `no filter chain of port ${port} takes this server name, so ${noCertificate}${because}`, [
        step`kubectl istio-ingress listeners --host ${host ?? '*'}`,
      ]),
    ];
  }
  if (why === 'matcher-tree') {
    return [
      {
        code: 'not-served',
        severity: 'info',
        text: 'the listener chooses filter chains by a matcher tree, which this tool does not evaluate',
        next: [],
      },
    ];
  }
  return waitsFor === undefined ? [] : [notLoaded(value, waitsFor, options)];
}

/** The Secret is shown where it is there; else the Gateway that names it. */
function notLoaded(value: HostCertificate, waitsFor: string, options: JudgeOptions): CertificateProblem {
  const { envoySecret, gateway, secret = '', mode } = value;
  const kubernetes = [secret, waitsFor].flatMap((one) => options.kubernetes.get(one) ?? [])[0];
  const content = kubernetes?.content;
  const lacksCa = waitsFor === `${secret}-cacert` && content?.authorities.length === 0 && !content.isWithheld;
  const { name, namespace: of = options.namespace } = readSecretName(lacksCa ? secret : waitsFor) ?? {};
  const isAbsent = kubernetes !== undefined && content === undefined;
  const reason = envoySecret?.rejected
    ? `Envoy rejected it: ${envoySecret.rejected.details}`
    : lacksCa
      ? `${bringsText(mode)} bring a certificate, and Secret ${of}/${name} has no ca.crt for it`
      : (whyForeign(waitsFor, options.namespace) ?? whyNotDelivered(value, kubernetes));
  return problem('not-loaded', `${waitsFor} is not loaded (${reason}), so ${noCertificate}`, [
    ...(isAbsent && gateway ? [showObject(gateway)] : name === undefined ? [] : [showSecret(of, name, lacksCa)]),
    step`kubectl istio-ingress secrets --name ${waitsFor} -o wide`,
    ...(lacksCa ? [`put the CA of the clients into ca.crt of Secret ${name}, or into a Secret ${name}-cacert`] : []),
  ]);
}

const bringsText = (mode: HostCertificate['mode']): string => `clients ${mode === 'MUTUAL' ? 'have to' : 'may'}`;

/** Of the Gateway API there may be a ReferenceGrant. Source: istio pilot/pkg/xds/sds.go filterAuthorizedResources. */
function whyForeign(secret: string, own: string): string | undefined {
  const { namespace = own } = readSecretName(secret) ?? {};
  return namespace === own || !secret.startsWith('kubernetes://')
    ? undefined
    : `istiod gives a gateway in ${own} no Secret of ${namespace}`;
}

const whyNotDelivered = (value: HostCertificate, kubernetes: KubernetesCertificate | undefined): string =>
  kubernetes && compareWithSecret(value, kubernetes) === 'not-loaded' ? notTaken : 'istiod has not delivered it';

/** `describe` tells which keys it has, and none of their values. */
const showSecret = (namespace: string, name: string, withKeys: boolean): NextStep =>
  withKeys ? step`kubectl -n ${namespace} describe secret ${name}` : step`kubectl -n ${namespace} get secret ${name}`;

/** Of the CA that clients' certificates are checked with, where they have to bring one. */
function clientProblems({ clientSecret, mode, outcome }: HostCertificate, now: Date): CertificateProblem[] {
  if (clientSecret?.kind !== 'ca' || mode !== 'MUTUAL' || outcome !== 'certificate') return [];
  const { chain, name } = clientSecret;
  const what = `the CA that clients' certificates are checked with, ${name},`;
  const [last] = lastsLongest(chain);
  return [...(last ? validityProblems(last, now, what) : []), ...revocationProblems(clientSecret, now)];
}

/**
 * With a list, Envoy refuses each certificate of a CA of which it has none that is in force. Source: envoy
 * source/common/tls/cert_validator/default_validator.cc (X509_V_FLAG_CRL_CHECK).
 */
function revocationProblems({ name, chain, revocations }: Secret, now: Date): CertificateProblem[] {
  if (revocations === undefined || chain.length === 0) return [];
  const own = revocations.filter(({ issuer }) => chain.some(({ use }) => isSameName(use.subject, issuer)));
  const isOver = ({ nextUpdate }: RevocationList): boolean =>
    nextUpdate !== undefined && Date.parse(nextUpdate) <= now.getTime();
  if (own.some((list) => !isOver(list))) return [];
  const why =
    own.length === 0
      ? 'has no list of revoked certificates that is of its CA'
      : `has a list of revoked certificates that ended on ${own
          .flatMap(({ nextUpdate }) => nextUpdate ?? [])
          .sort()
          .at(-1)}`;
  return [problem('revocations', `${name} ${why}: Envoy refuses every client's certificate`)];
}

const problem = (
  code: CertificateProblem['code'],
  text: string,
  next: readonly NextStep[] = [],
): CertificateProblem => ({
  code,
  severity: 'error',
  text,
  next,
});

function certificateProblems(value: HostCertificate, options: JudgeOptions): CertificateProblem[] {
  const { envoySecret, host, secret } = value;
  if (value.outcome === 'none') return [];
  const [leaf] = chainOf(value);
  if (envoySecret?.kind === 'ca')
    return [
      ...unreadable(value),
      ...authorityProblems(envoySecret.chain, options.now),
      ...revocationProblems(envoySecret, options.now),
    ];
  // Of a chain that is read in part, neither order nor gaps are known.
  const isWhole = envoySecret?.unreadable === undefined || chainOf(value) !== envoySecret.chain;
  const ofChain = leaf && isWhole ? wholeChainProblems(value, options) : [];
  const seen = leaf ? [...leafProblems(leaf, host, options.now), ...ofChain] : [];
  if (value.outcome === 'passthrough' || value.served?.outcome === 'certificate')
    return [...unreadable(value), ...seen];
  if (secret === 'inline')
    return [
      unseen(
        'its certificate stands in the listener or in a file that Envoy reads, and cannot be seen from outside',
        host,
      ),
    ];
  if (envoySecret?.isWithheld) return [{ ...unseen('its certificate was withheld from the snapshot', host), next: [] }];
  if (envoySecret?.file !== undefined) return [unseen(`Envoy reads the certificate from ${envoySecret.file}`, host)];
  const refused = untriedKey(value);
  if (refused === undefined) return [...unreadable(value), ...seen];
  const text = `Envoy cannot use it: ${refused}; clients get what was there before, or no certificate`;
  return [...unreadable(value), problem('weak-key', text), ...seen.filter(({ code }) => code !== 'weak-key')];
}

/** Why Envoy refuses the key, where no handshake has told what clients get. */
const untriedKey = (value: HostCertificate): string | undefined =>
  value.served === undefined ? refusedKey(value) : undefined;

const lastsLongest = (chain: readonly Certificate[]): Certificate[] =>
  chain.toSorted((a, b) => compareText(b.notAfter, a.notAfter));

/** A bundle is good as long as one of its CAs is: it keeps old ones, and brings new ones early. */
function authorityProblems(chain: readonly Certificate[], now: Date): CertificateProblem[] {
  const [last] = lastsLongest(chain);
  return last ? validityProblems(last, now, chain.length === 1 ? 'the CA' : `the last of ${chain.length} CAs`) : [];
}

function unreadable({ envoySecret, secret }: HostCertificate): CertificateProblem[] {
  if (!envoySecret || envoySecret.file !== undefined) return [];
  const { unreadable: why, passedOver } = envoySecret;
  if (why !== undefined) return [problem('unreadable', `${secret} cannot be read: ${why}`)];
  if (passedOver === undefined) return [];
  return [problem('chain-incomplete', `Envoy passes over a part of ${secret}: ${passedOver}`)];
}

const unseen = (text: string, host: string | undefined): CertificateProblem => ({
  code: 'from-file',
  severity: 'info',
  text,
  next: host === undefined ? [] : [step`kubectl istio-ingress certs ${host} --served`],
});

function leafProblems(leaf: Certificate, host: string | undefined, now: Date): CertificateProblem[] {
  const names = [...leaf.dnsNames, ...leaf.otherNames];
  const covers = host === undefined || host === '*' || names.some((pattern) => coversHost(pattern, host));
  const list = names.join(', ') || `none, only ${leaf.subject}`;
  return [
    ...(covers
      ? []
      : [problem('not-covered', `the certificate is not for this host, so clients refuse it; its names: ${list}`)]),
    ...validityProblems(leaf, now),
  ];
}

function validityProblems(leaf: Certificate, now: Date, what = 'the certificate'): CertificateProblem[] {
  const validity = validityAt(leaf, now);
  if (validity === 'expired') return [problem('expired', `${what} expired on ${leaf.notAfter}`)];
  if (validity === 'not-yet-valid') return [problem('not-yet-valid', `${what} is not valid before ${leaf.notBefore}`)];
  return isEndingSoon(leaf, now)
    ? [{ code: 'expiring', severity: 'warning', text: `${what} ends on ${leaf.notAfter}`, next: [] }]
    : [];
}

function wholeChainProblems(value: HostCertificate, { authorities, now }: JudgeOptions): CertificateProblem[] {
  const chain = chainOf(value);
  const order = {
    code: 'chain-out-of-order',
    severity: 'warning',
    text: 'the chain is not in order: each certificate has to follow the one that it signed',
  } as const;
  return [...(isOutOfOrder(chain) ? [order] : []), ...chainProblems(chain, authorities, now)].map((one) => ({
    ...one,
    next: [],
  }));
}

/**
 * Reported on the row that fewer pods have, against the one that most have. Handshake results are compared elsewhere
 * (`servedProblems`).
 */
function differences(row: Row, place: readonly Row[]): CertificateProblem[] {
  const isApart = ({ pods }: Row): boolean => !pods.some((pod) => row.pods.includes(pod));
  const others = place.filter(
    (other) => other.pods.length > row.pods.length && isApart(other) && heldContent(other) !== heldContent(row),
  );
  const isSameSecret = ({ value }: Row): boolean => value.secret === row.value.secret;
  const [other] = others.toSorted(
    (a, b) => Number(isSameSecret(b)) - Number(isSameSecret(a)) || b.pods.length - a.pods.length,
  );
  if (!other) return [];
  const text = `${row.pods.join(', ')} ${row.pods.length === 1 ? 'has' : 'have'} ${what(row)}, ${other.pods.length} pods have ${what(other)}`;
  return [{ code: 'pods-differ', severity: 'error', text, next: [step`kubectl istio-ingress status`] }];
}

const heldContent = ({ value }: Row): string => hostCertificateKey({ ...value, served: undefined });

function what({ value, loadedAt }: Row): string {
  const [leaf] = chainOf(value);
  if (!leaf) return value.outcome === 'passthrough' ? 'passthrough' : 'no certificate';
  const [since] = Object.values(loadedAt).sort();
  return `serial ${leaf.serial} of ${value.secret}${since === undefined ? '' : `, loaded ${since.replace(/\.\d+Z$/, 'Z')}`}`;
}
