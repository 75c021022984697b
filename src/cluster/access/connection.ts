// The way to one API server: its address, credentials and agents, the same for every request and stream of a command.

import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { isDeepStrictEqual } from 'node:util';
import { type Cluster, KubeConfig, type User } from '@kubernetes/client-node';
import { raceAbort } from '#core/concurrency.ts';
import { reasonOf, ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';
import type { KubeOptions } from '#core/source-options.ts';
import { readWholeFile } from '#files/read-file.ts';
import { type Access, readAccess } from './access.ts';
import type { ExecCredential } from './exec-plugin.ts';
import type { Impersonation } from './kubeconfig.ts';
import { expectValidIdToken } from './oidc.ts';
import { proxyOf } from './proxy.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** What a kubeconfig, its files and plugins say of TLS. */
interface Tls {
  readonly ca?: string | Buffer | string[];
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface RequestOptions {
  readonly headers: Readonly<Record<string, string | string[]>>;
  /** CA, certificate and key are read once for all connections: half of what it takes to open one. */
  readonly tls: Pick<tls.ConnectionOptions, 'secureContext' | 'servername' | 'rejectUnauthorized'>;
  /** Keeps connections for the next request. */
  readonly agent: https.Agent;
  /** A connection of its own for each stream; TLS sessions are resumed. */
  readonly streamAgent: https.Agent;
  /** `agent` where it has a connection that has just become idle: to upgrade that one spares the round trips of another. */
  readonly idleAgent: () => https.Agent | undefined;
}

export interface Connection {
  /** For messages. */
  readonly context: string;
  /** Kubeconfigs that were read; none in a pod. */
  readonly files: readonly string[];
  readonly server: URL;
  /** What connections go through, without its user and password. */
  readonly proxy?: string | undefined;
  /** The server and its user, as kubeconfig and flags name them: the key of every cache. */
  readonly identity: readonly string[];
  /** Gets credentials once for all requests that wait, and anew when they have expired. */
  options(signal: AbortSignal): Promise<RequestOptions>;
  /** After a 401: true where new credentials can be had and the request may be sent again. */
  renew(signal: AbortSignal): Promise<boolean>;
  close(): void;
}

interface Credentials {
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly tls: Tls;
  readonly expiresAt: number;
}

interface Held {
  readonly options: RequestOptions;
  readonly expiresAt: number;
}

type Transport = Omit<RequestOptions, 'headers'>;

/** Credentials that expire within this time are renewed before use. */
const expirySkewMs = 10_000;
/** How long the token of a file is good: client-go transport/token_source.go. */
const tokenFileMs = 60_000;
/** Requests that were refused together share the credentials that the first of them gets. */
const renewalMs = 5_000;

/** Reads the kubeconfig; nothing is sent yet. Throws ToolError `kubeconfig`, `not-found` or `usage`. */
export async function connect(options: KubeOptions, env: Environment, signal: AbortSignal): Promise<Connection> {
  const access = await readAccess(options, env, { signal });
  const server = serverUrl(access);
  const proxy = access.cluster.proxyUrl || proxyOf(server, env);
  const isRenewable = access.exec !== undefined || access.user.authProvider != null || access.tokenFile !== undefined;
  const opened = openedTransports((own) => makeTransport(access, server, own, proxy));
  const credentials = keepCredentials(async () => {
    const { headers, tls: own, expiresAt } = await readCredentials(access, server, env, signal);
    return { options: { headers, ...(await opened.transportFor(own)) }, expiresAt };
  });
  return {
    context: access.contextName,
    files: access.files,
    server,
    proxy: proxy && withoutUser(proxy),
    identity: [server.href, access.user.name, JSON.stringify(access.impersonate)],
    options: async (inner) => (await raceAbort(credentials.current(), inner)).options,
    renew: async (inner) => {
      if (!isRenewable) return false;
      credentials.renew();
      await raceAbort(credentials.current(), inner);
      return true;
    },
    close: opened.destroy,
  };
}

/** Each client certificate has its own agents: a kept connection would go on speaking for the old certificate. */
function openedTransports(make: (own: Tls) => Promise<Transport>): {
  transportFor(own: Tls): Promise<Transport>;
  destroy(): void;
} {
  const opened: { readonly own: Tls; readonly transport: Transport }[] = [];
  return {
    transportFor: async (own) => {
      const known = opened.find((one) => isDeepStrictEqual(one.own, own));
      if (known) return known.transport;
      const transport = await make(own);
      opened.push({ own, transport });
      return transport;
    },
    destroy: () => {
      for (const { transport } of opened) {
        transport.agent.destroy();
        transport.streamAgent.destroy();
      }
    },
  };
}

/** Keeps the result of `read` until it expires or the server refuses it. */
function keepCredentials(read: () => Promise<Held>): { current(): Promise<Held>; renew(): void } {
  let latest: Promise<Held> | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;
  return {
    current: async () => {
      latest ??= read();
      const holding = latest;
      const now = await holding;
      if (now.expiresAt - Date.now() > expirySkewMs) return now;
      // The first of several waiting callers reads for all.
      if (latest === holding) latest = read();
      return latest;
    },
    renew: () => {
      if (performance.now() - renewedAt <= renewalMs) return;
      renewedAt = performance.now();
      latest = read();
    },
  };
}

function serverUrl({ cluster, contextName }: Access): URL {
  // As kubectl: an address without a scheme is one of plain HTTP, which gets no credentials.
  const server = cluster.server.includes('://') ? cluster.server : `http://${cluster.server}`;
  if (URL.canParse(server)) return new URL(server);
  throw new ToolError('kubeconfig', `cannot use context ${contextName}: the server "${cluster.server}" is not a URL`);
}

async function readCredentials(
  access: Access,
  server: URL,
  env: Environment,
  signal: AbortSignal,
): Promise<Credentials> {
  const always: Credentials['headers'] = {
    'user-agent': 'kubectl-istio-ingress',
    ...impersonationHeaders(access.impersonate),
  };
  // As kubectl: anybody who listens to plain HTTP would get the credentials.
  if (server.protocol === 'http:') return { headers: always, tls: {}, expiresAt: Number.POSITIVE_INFINITY };
  const cluster = await clusterWithFiles(access, signal);
  const user = await userWithFiles(access, signal);
  const own = await ownCredentials({ ...access, cluster, user });
  const given = access.exec
    ? await (await import('./exec-plugin.ts')).runExecPlugin(access.exec, cluster, env, signal)
    : await fromTokenFile(access, signal);
  const authorization = given?.token === undefined ? own.authorization : `Bearer ${given.token}`;
  // Node's own error names neither the token nor where it comes from.
  if (authorization !== undefined && !isHeaderValue(authorization))
    throw unusable(
      access.contextName,
      new Error(`the token${sourceOf(access)} has a line break or another control character`),
    );
  const certificate =
    given?.certificate === undefined || given.key === undefined ? {} : { cert: given.certificate, key: given.key };
  return {
    headers: authorization === undefined ? always : { ...always, authorization: headerValue(authorization) },
    tls: { ...own.tls, ...certificate },
    expiresAt: given?.expiresAt ?? Number.POSITIVE_INFINITY,
  };
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
const isHeaderValue = (text: string): boolean => !/[\0-\x08\x0a-\x1f\x7f]/.test(text);

function sourceOf({ exec, tokenFile }: Access): string {
  if (exec) return ` of the plugin ${exec.command}`;
  return tokenFile === undefined ? '' : ` of ${tokenFile}`;
}

/** Puts the content of its files into the cluster: client-node would block on a pipe and ignore Ctrl-C. */
async function clusterWithFiles({ cluster, contextName }: Access, signal: AbortSignal): Promise<Cluster> {
  const { caFile, ...rest } = cluster;
  return caFile && !rest.caData ? { ...rest, caData: await fileOf(contextName, caFile, signal) } : cluster;
}

async function userWithFiles({ user, contextName }: Access, signal: AbortSignal): Promise<User> {
  const { certFile, keyFile, ...rest } = user;
  return {
    ...rest,
    ...(certFile && !rest.certData ? { certData: await fileOf(contextName, certFile, signal) } : {}),
    ...(keyFile && !rest.keyData ? { keyData: await fileOf(contextName, keyFile, signal) } : {}),
  };
}

/** In base64, as it would stand in the kubeconfig. */
async function fileOf(contextName: string, path: string, signal: AbortSignal): Promise<string> {
  try {
    return (await readWholeFile(path, { mostBytes: limits.kubeconfigBytes, signal })).toString('base64');
  } catch (error) {
    signal.throwIfAborted();
    throw unusable(contextName, error, `cannot read ${path}: `);
  }
}

const unusable = (contextName: string, error: unknown, attempt = ''): ToolError => {
  const why = error instanceof ToolError ? error.message : attempt + reasonOf(error);
  return new ToolError('kubeconfig', `cannot use the credentials of context ${contextName}: ${why}`, { cause: error });
};

/** Undefined where there is no such file, or where it cannot be read and the kubeconfig has a token as well. */
async function fromTokenFile({ tokenFile, user }: Access, signal: AbortSignal): Promise<ExecCredential | undefined> {
  if (tokenFile === undefined) return undefined;
  try {
    const token = (await readWholeFile(tokenFile, { mostBytes: limits.ownFileBytes, signal })).toString('utf8').trim();
    if (token === '') throw new Error('it is empty');
    return { token, certificate: undefined, key: undefined, expiresAt: Date.now() + tokenFileMs + expirySkewMs };
  } catch (error) {
    signal.throwIfAborted();
    if (user.token) return undefined;
    throw new ToolError(
      'credentials',
      `cannot read the token of user "${user.name}" from ${tokenFile}: ${reasonOf(error)}`,
      { cause: error },
    );
  }
}

/** What client-node makes of cluster and user: CA, client certificate, token, token file, OIDC. */
async function ownCredentials({
  cluster,
  user,
  contextName,
}: Access): Promise<{ readonly tls: Tls; readonly authorization: string | undefined }> {
  expectValidIdToken(user, contextName, new Date());
  const config = new KubeConfig();
  // client-node makes an agent too; this tool has its own.
  const { proxyUrl: _, ...direct } = cluster;
  config.loadFromClusterAndUser(direct, user);
  const made: https.RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(made);
  } catch (error) {
    throw unusable(contextName, error);
  }
  const { ca, cert, key, servername, auth } = made;
  const header = (made.headers as Readonly<Record<string, string>> | undefined)?.Authorization;
  const own = ca === undefined ? undefined : certificatesIn(String(ca));
  if (own?.length === 0) throw unusable(contextName, new Error('its CA has no certificate in PEM'));
  const trusted = own ?? (cluster.skipTLSVerify ? undefined : systemAuthorities());
  const parts = { ca: trusted, cert, key, servername, rejectUnauthorized: !cluster.skipTLSVerify };
  return {
    tls: Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)),
    authorization: auth == null ? header?.trim() : `Basic ${Buffer.from(auth).toString('base64')}`,
  };
}

