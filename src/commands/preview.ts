// `preview FILE…`: what objects would change on the live fleet, before anybody applies them.

import { isPlain } from '#analysis/chart/stanza.ts';
import { type TemplateVersion, templateVersions } from '#analysis/chart/template.ts';
import type { Check } from '#analysis/check/check.ts';
import { readRequest } from '#analysis/request/request.ts';
import { answer, type Context, defineCommand, type Outcome } from '#command/command.ts';
import { parseDuration } from '#core/duration.ts';
import { ToolError } from '#core/error.ts';
import { exitCode } from '#core/exit-code.ts';
import { kinds, type Resource, resources } from '#core/kinds.ts';
import { type Severity, severities } from '#model/finding.ts';
import type { ChartDirectory } from '#questions/preview/chart-directory.ts';
import type { PreviewedRequest } from '#questions/preview/explained.ts';
import type { GivenObject } from '#questions/preview/objects.ts';
import type { ReadStanza } from '#questions/preview/stanza.ts';
import type { TrafficQuestion } from '#questions/preview/traffic.ts';
import { previewView } from '#render/views/preview.ts';

export default defineCommand({
  name: 'preview',
  group: 'ask',
  summary: 'What objects would change on the live fleet, before anybody applies them',
  details: `Takes what kubectl apply takes: Gateways, VirtualServices, DestinationRules, Services, Secrets and cert-manager's Certificates; other kinds are named
and left out (exit code 3 where one changes what this gateway serves). Of an IstioOperator it says what runs instead of the version, Service, workload
and access log that it asks for, for the gateway that is looked at; that is what the file would change, and counts for information (--fail-on info). A
Certificate counts as if it were issued: a host that it does not ask for is a finding before there is a Secret. With --namespace-values those count
that admin_ng makes of the namespaces' tlsHostnames. With --values a chart's ingress: stanza is taken as well, as the template of the named version
makes it: --release and --chart name the release, or --chart-dir the chart, which tells the template by its own copy. Values are merged as helm does
it. --print writes the objects and asks no cluster. Nothing is sent to the cluster. The objects that are there are translated first, as istiod does
it, and held against what the pods serve: the first line says how far the prediction can be believed. Compared are hosts, filter chains, where
connections go that are passed through or are no HTTP, and routes with match, destination, rewrite, timeout, retries, faults, CORS, mirrors and
headers; how load is balanced is not. What the API server would refuse of an object is a finding, with file, line and field; other findings have the
ids of check. Whether Services and subsets that are not there yet would have endpoints is not judged; a line names them.`,
  examples: [
    { args: 'preview ingress.yaml', describe: 'hosts, routes and findings that would come and go' },
    { args: 'preview manifests/', describe: 'every .yaml, .yml and .json of a directory' },
    { args: 'preview -', describe: 'what helm template or kustomize build prints into a pipe' },
    {
      args: 'preview ingress.yaml --explain https://svc1.discovery.wmnet/two',
      describe: 'and what would happen to a URL',
    },
    {
      args: 'preview --values values.yaml --template 1.0.3 --chart miscweb --chart-version 0.1.0 --release miscweb/main',
      describe: "a chart's ingress: stanza",
    },
    {
      args: 'preview --values values.yaml --chart-dir charts/miscweb --release miscweb/main --print',
      describe: 'the objects that it becomes, ready for kubectl apply -f -',
    },
    {
      args: 'preview ingress.yaml --traffic 15m',
      describe: 'which requests of the last 15 minutes would be answered otherwise',
    },
    {
      args: 'preview ingress.yaml --namespace-values values/main.yaml --environment eqiad',
      describe: "beside what a change of the namespaces' certificates would do",
    },
    { args: 'preview --delete virtualservice/svc1/svc1-main', describe: 'what would be lost' },
    { args: 'preview ingress.yaml --fail-on warning -o json', describe: 'for a CI job' },
  ],
  arguments: [
    {
      name: 'FILE',
      describe: 'a file, a directory, or - for stdin',
      optional: true,
      variadic: true,
      completes: 'file',
    },
  ],
  flags: {
    filename: {
      type: 'strings',
      short: 'f',
      value: 'FILE',
      completes: 'file',
      describe: 'the same as FILE, as kubectl apply -f takes it; may be repeated',
    },
    delete: {
      type: 'strings',
      value: 'KIND/NS/NAME',
      describe: 'as if this object were deleted; may be repeated',
    },
    'default-namespace': {
      type: 'string',
      value: 'NS',
      default: 'default',
      describe: 'namespace of the objects that name none',
    },
    values: {
      type: 'strings',
      raw: true,
      value: 'FILE',
      completes: 'file',
      describe: "values of a chart with a stanza ingress:, as helm's -f takes them; may be repeated, - is stdin",
    },
    template: {
      type: 'string',
      choices: templateVersions,
      describe: `version of the template that makes objects of the stanza: ${templateVersions.join(', ')}`,
    },
    'chart-dir': {
      type: 'string',
      value: 'DIR',
      completes: 'directory',
      describe: 'the chart, for its name, version, own values and template',
    },
    chart: { type: 'string', value: 'NAME', describe: 'name of the chart, without --chart-dir' },
    'chart-version': { type: 'string', value: 'V', describe: 'version of the chart, without --chart-dir' },
    release: { type: 'string', value: 'NS/NAME', describe: 'namespace and name of the release' },
    'namespace-values': {
      type: 'strings',
      raw: true,
      value: 'FILE',
      completes: 'file',
      describe: "values of admin_ng with the namespaces' tlsHostnames, of which it makes Certificates; may be repeated",
    },
    environment: {
      type: 'string',
      value: 'NAME',
      describe: "helmfile's environment, such as eqiad: staging has other hosts",
    },
    print: { type: 'boolean', describe: 'write the objects of the stanza as YAML, and look at no cluster' },
    explain: {
      type: 'string',
      value: 'URL',
      describe: 'what would happen to this URL, beside what happens to it now',
    },
    traffic: {
      type: 'string',
      value: 'TIME|FILE',
      completes: 'file',
      describe:
        'which requests of the access logs would be answered otherwise: of the last 15m, or of an exported log (- is stdin)',
    },
    'fail-on': {
      type: 'string',
      default: 'error',
      choices: severities,
      describe: 'exit code 1 where a finding of this severity or worse would come: info, warning or error',
    },
  },
  run: async (context, flags, words) => {
    const files = [...words, ...flags.filename];
    refuseMisuse(flags, files);
    const stanza = await stanzaOf(flags, context);
    const namespaceCertificates = await certificatesOf(flags, context);
    if (flags.print) return printed(stanza, flags['fail-on'] as Severity, context);
    if (files.length + flags.delete.length + namespaceCertificates.length === 0 && !stanza)
      throw new ToolError('usage', 'preview takes files of objects, --values, --namespace-values, or --delete', {
        hint: 'see: kubectl istio-ingress preview --help',
      });
    const deletions = flags.delete.map(readDeletion);
    const request = flags.explain === undefined ? undefined : readUrl(flags.explain);
    const [{ checks }, { askPreview }, { readGivenObjects, isMissed }, { withoutRepeated }] = await Promise.all([
      import('#analysis/checks/all.gen.ts'),
      import('#questions/preview/preview.ts'),
      import('#questions/preview/objects.ts'),
      import('#questions/preview/given-findings.ts'),
    ]);
    const input = { paths: files, stdin: context.openStdin(), namespace: flags['default-namespace'] };
    const { others, serviceEntries, installs, ...read } = await readGivenObjects(input, context.signal);
    for (const { name, why } of others) context.warn(`left out: ${name}: ${why}`);
    const { objects: given, findings: repeated } = withoutRepeated([...read.objects, ...(stanza?.objects ?? [])]);
    if (given.length + deletions.length + namespaceCertificates.length + installs.length === 0)
      throw new ToolError(
        'usage',
        'there is no Gateway, VirtualService, DestinationRule, Service, Secret or Certificate to preview',
      );
    const question = {
      given,
      namespaceCertificates,
      deletions,
      serviceEntries,
      installs,
      checks: checks.filter(isConfigured),
      givenFindings: [...(stanza?.findings ?? []), ...read.findings, ...repeated],
      failOn: flags['fail-on'] as Severity,
      traffic: flags.traffic === undefined ? undefined : readTraffic(flags.traffic, context),
      request,
    };
    const asked = await askPreview(await context.source(), question, context);
    const isIncomplete = asked.incomplete || others.some((one) => isMissed(one, asked.gateway.namespace));
    return answer({ view: previewView, ...asked, incomplete: isIncomplete });
  },
});

