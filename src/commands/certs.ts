// `certs`: which certificate the clients of each host get, from every pod, until when, and what is wrong with it.

import { endsWithin } from '#analysis/certificates/certificate-deadline.ts';
import { judge } from '#analysis/certificates/certificate-problems.ts';
import {
  hostCertificates,
  loadTimes,
  looseCertificates,
  type Meeting,
  meetingsFor,
  type Part,
  type Place,
  placesOf,
  secretMatcher,
  secretsOfMeetings,
} from '#analysis/certificates/host-certificates.ts';
import { onePem } from '#analysis/certificates/one-pem.ts';
import {
  caNamesOf,
  destinationsOf,
  routeConfigurationsOf,
  upstreamCertificates,
} from '#analysis/certificates/upstream-certificates.ts';
import { upstreamChecks } from '#analysis/certificates/upstream-checks.ts';
import { claimsOf, type GatewayClaim } from '#analysis/istio/gateway-claims.ts';
import { entryFor, servicePortsFor } from '#analysis/request/entry.ts';
import { nearestHosts } from '#analysis/request/nearest-hosts.ts';
import { answer, type Context, defineCommand, type Outcome, type OutputFormat } from '#command/command.ts';
import { nextStepsAgain } from '#command/next-step.ts';
import type { Admin } from '#core/admin.ts';
import { mapBounded } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import { hasAnswered, type PodOutcome } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import { readClusters } from '#dump/clusters.ts';
import { readRoutes } from '#dump/routes.ts';
import { certificateBlocks } from '#dump/x509/certificate.ts';
import { readCertificateDetails } from '#dump/x509/details.ts';
import { fetchConfigDump } from '#envoy/config-dump.ts';
import { regexOfNames } from '#envoy/name-regex.ts';
import { authoritiesIn } from '#model/certificate.ts';
import {
  compareHostCertificates,
  type HostCertificate,
  hostCertificateContent,
  type Served,
} from '#model/host-certificate.ts';
import type { Listener } from '#model/listener.ts';
import { mapOutcomes, mergePods, type Shared, sharing } from '#model/merge-pods.ts';
import type { ObjectRef } from '#model/resource.ts';
import {
  compareUpstreamCertificates,
  type UpstreamCertificate,
  upstreamCertificateContent,
} from '#model/upstream-certificate.ts';
import type { UpstreamCheck } from '#model/upstream-check.ts';
import { certsView } from '#render/views/certs.ts';
import { type CertificateTextItem, certsTextView, pemView } from '#render/views/certs-text.ts';
import { upstreamCaView } from '#render/views/upstream-ca.ts';
import { upstreamChecksView } from '#render/views/upstream-checks.ts';
import { someOf } from '#render/words/phrase.ts';
import { readKubernetesCertificates } from '#source/kubernetes-certificates.ts';
import { fetchSecrets, noSecrets, type PodSecrets, tryHandshakes } from '#source/pod-certificates.ts';
import { fetchListeners } from '#source/pod-configuration.ts';

