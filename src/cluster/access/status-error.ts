// Answers and failures of the API server, the node or the network → an error with the next step. Source: apimachinery
// pkg/apis/meta/v1 Status; kubernetes RBAC API.

import { ToolError } from '#core/error.ts';
import { field } from '#core/json.ts';
import type { Connection } from './connection.ts';

/** What RBAC has to allow for a request to work. */
export interface AccessRule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly verbs: readonly string[];
  /** A Role in this namespace is enough; a ClusterRole where it is not given. */
  readonly namespace?: string;
}

export interface Answered {
  readonly status: number;
  readonly body: string;
  /** Where a redirect leads. */
  readonly location?: string | undefined;
}

/** The error for an answer that is no success. `attempted` reads as in `cannot <attempted>: …`. */
export function statusError(attempted: string, answer: Answered, rule?: AccessRule): ToolError {
  const { status, body } = answer;
  const foreign = foreignReason(answer);
  const why = foreign ?? (reasonOf(body) || `the API server answered ${status}`);
  const hint = foreign === undefined ? undefined : inItsPlace;
  if (status === 401) {
    return new ToolError('credentials', `cannot ${attempted}: the API server does not accept the credentials`, {
      hint: 'log in again, or see which user the context has: kubectl config view --minify',
    });
  }
  if (status === 403)
    return new ToolError('forbidden', `cannot ${attempted}: ${why}`, { hint: hint ?? allowedBy(body, rule) });
  if (status === 404) return new ToolError('not-found', `cannot ${attempted}: ${why}`, { hint });
  if (status === 429)
    return new ToolError('api', `cannot ${attempted}: the API server is overloaded (${why})`, {
      hint: 'try again in a moment',
    });
  return new ToolError(status < 300 ? 'bad-answer' : 'api', `cannot ${attempted}: ${why}`, { hint });
}

const inItsPlace =
  'a proxy or a login stands in its place: log in there again, or see the server of the context: kubectl config view --minify';

/** Of an answer that no API server gives. */
function foreignReason({ status, body, location }: Answered): string | undefined {
  if (status >= 300 && status < 400)
    return `not the API server answers, but a redirect${targetOf(location)} (${status})`;
  return isPage(body) ? `not the API server answers, but a web page (${status})` : undefined;
}

export const isPage = (body: string): boolean => /^\s*<(?:!doctype|html)\b/i.test(body);

/** Without path and query, which may hold a ticket. */
const targetOf = (location: string | undefined): string =>
  location !== undefined && URL.canParse(location) ? ` to ${new URL(location).origin}` : '';

/** Only what the API server itself refuses is a matter of its rules. */
function allowedBy(body: string, rule: AccessRule | undefined): readonly string[] | undefined {
  if (body.includes('"system:anonymous'))
    return [
      'the API server knows nobody by these credentials, or got none: log in again, or see which user the context has',
    ];
  return rule && (body.trim() === '' || isStatus(body)) ? ['this is allowed by', ...roleYaml(rule)] : undefined;
}

function isStatus(body: string): boolean {
  try {
    return field(JSON.parse(body), 'kind') === 'Status';
  } catch {
    return false;
  }
}

/** The message of a Status, or the first line of any other body. */
function reasonOf(body: string): string {
  try {
    const json: unknown = JSON.parse(body);
    // Teleport's has it one level deeper.
    const message = field(json, 'message') ?? field(field(json, 'error'), 'message');
    if (typeof message === 'string') return message.replace(/:\s*$/, '');
  } catch {
    // kubelets and proxies answer in plain text
  }
  const [line = ''] = body.trim().split('\n');
  return line.startsWith('<') ? '' : line.slice(0, 300);
}

/** The rule as YAML that can be applied after its subject has been filled in. */
function roleYaml({ apiGroups, resources, verbs, namespace }: AccessRule): string[] {
  const list = (values: readonly string[]): string => values.map((value) => JSON.stringify(value)).join(', ');
  const kind = namespace === undefined ? 'ClusterRole' : 'Role';
  return [
    'apiVersion: rbac.authorization.k8s.io/v1',
    `kind: ${kind}`,
    `metadata: {name: istio-ingress-reader${namespace === undefined ? '' : `, namespace: ${namespace}`}}`,
    `rules: [{apiGroups: [${list(apiGroups)}], resources: [${list(resources)}], verbs: [${list(verbs)}]}]`,
  ];
}