interface AskingFlags {
  readonly delete: readonly string[];
  readonly explain: string | undefined;
  readonly traffic: string | undefined;
}

interface StanzaFlags {
  readonly values: readonly string[];
  readonly template: string | undefined;
  readonly 'chart-dir': string | undefined;
  readonly chart: string | undefined;
  readonly 'chart-version': string | undefined;
  readonly release: string | undefined;
  readonly print: boolean;
}

interface NamespaceFlags {
  readonly 'namespace-values': readonly string[];
  readonly environment: string | undefined;
}

/** What would be left out without a word. */
function refuseMisuse(flags: StanzaFlags & NamespaceFlags & AskingFlags, files: readonly string[]): void {
  const { 'namespace-values': namespaceValues, environment } = flags;
  const asksForMore =
    files.length + flags.delete.length + namespaceValues.length > 0 ||
    flags.explain !== undefined ||
    flags.traffic !== undefined;
  if (flags.print && asksForMore)
    throw misused('--print writes the objects of --values alone, and looks at nothing else');
  if ((environment === undefined) !== (namespaceValues.length === 0))
    throw misused("--namespace-values and --environment go together: hosts of staging are others than production's");
  if ([...files, ...flags.values, ...namespaceValues, flags.traffic].filter((one) => one === '-').length > 1)
    throw misused('stdin can be read once: - is given twice');
}