export default defineCommand({
  name: 'certs',
  aliases: ['cert'],
  group: 'ask',
  summary: "Which certificate each host's clients get from every pod, until when, and what is wrong with it",
  details: `A host whose Gateway lost it, or whose certificate is not loaded, says which one its clients get instead and why. HOST may be one that
no Gateway names: it is tried as a client would. NAME is a secret's, with or without kubernetes://; patterns are allowed for both.
What pods hold is compared with the Kubernetes Secret and the cert-manager Certificate behind it, where they may be read; not with
--fail-within, which looks at what is loaded, and also fails for a host whose clients get no certificate. Of a bundle of CAs one that
lasts longer is enough.`,
  examples: [
    { args: 'certs', describe: "every host's certificate on every pod, equal ones once" },
    { args: 'certs svc1.discovery.wmnet --text', describe: 'what openssl x509 -text prints, of the whole chain' },
    { args: 'certs svc1-tls-certificate --pem', describe: 'the chain that Envoy holds, for other tools' },
    {
      args: 'certs svc1.discovery.wmnet --upstream-ca --text',
      describe: 'the CA that the services behind a host are checked with',
    },
    { args: 'certs --fail-within 14d', describe: 'exit code 1 when something ends within two weeks' },
  ],
  arguments: [
    {
      name: 'host',
      describe: 'a HOST as clients name it, or the NAME of a secret; patterns allowed',
      optional: true,
      completes: 'host',
    },
  ],
  outputs: ['table', 'wide', 'json', 'yaml', 'name', 'jsonpath'],
  flags: {
    text: { type: 'boolean', describe: 'each certificate in full, as openssl x509 -text prints it' },
    pem: { type: 'boolean', describe: 'the chain in PEM; where pods hold different ones, choose one with --pod' },
    'client-ca': {
      type: 'boolean',
      describe: 'the CAs that certificates of clients are checked with, in place of the certificates',
    },
    served: {
      type: 'boolean',
      describe: 'make a TLS handshake through every pod as a client would, and compare; for HOST or NAME',
    },
    'upstream-ca': { type: 'boolean', describe: 'the CAs that the services behind the hosts are checked with' },
    upstream: {
      type: 'boolean',
      describe:
        "whether the gateway would take the certificates of the services' pods, by a handshake with each; for HOST",
    },
    'fail-within': {
      type: 'duration',
      value: 'TIME',
      describe: 'exit code 1 when something is not valid, or not any more at some time within TIME, e.g. 14d',
    },
  },
  run: async (context, flags, [asked]) => {
    checkFlags(flags, asked, context.output);
    const request: Request = {
      asked,
      served: flags.served,
      upstream: flags.upstream,
      print: flags.text ? 'text' : flags.pem ? 'pem' : 'table',
      failWithin: flags['fail-within'],
    };
    const source = await context.source();
    if (flags['upstream-ca'] || flags.upstream) return answerUpstream(context, source, request);
    return answerHosts(context, source, request, flags['client-ca'] ? 'client-ca' : 'certificate');
  },
});

/** Of each of these lists one at most: parts of the answer, and ways to print it. */
const exclusive = [
  ['client-ca', 'upstream-ca', 'upstream', 'served'],
  ['text', 'pem', 'upstream', 'served'],
  ['upstream', 'fail-within'],
];

/** A handshake is a connection for each host on each pod: not for hundreds of hosts by mistake. */
function checkFlags(flags: Readonly<Record<string, unknown>>, asked: string | undefined, output: OutputFormat): void {
  const isGiven = (name: string): boolean => flags[name] !== undefined && flags[name] !== false;
  const [first, second] = exclusive.map((names) => names.filter(isGiven)).find((given) => given.length > 1) ?? [];
  if (second !== undefined) throw new ToolError('usage', `--${first} and --${second} exclude each other`);
  const printed = ['text', 'pem'].find(isGiven);
  if (printed !== undefined && output !== 'table')
    throw new ToolError('usage', `--${printed} has a format of its own: leave -o out`);
  const tried = ['served', 'upstream'].find(isGiven);
  if (tried === undefined || asked !== undefined) return;
  throw new ToolError('usage', `--${tried} makes a connection for each host, and needs a HOST`, {
    hint: "'*' is every host",
  });
}

interface Request {
  readonly asked: string | undefined;
  readonly served: boolean;
  readonly upstream: boolean;
  readonly print: 'table' | 'text' | 'pem';
  /** Milliseconds. */
  readonly failWithin: number | undefined;
}

/** What one pod has of what was asked for. */
interface PodCertificates<Row> extends Omit<PodSecrets, 'secrets'> {
  readonly rows: readonly Row[];
  /** Every host that the pod's listeners name, for "did you mean"; empty where something was found. */
  readonly hosts: readonly string[];
}