const unreachable: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there',
  ENOTFOUND: 'the name is unknown',
  EAI_AGAIN: 'the name cannot be looked up now',
  EHOSTUNREACH: 'there is no route to it',
  ENETUNREACH: 'there is no route to it',
  ETIMEDOUT: 'it does not answer',
};

/** Only the proxy looks for the server: what is not there is the proxy. Undefined where it has done its part. */
function whyProxyFails(code: string, message: string): string | undefined {
  if (code !== 'ERR_PROXY_TUNNEL') return unreachable[code];
  const [, answer] = /: HTTP\/1\.\d (\d{3}.*)/.exec(message) ?? [];
  return answer === undefined ? 'it closed the connection' : `it answered ${answer}`;
}

const resets = ['ECONNRESET', 'EPIPE', 'ECONNABORTED'];

/** The error for a connection to the API server that failed before an answer came, or broke. */
export function connectError(
  attempted: string,
  error: unknown,
  { server, context, proxy }: Pick<Connection, 'server' | 'context' | 'proxy'>,
): ToolError {
  if (error instanceof ToolError) return error;
  const { code = '', message } = error as NodeJS.ErrnoException;
  const where = `${server.origin} (context ${context})`;
  const known = unreachable[code];
  const whyNoTunnel = proxy && whyProxyFails(code, message);
  if (whyNoTunnel) {
    return new ToolError(
      'unreachable',
      `cannot ${attempted}: no way to ${where} through the proxy ${proxy}: ${whyNoTunnel}`,
      { hint: 'see proxy-url of the cluster in the kubeconfig, or else $HTTPS_PROXY and $NO_PROXY', cause: error },
    );
  }
  if (known !== undefined) {
    return new ToolError('unreachable', `cannot ${attempted}: no connection to the API server ${where}: ${known}`, {
      hint: 'see whether the cluster is up, and whether a VPN or proxy is needed: kubectl cluster-info',
      cause: error,
    });
  }
  if (isUntrusted(code)) {
    return new ToolError(
      'untrusted',
      `cannot ${attempted}: the certificate of ${where} is not trusted: ${message.split(';')[0]}`,
      {
        hint: 'give its CA with --certificate-authority FILE, or its name with --tls-server-name',
        cause: error,
      },
    );
  }
  if (message.includes('handshake has timed out'))
    return new ToolError('timeout', `cannot ${attempted}: ${where} did not answer the handshake`, { cause: error });
  if (resets.includes(code) || message === 'socket hang up') {
    return new ToolError('broken', `cannot ${attempted}: ${where} closed the connection`, { cause: error });
  }
  if (code.startsWith('ERR_SSL') || code === 'EPROTO') {
    return new ToolError('unreachable', `cannot ${attempted}: ${where} refuses the TLS handshake (${code})`, {
      hint: 'see whether the client certificate is valid, and whether the server speaks TLS',
      cause: error,
    });
  }
  if (code.startsWith('HPE_')) {
    return new ToolError('unreachable', `cannot ${attempted}: what listens at ${where} does not answer in HTTP`, {
      hint: 'see the server of the context: kubectl config view --minify',
      cause: error,
    });
  }
  return new ToolError('unreachable', `cannot ${attempted}: ${where}: ${message}`, { cause: error });
}

/** Codes of OpenSSL's X509_verify_cert as Node names them: nodejs.org/api/tls.html, x509-certificate-error-codes. */
const isUntrusted = (code: string): boolean =>
  /CERT|CRL|SIGNATURE|ISSUER|HOSTNAME_MISMATCH|INVALID_CA|PATH_LENGTH|INVALID_PURPOSE/.test(code) &&
  !code.startsWith('ERR_SSL');