const misused = (why: string): ToolError =>
  new ToolError('usage', why, { hint: 'see: kubectl istio-ingress preview --help' });

/** Undefined where none is given. Nothing has a default that would make other objects. */
async function stanzaOf(flags: StanzaFlags, { openStdin, signal }: Context): Promise<ReadStanza | undefined> {
  const { values, 'chart-dir': directory } = flags;
  if (values.length === 0 && directory === undefined) {
    const idle = (['template', 'chart', 'chart-version', 'release', 'print'] as const).find((name) => flags[name]);
    if (idle) throw misused(`--${idle} goes with --values or --chart-dir`);
    return undefined;
  }
  const [{ readChartDirectory }, { readStanza }] = await Promise.all([
    import('#questions/preview/chart-directory.ts'),
    import('#questions/preview/stanza.ts'),
  ]);
  const chart = directory === undefined ? undefined : await readChartDirectory(directory, signal);
  const input = {
    version: templateOf(flags, chart),
    release: { ...readRelease(flags.release), chart: chart ?? chartOf(flags) },
    defaults: chart?.values,
    values,
    stdin: openStdin(),
  };
  return readStanza(input, signal);
}

async function certificatesOf(
  { 'namespace-values': paths, environment }: NamespaceFlags,
  { openStdin, signal }: Context,
): Promise<readonly GivenObject[]> {
  if (environment === undefined) return [];
  const { readNamespaceValues } = await import('#questions/preview/namespace-values.ts');
  return readNamespaceValues({ paths, environment, stdin: openStdin() }, signal);
}