async function answerHosts(context: Context, source: Source, request: Request, part: Part): Promise<Outcome> {
  const gateway = await source.gateway();
  const { claims, isMissing } = await fetchClaims(source, context);
  const claimed = claims.flatMap(({ hosts, listenerPort }) => hosts.map((host) => ({ host, port: listenerPort })));
  const existing = claims.map((claim) => claim.gateway);
  const shared = sharing(hostCertificateContent);
  const pods = await source.everyPod(async (admin) => {
    const { rows: own, ...rest } = await fetchHosts(source, admin, request, { claimed, existing }, part);
    return { ...rest, rows: shared.keep(own) };
  });
  const rows = mergePods(rowsOf(pods), shared.content, compareHostCertificates);
  const found = {
    pods,
    rows,
    gateway,
    of: (value: HostCertificate) => (value.host === undefined ? [] : [`${value.host}:${value.port}`]),
  };
  if (request.print !== 'table') return print(found, request);
  const answers = pods.filter(hasAnswered);
  const loaded = new Map(answers.map(({ pod, ok }) => [pod.name, ok.loadedAt]));
  const wanted =
    part === 'certificate' && request.failWithin === undefined ? rows.flatMap(({ value }) => value.secret ?? []) : [];
  const kubernetes = await readKubernetesCertificates(source, wanted, gateway.namespace);
  const known = [...kubernetes.found.values()].flatMap(({ content }) => [
    ...(content?.authorities ?? []),
    ...(content?.chain ?? []),
  ]);
  const dated = rows.map((row) => ({ ...row, loadedAt: loadTimes(row, loaded) }));
  const judged = judge(dated, {
    claims: part === 'certificate' ? claims : [],
    authorities: authoritiesIn([...answers.flatMap(({ ok }) => ok.authorities), ...known]),
    namespace: gateway.namespace,
    kubernetes: kubernetes.found,
    now: context.now,
  });
  const items = judged.map((item) => ({ ...item, problems: nextStepsAgain(item.problems, context.again) }));
  const late = lateNotes(items, request, context.now);
  const hosts = answers.flatMap(({ ok }) => ok.hosts);
  const notes = [...(items.length === 0 ? [nothingFound(request.asked, part, hosts)] : late), ...kubernetes.notes];
  return answer({
    view: certsView,
    gateway,
    pods,
    items,
    notes,
    findings: late.length > 0,
    incomplete: isMissing || kubernetes.isIncomplete,
  });
}

const rowsOf = <Row>(pods: readonly PodOutcome<PodCertificates<Row>>[]) =>
  mapOutcomes(pods, ({ rows }) => rows).filter(hasAnswered);

/** Gateways and Services may be forbidden: then hosts are those of the listeners. */
async function fetchClaims(
  source: Source,
  context: Context,
): Promise<{ readonly claims: readonly GatewayClaim[]; readonly isMissing: boolean }> {
  const { namespace, pods } = await source.gateway();
  const labels = pods[0]?.labels ?? {};
  try {
    const services = await source.list('services', { namespace });
    const ports = servicePortsFor(services, labels, new Map([['https', 8443]]));
    return {
      claims: claimsOf(await source.list('gateways'), labels, (port) => entryFor(port, ports).listenerPort),
      isMissing: false,
    };
  } catch (error) {
    if (!(error instanceof ToolError) || error.code === 'interrupted') throw error;
    context.warn(`cannot tell which Gateways ask for the hosts: ${error.message}`);
    return { claims: [], isMissing: error.code !== 'forbidden' };
  }
}