/**
 * One by one, as Node reads a text only up to the first that it cannot use, and kubectl leaves that one out. Source: Go
 * crypto/x509 CertPool.AppendCertsFromPEM.
 */
const certificatesIn = (pem: string): string[] =>
  pem.match(/^-----BEGIN CERTIFICATE-----[^-]*^-----END CERTIFICATE-----/gm) ?? [];

/**
 * As kubectl: a kubeconfig without CA trusts the CAs of the operating system, SSL_CERT_FILE and SSL_CERT_DIR. Not
 * Node's `default` list, which NODE_EXTRA_CA_CERTS extends.
 */
const systemAuthorities = (): string[] => [...tls.getCACertificates('bundled'), ...tls.getCACertificates('system')];

/** Source: client-go transport/round_trippers.go impersonatingRoundTripper. */
function impersonationHeaders({ user, uid, groups, extra = {} }: Impersonation): Record<string, string | string[]> {
  if (user === undefined) return {};
  return {
    'impersonate-user': headerValue(user),
    ...(uid === undefined ? {} : { 'impersonate-uid': headerValue(uid) }),
    ...(groups === undefined ? {} : { 'impersonate-group': groups.map(headerValue) }),
    ...Object.fromEntries(
      Object.entries(extra).map(([key, values]) => [
        `impersonate-extra-${encodeURIComponent(key.toLowerCase())}`,
        values.map(headerValue),
      ]),
    ),
  };
}