function templateOf(flags: StanzaFlags, chart: ChartDirectory | undefined): TemplateVersion {
  if (chart && (flags.chart ?? flags['chart-version']) !== undefined)
    throw misused('--chart and --chart-version cannot be used with --chart-dir, which says both');
  if (chart?.template !== undefined && flags.template !== undefined)
    throw misused(`--template cannot be used here: ${flags['chart-dir']} has template ${chart.template}`);
  const version = chart?.template ?? flags.template;
  if (version === undefined)
    throw misused(`--template has to be given, for they make different hosts: ${templateVersions.join(', ')}`);
  return version as TemplateVersion;
}

function chartOf(flags: StanzaFlags): { readonly name: string; readonly version: string } {
  const { chart: name, 'chart-version': version } = flags;
  if (name === undefined || version === undefined)
    throw misused('--values needs --chart and --chart-version, or --chart-dir');
  if (!isPlain(name)) throw misused(`--chart ${name} is no name of a chart`);
  return { name, version };
}

/** Names that YAML takes for something else would be no texts in the template's labels. */
function readRelease(text: string | undefined): { readonly namespace: string; readonly name: string } {
  const [, namespace, name] =
    /^([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)\/([a-z0-9](?:[a-z0-9-]*[a-z0-9])?)$/.exec(text ?? '') ?? [];
  if (namespace === undefined || name === undefined)
    throw new ToolError(
      'usage',
      `--release takes NAMESPACE/NAME such as miscweb/main${text === undefined ? '' : `, not "${text}"`}`,
    );
  if (!isPlain(name))
    throw new ToolError(
      'usage',
      `--release ${text}: the template writes ${name} without quotes, and YAML reads no text`,
    );
  return { namespace, name };
}

async function printed(stanza: ReadStanza | undefined, failOn: Severity, context: Context): Promise<Outcome> {
  const [{ renderYaml }, { isAnyAtLeast }] = await Promise.all([
    import('#render/format/yaml.ts'),
    import('#questions/preview/preview.ts'),
  ]);
  const { objects = [], findings = [] } = stanza ?? {};
  for (const { severity, text, id, places } of findings) context.warn(`${severity}: ${text} (${id}) · ${places[0]}`);
  const documents = await Promise.all(objects.map(({ object }) => renderYaml(object)));
  return {
    text: { document: documents.join('---\n') },
    exitCode: isAnyAtLeast(findings, failOn) ? exitCode.findings : exitCode.ok,
  };
}

/** Checks of what is configured, and of nothing that pods only show once they run it. */
const isConfigured = ({ section, needs, name }: Check): boolean =>
  ['gateways', 'routes', 'certificates'].includes(section) &&
  !needs.some((need) => need === 'comparisons' || need === 'istiods') &&
  name !== 'secret-newer';

/** A file that is named like a time has to be written as ./15m. */
const readTraffic = (text: string, { now, openStdin }: Context): TrafficQuestion =>
  /^(?:\d+(?:\.\d+)?(?:ms|[smhdw])?)+$/.test(text)
    ? { since: new Date(now.getTime() - parseDuration(text, 'traffic')) }
    : { name: text, stdin: openStdin() };

const readUrl = (url: string): PreviewedRequest => ({
  url,
  ...readRequest({ url, method: 'GET', headers: [], sni: undefined, hasClientCertificate: false }),
});

/** Without its Certificate a Secret stays, and of Secrets gateways keep what they have loaded. */
const deletable: ReadonlySet<Resource> = new Set(['gateways', 'virtualservices', 'destinationrules', 'services']);

function readDeletion(text: string): {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
} {
  const [kind = '', namespace = '', name = '', ...more] = text.split('/');
  const resource = resources.find((one) =>
    [one, kinds[one].kind.toLowerCase(), kinds[one].shortName, `${one}.${kinds[one].group}`].includes(
      kind.toLowerCase(),
    ),
  );
  if (resource === undefined || !deletable.has(resource) || namespace === '' || name === '' || more.length > 0)
    throw new ToolError(
      'usage',
      `--delete takes KIND/NAMESPACE/NAME of a Gateway, VirtualService, DestinationRule or Service, such as virtualservice/svc1/main, not "${text}"`,
    );
  return { resource, namespace, name };
}