async function fetchHosts(
  source: Source,
  admin: Admin,
  { asked, print, served }: Request,
  { claimed, existing }: { readonly claimed: readonly Place[]; readonly existing: readonly ObjectRef[] },
  part: Part,
): Promise<PodCertificates<HostCertificate>> {
  const listeners = await fetchListeners(admin);
  const met = meetingsFor(listeners, claimed, asked);
  const names = asked === undefined || met.length === 0 ? undefined : secretsOfMeetings(met);
  const { secrets, ...rest } = await fetchSecrets(admin, names, print !== 'table');
  if (met.length > 0 || asked === undefined) {
    const got = served ? await tryHandshakes(source, admin.pod, met) : new Map<Meeting, Served>();
    const rows = hostCertificates(met, secrets, part, { served: got, existing });
    return { rows, ...rest, hosts: hostsUnless(rows, listeners) };
  }
  const rows = looseCertificates(secrets.filter(({ name }) => secretMatcher(asked)(name)));
  return { rows, ...rest, hosts: hostsUnless(rows, listeners) };
}

const hostsUnless = (rows: readonly unknown[], listeners: readonly Listener[]): string[] =>
  rows.length > 0 ? [] : placesOf(listeners).map(({ host }) => host);

async function answerUpstream(context: Context, source: Source, request: Request): Promise<Outcome> {
  const gateway = await source.gateway();
  const pods = await source.everyPod((admin) => fetchUpstream(admin, request));
  const rows = mergePods(rowsOf(pods), upstreamCertificateContent, compareUpstreamCertificates);
  if (request.print !== 'table')
    return print({ pods, rows, gateway, of: (value: UpstreamCertificate) => [value.cluster] }, request);
  const hosts = pods.filter(hasAnswered).flatMap(({ ok }) => ok.hosts);
  const missing = rows.length === 0 ? [nothingFound(request.asked, 'upstream-ca', hosts)] : [];
  if (request.upstream) {
    const items = await checkServices(source, { pods, rows }, context.now);
    return answer({ view: upstreamChecksView, gateway, pods, items, notes: missing });
  }
  const judged = rows.map(({ value }) => ({ value: { ...value, outcome: 'certificate', why: undefined } as const }));
  const late = lateNotes(judged, request, context.now);
  return answer({
    view: upstreamCaView,
    gateway,
    pods,
    items: rows,
    notes: [...missing, ...late],
    findings: late.length > 0,
  });
}

const servicesAtOnce = 4;

async function checkServices(
  source: Source,
  { pods, rows }: Pick<Found<UpstreamCertificate>, 'pods' | 'rows'>,
  now: Date,
): Promise<Shared<UpstreamCheck>[]> {
  // Loaded when it is asked for: few ask.
  const { tryService } = await import('#source/service-pods.ts');
  const bundles = new Map(pods.filter(hasAnswered).map(({ pod, ok }) => [pod.name, ok.bundles]));
  const checks = await mapBounded(rows, servicesAtOnce, async ({ value, pods: having }) => {
    const authorities = bundles.get(having[0] ?? '')?.get(value.secret ?? '') ?? [];
    const tried = await tryService(source, value, authorities, now);
    return upstreamChecks(value, tried).map((check) => ({ value: check, pods: having }));
  });
  return checks.flat();
}

async function fetchUpstream(
  admin: Admin,
  { asked, print, upstream }: Request,
): Promise<PodCertificates<UpstreamCertificate>> {
  const listeners = await fetchListeners(admin);
  const met = meetingsFor(listeners, [], asked);
  const destinations = destinationsOf(met, await fetchRoutes(admin, met, asked));
  const names = [...destinations.keys()].sort();
  if (names.length === 0) return { rows: [], ...noSecrets, hosts: hostsUnless([], listeners) };
  const clusters = readClusters(
    await fetchConfigDump(admin, { resource: 'dynamic_active_clusters', nameRegex: regexOfNames(names) }),
  );
  const wanted = clusters.filter(({ name }) => destinations.has(name));
  const cas = [...new Set(wanted.flatMap(({ tls }) => caNamesOf(tls)))].filter((name) => name !== 'inline');
  const { secrets, ...rest } = await fetchSecrets(admin, cas, print !== 'table' || upstream);
  return { rows: upstreamCertificates(destinations, wanted, secrets), ...rest, hosts: [] };
}

