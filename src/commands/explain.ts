// `explain URL`: what happens to a request, on every pod.

import { randomUUID } from 'node:crypto';
import { clientRequest } from '#analysis/request/client-request.ts';
import { readExpectation } from '#analysis/request/expectation.ts';
import { readRequest } from '#analysis/request/request.ts';
import { answer, type Context, defineCommand } from '#command/command.ts';
import { nextStepsAgain } from '#command/next-step.ts';
import { reasonOf, ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';
import type { Request } from '#model/request.ts';
import { askExplain, type ExplainAnswer, type ToSend } from '#questions/explain/explain.ts';
import { explainView } from '#render/views/explain.ts';

export default defineCommand({
  name: 'explain',
  group: 'ask',
  summary: 'What happens to a URL: listener, certificate, route, service, endpoint, on every pod',
  details: `Decided from the live configuration as Envoy would decide it; nothing is sent without --send. Filters that may answer first are named as
caveats. --expect makes the exit code 1 when a pod would answer otherwise, and 3 where that is not decided: the application chooses its codes. With --send the request is sent as well, by a User-Agent that
names this tool, and the exit code is 1 where what comes, or what the access log has of it, is not what was predicted. --request-id takes the
request from its line in the access logs instead, and holds what came of it against what would come now.`,
  examples: [
    { args: 'explain https://svc1.discovery.wmnet/two', describe: 'the whole way of a request' },
    {
      args: "explain https://svc1.discovery.wmnet/v2/items/3 -H 'x-client: beta'",
      describe: 'with a header that a route asks for',
    },
    { args: 'explain https://svc1.discovery.wmnet/two --send --pod NAME', describe: 'and send it through one pod' },
    {
      args: 'explain --request-id 1cdeabc6-7961-45f5-a17b-af59820f8b6e',
      describe: 'a request that a client had sent, by its X-Request-Id: what came of it, and was it to be expected',
    },
    {
      args: 'explain http://svc1.discovery.wmnet/ --expect code=301',
      describe: 'for scripts: exit 1 when it is not so',
    },
  ],
  arguments: [
    {
      name: 'URL',
      describe: 'https://HOST[:PORT]/PATH; https where no scheme is given',
      optional: true,
      completes: 'url',
    },
  ],
  flags: {
    method: { type: 'string', short: 'X', value: 'METHOD', describe: 'method of the request (GET)' },
    header: {
      type: 'strings',
      short: 'H',
      value: "'NAME: VALUE'",
      raw: true,
      describe: 'header of the request; may be repeated',
    },
    sni: { type: 'string', value: 'NAME', describe: "TLS server name where it is not the URL's host" },
    http3: { type: 'boolean', describe: 'the client speaks HTTP/3: what the listener for QUIC (UDP) does' },
    'client-cert': { type: 'boolean', describe: 'the client brings a certificate that the gateway accepts' },
    'request-id': {
      type: 'string',
      value: 'ID',
      describe: "in place of the URL: the request with this X-Request-Id, from the pods' access logs",
    },
    since: { type: 'duration', value: 'TIME', describe: 'how far --request-id looks back (1h)' },
    send: {
      type: 'boolean',
      describe:
        'also send it through every pod, past the load balancer, and compare; the first pod alone, then the others',
    },
    count: {
      type: 'number',
      value: 'N',
      describe:
        'with --send: so many requests through each pod, one after the other, where chance decides (1; at most 100)',
    },
    'allow-unsafe': { type: 'boolean', describe: 'let --send send other methods than GET, HEAD and OPTIONS' },
    cert: {
      type: 'string',
      value: 'FILE',
      completes: 'file',
      describe: 'with --send: PEM of the certificate and key of the client; its key may be in --key',
    },
    key: { type: 'string', value: 'FILE', completes: 'file', describe: 'with --send: PEM of the key of the client' },
    expect: {
      type: 'strings',
      value: 'KEY=VALUE',
      describe:
        'code=, cluster=, route=, virtualservice=, location=, host=: exit 1 where a pod would do otherwise; patterns allowed',
    },
  },
  run: async (context, flags, [url]) => {
    const expectations = flags.expect.map(readExpectation);
    const judges = expectations.length === 0 ? undefined : '--expect';
    checkTogether(url, flags);
    checkCount(flags);
    const id = flags['request-id'];
    if (id !== undefined) {
      const since = new Date(context.now.getTime() - (flags.since ?? defaultSinceMs));
      const question = { id, since, headers: flags.header, expectations };
      const { askLoggedExplain } = await import('#questions/explain/logged-explain.ts');
      const told = await askLoggedExplain(await context.source(), question, context);
      return answer({ view: explainView, judges, ...told, items: stepsAgain(told.items, context.again) });
    }
    const typed = {
      url: url as string,
      method: flags.method ?? 'GET',
      headers: flags.header,
      sni: flags.sni,
      hasClientCertificate: flags['client-cert'] || flags.cert !== undefined,
      isHttp3: flags.http3,
    };
    const { request, port } = readRequest(typed);
    const toSend = flags.send ? await requestToSend(request, flags, context) : undefined;
    const question = { url: typed.url, request, port, toSend, expectations };
    const told = await askExplain(await context.source(), question, context);
    return answer({ view: explainView, judges, ...told, items: stepsAgain(told.items, context.again) });
  },
});

const stepsAgain = (items: ExplainAnswer['items'], again: Context['again']): ExplainAnswer['items'] =>
  items.map(({ value, ...item }) => ({
    ...item,
    value: {
      ...value,
      outcomes: value.outcomes.map((outcome) =>
        outcome.reasons ? { ...outcome, reasons: nextStepsAgain(outcome.reasons, again) } : outcome,
      ),
    },
  }));

const defaultSinceMs = 3_600_000;

interface Given {
  readonly 'request-id': string | undefined;
  readonly since: number | undefined;
  readonly send: boolean;
  readonly http3: boolean;
  readonly sni: string | undefined;
  readonly method: string | undefined;
}

function checkTogether(url: string | undefined, { 'request-id': id, since, send, http3, sni, method }: Given): void {
  const wrong = (message: string): ToolError =>
    new ToolError('usage', message, { hint: 'see: kubectl istio-ingress explain --help' });
  if (url === undefined && id === undefined) throw wrong('explain takes a URL, or --request-id');
  if (send && http3) throw wrong('--send cannot speak HTTP/3');
  if (id === undefined && since !== undefined) throw wrong('--since is how far --request-id looks back');
  if (id === undefined) return;
  if (url !== undefined)
    throw wrong('a URL and --request-id cannot be used together: the line of the access log has the URL');
  if (send) throw wrong('--send and --request-id cannot be used together: send it again by its URL');
  if (method !== undefined)
    throw wrong('-X and --request-id cannot be used together: the line of the access log has the method');
  if (http3)
    throw wrong('--http3 and --request-id cannot be used together: the line of the access log has the protocol');
  if (sni !== undefined)
    throw wrong('--sni and --request-id cannot be used together: the line of the access log has the server name');
}

/** Requests to live gateways: not thousands by mistake. */
const mostRequests = 100;

function checkCount({ count, send }: { readonly count: number | undefined; readonly send: boolean }): void {
  if (count === undefined) return;
  if (!send) throw new ToolError('usage', '--count is how often --send sends');
  if (!Number.isInteger(count) || count < 1 || count > mostRequests)
    throw new ToolError('usage', `--count takes 1 to ${mostRequests}, not ${count}`);
}

interface SendFlags {
  readonly cert: string | undefined;
  readonly key: string | undefined;
  readonly 'allow-unsafe': boolean;
  readonly count: number | undefined;
}

async function requestToSend(request: Request, flags: SendFlags, { version, signal }: Context): Promise<ToSend> {
  const userAgent = `kubectl-istio-ingress/${version} (explain --send ${randomUUID().slice(0, 8)})`;
  const identity = await readIdentity(flags.cert, flags.key, signal);
  return {
    wire: clientRequest(request, identity, flags['allow-unsafe'] ? 'any' : 'safe', userAgent),
    userAgent,
    count: flags.count ?? 1,
  };
}

/** PEM of a client's certificate and key. */
async function readIdentity(
  cert: string | undefined,
  key: string | undefined,
  signal: AbortSignal,
): Promise<{ readonly certificate?: string; readonly key?: string }> {
  if (cert === undefined) return {};
  const certificate = await readPem(cert, signal);
  return { certificate, ...(key === undefined ? {} : { key: await readPem(key, signal) }) };
}

async function readPem(path: string, signal: AbortSignal): Promise<string> {
  try {
    const { readWholeFile } = await import('#files/read-file.ts');
    return (await readWholeFile(path, { mostBytes: limits.kubeconfigBytes, signal })).toString('utf8');
  } catch (error) {
    throw new ToolError('usage', `cannot read ${path}: ${reasonOf(error)}`, { cause: error });
  }
}