/** Node writes one byte for each character, and the API server reads UTF-8. */
const headerValue = (text: string): string => Buffer.from(text).toString('latin1');

function readTls({ ca, cert, key, ...rest }: Tls, contextName: string): RequestOptions['tls'] {
  const parts = { ca, cert, key };
  const given = Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined));
  try {
    return { ...rest, secureContext: tls.createSecureContext(given) };
  } catch (error) {
    // OpenSSL's errors end with the reason: `error:05800074:x509 certificate routines::key values mismatch`.
    const why = (error as Error).message.split(':').at(-1);
    throw unusable(contextName, new Error(`its client certificate or key cannot be used: ${why}`));
  }
}

/** Without the user and password of an address, also where it has no scheme. */
export const withoutUser = (url: string): string => url.replace(/^([a-z\d+.-]+:\/\/)?[^/]*@/i, '$1');

async function makeTransport(
  { contextName }: Access,
  server: URL,
  given: Tls,
  named: string | undefined,
): Promise<Transport> {
  const proxy = named && URL.canParse(named) ? new URL(named).href : named;
  const kind = proxy?.split(':')[0] ?? 'none';
  if (!['none', 'http', 'https', 'socks5', 'socks5h'].includes(kind) || (proxy !== undefined && !URL.canParse(proxy)))
    throw new ToolError(
      'kubeconfig',
      `cannot reach ${server.origin}: the proxy ${named && withoutUser(named)} is none of http://, https:// and socks5://`,
    );
  const own = server.protocol === 'http:' ? {} : readTls(given, contextName);
  if (proxy !== undefined && kind.startsWith('socks5')) {
    const { SocksAgent } = await import('./socks-agent.ts');
    const make = (options: https.AgentOptions): https.Agent =>
      new SocksAgent(new URL(proxy), server, { ...own, ...options });
    return transportOf(own, make);
  }
  const make = (options: https.AgentOptions): https.Agent => {
    const all = {
      ...own,
      ...options,
      ...(proxy === undefined ? {} : { proxyEnv: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } }),
    };
    return server.protocol === 'http:'
      ? (new http.Agent(all) as https.Agent)
      : new https.Agent(all as https.AgentOptions);
  };
  return transportOf(own, make);
}

function transportOf(own: RequestOptions['tls'], make: (options: https.AgentOptions) => https.Agent): Transport {
  const agent = make(kept);
  return { tls: own, agent, streamAgent: make(single), idleAgent: justIdle(agent) };
}

/** An idle connection may be dead without anybody knowing: the longer, the likelier. */
const freshMs = 5_000;

function justIdle(agent: https.Agent): RequestOptions['idleAgent'] {
  const idleSince = new WeakMap<object, number>();
  agent.on('free', (socket: object) => idleSince.set(socket, performance.now()));
  return () => {
    // The agent takes the last one.
    const next = Object.values(agent.freeSockets).flat().at(-1);
    const since = next && idleSince.get(next);
    return since !== undefined && performance.now() - since < freshMs ? agent : undefined;
  };
}

const kept: https.AgentOptions = { keepAlive: true, maxSockets: 8 };
const single: https.AgentOptions = { keepAlive: false };