async function fetchRoutes(
  admin: Admin,
  met: readonly Meeting[],
  asked: string | undefined,
): Promise<ReturnType<typeof readRoutes>> {
  const names = routeConfigurationsOf(met);
  if (names.length === 0) return [];
  const only = asked === undefined ? {} : { nameRegex: regexOfNames(names) };
  return readRoutes(await fetchConfigDump(admin, { resource: 'dynamic_route_configs', ...only }));
}

interface Found<Row> {
  readonly pods: readonly PodOutcome<PodCertificates<Row>>[];
  readonly rows: readonly Shared<Row>[];
  readonly gateway: Awaited<ReturnType<Source['gateway']>>;
  /** Who has it, for the line above a certificate. */
  readonly of: (value: Row) => readonly string[];
}

/** `--text` and `--pem`. */
function print<Row extends { readonly secret: string | undefined }>(
  { pods, rows, gateway, of }: Found<Row>,
  request: Request,
): Outcome {
  const bundles = new Map(pods.filter(hasAnswered).map(({ pod, ok }) => [pod.name, ok.bundles]));
  const held = rows.flatMap(({ value, pods: having }) =>
    having.flatMap((pod) => {
      const { secret } = value;
      return secret === undefined
        ? []
        : [{ of: of(value), secret, pod, pem: (bundles.get(pod)?.get(secret) ?? []).join('') }];
    }),
  );
  const answered = pods.some(hasAnswered);
  if (request.print === 'pem' && answered) return answer({ view: pemView, gateway, pods, items: [onePem(held)] });
  const items = [...Map.groupBy(held, ({ secret, pem }) => `${secret}\n${pem}`).values()].flatMap(
    (group): CertificateTextItem[] => {
      const [first] = group;
      if (!first) return [];
      const details = certificateBlocks(first.pem).map(readCertificateDetails);
      return [
        {
          of: [...new Set(group.flatMap((one) => one.of))].sort(),
          secret: first.secret,
          details,
          pods: [...new Set(group.map(({ pod }) => pod))],
        },
      ];
    },
  );
  const unseen = items
    .filter(({ details }) => details.length === 0)
    .map(({ secret }) => `${secret} is not loaded, or Envoy reads it from a file`);
  const notes =
    held.length === 0 ? ['no certificate of that name; see which there are: kubectl istio-ingress certs'] : unseen;
  return answer({ view: certsTextView, gateway, pods, items, notes });
}

interface Judged {
  readonly value: Parameters<typeof endsWithin>[0] & {
    readonly host?: string | undefined;
    readonly secret: string | undefined;
    readonly cluster?: string;
  };
}

/** Empty where nothing ends in time, or nobody asked. */
function lateNotes(items: readonly Judged[], { failWithin }: Request, now: Date): string[] {
  if (failWithin === undefined) return [];
  const late = items
    .filter(({ value }) => endsWithin(value, failWithin, now))
    .map(({ value }) => value.host ?? value.cluster ?? value.secret ?? '');
  return late.length === 0
    ? []
    : [`not valid from now until ${new Date(now.getTime() + failWithin).toISOString().slice(0, 16)}Z: ${someOf(late)}`];
}

function nothingFound(asked: string | undefined, part: Part | 'upstream-ca', hosts: readonly string[]): string {
  if (hosts.length === 0) return 'no certificates: no Gateway with TLS reaches this gateway';
  if (asked !== undefined && !hosts.some((host) => host === asked))
    return `nothing has that name; the nearest hosts: ${nearestHosts(asked, hosts).join(', ')}`;
  return part === 'client-ca'
    ? 'no host asks for certificates of clients'
    : `no route leads anywhere${asked === undefined ? '' : ` from ${asked}`}`;
}
