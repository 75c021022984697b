// `preview FILE…`: what objects would change on the live fleet, before anybody applies them.

import type { Check } from '#analysis/check/check.ts';
import { readRequest } from '#analysis/request/request.ts';
import { answer, defineCommand } from '#command/command.ts';
import { ToolError } from '#core/error.ts';
import { kinds, type Resource, resources } from '#core/kinds.ts';
import { type Severity, severities } from '#model/finding.ts';
import type { PreviewedRequest } from '#questions/preview/explained.ts';
import { previewView } from '#render/views/preview.ts';

export default defineCommand({
  name: 'preview',
  group: 'ask',
  summary: 'What objects would change on the live fleet, before anybody applies them',
  details: `Takes what kubectl apply takes: Gateways, VirtualServices, DestinationRules, Services and Secrets of networking.istio.io and the core
group; other kinds are named and left out. Nothing is sent to the cluster. The objects that are there are translated first, as istiod does
it, and held against what the pods serve: the first line says how far the prediction can be believed. Compared are hosts, filter chains, and
routes with match, destination, rewrite, timeout, retries, faults, CORS and mirrors; what routes do to headers, and load balancing, are not. Findings have
the ids of check. Whether Services and subsets that are not there yet would have endpoints is not judged; a line names them.`,
  examples: [
    { args: 'preview ingress.yaml', describe: 'hosts, routes and findings that would come and go' },
    { args: 'preview manifests/', describe: 'every .yaml, .yml and .json of a directory' },
    { args: 'preview -', describe: 'what helm template or kustomize build prints into a pipe' },
    {
      args: 'preview ingress.yaml --explain https://svc1.discovery.wmnet/two',
      describe: 'and what would happen to a URL',
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
    explain: {
      type: 'string',
      value: 'URL',
      describe: 'what would happen to this URL, beside what happens to it now',
    },
    'fail-on': {
      type: 'string',
      default: 'error',
      choices: severities,
      describe: 'exit code 1 where a finding of this severity or worse would come: info, warning or error',
    },
  },
  run: async (context, flags, files) => {
    if (files.length === 0 && flags.delete.length === 0)
      throw new ToolError('usage', 'preview takes files of objects, or --delete', {
        hint: 'see: kubectl istio-ingress preview --help',
      });
    const deletions = flags.delete.map(readDeletion);
    const request = flags.explain === undefined ? undefined : readUrl(flags.explain);
    const [{ checks }, { askPreview }, { readGivenObjects }] = await Promise.all([
      import('#analysis/checks/all.gen.ts'),
      import('#questions/preview/preview.ts'),
      import('#questions/preview/objects.ts'),
    ]);
    const input = { paths: files, stdin: context.stdin, namespace: flags['default-namespace'] };
    const { objects: given, others } = await readGivenObjects(input, context.signal);
    for (const one of others)
      context.warn(
        `left out: ${one}: ${steering.test(one) ? steers : 'no gateway goes by this kind, or not in this API version'}`,
      );
    if (given.length === 0 && deletions.length === 0)
      throw new ToolError(
        'usage',
        'there is no Gateway, VirtualService, DestinationRule, Service or Secret to preview',
      );
    const question = {
      given,
      deletions,
      checks: checks.filter(isConfigured),
      failOn: flags['fail-on'] as Severity,
      request,
    };
    return answer({ view: previewView, ...(await askPreview(await context.source(), question, context)) });
  },
});

/** Kinds of Istio and the Gateway API by which gateways do go. */
const steering =
  /^(?:EnvoyFilter|AuthorizationPolicy|RequestAuthentication|WasmPlugin|TrafficExtension|Telemetry|ServiceEntry|WorkloadEntry|ProxyConfig|\w+Route|\w*ListenerSet|BackendTLSPolicy|ReferenceGrant) /;
const steers = 'it can change what gateways do, and preview does not tell how';

/** Checks of what is configured, and of nothing that pods only show once they run it. */
const isConfigured = ({ section, needs, name }: Check): boolean =>
  ['gateways', 'routes', 'certificates'].includes(section) &&
  !needs.some((need) => need === 'comparisons' || need === 'istiods') &&
  name !== 'secret-newer';

const readUrl = (url: string): PreviewedRequest => ({
  url,
  ...readRequest({ url, method: 'GET', headers: [], sni: undefined, hasClientCertificate: false }),
});

function readDeletion(text: string): {
  readonly resource: Resource;
  readonly namespace: string;
  readonly name: string;
} {
  const [kind = '', namespace = '', name = '', ...more] = text.split('/');
  const resource = resources.find((one) =>
    [one, kinds[one].kind.toLowerCase(), kinds[one].shortName].includes(kind.toLowerCase()),
  );
  if (resource === undefined || namespace === '' || name === '' || more.length > 0)
    throw new ToolError('usage', `--delete takes KIND/NAMESPACE/NAME such as virtualservice/svc1/main, not "${text}"`);
  return { resource, namespace, name };
}
