// The way to one API server: its address, credentials and agents, the same for every request and stream of a command.

import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { KubeConfig } from '@kubernetes/client-node';
import { raceAbort } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import type { KubeOptions } from '#core/source.ts';
import { runExecPlugin } from './exec-plugin.ts';
import { type Access, type Impersonation, readAccess } from './kubeconfig.ts';
import { proxyOf } from './proxy.ts';

type Environment = Readonly<Record<string, string | undefined>>;

export interface Tls {
  readonly ca?: string | Buffer | string[];
  readonly cert?: string | Buffer;
  readonly key?: string | Buffer;
  readonly servername?: string;
  readonly rejectUnauthorized?: boolean;
}

export interface RequestOptions {
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly tls: Tls;
  /** Keeps connections for the next request. */
  readonly agent: https.Agent;
  /** A connection of its own for each stream; TLS sessions are resumed. */
  readonly streamAgent: https.Agent;
}

export interface Connection {
  /** For messages. */
  readonly context: string;
  readonly server: URL;
  /** Credentials are asked for once, however many requests wait for them, and again when they have expired. */
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

/** Credentials that end so soon are got anew before they are used. */
const expirySkewMs = 10_000;
/** Requests that were refused together are sent again with the credentials that the first of them got. */
const renewalMs = 5_000;

/** Reads the kubeconfig; nothing is sent yet. Throws ToolError `kubeconfig`, `not-found` or `usage`. */
export async function connect(options: KubeOptions, env: Environment, signal: AbortSignal): Promise<Connection> {
  const access = readAccess(options, env);
  const server = serverUrl(access);
  const isRenewable = access.exec !== undefined || access.user.authProvider != null;
  const opened = new Set<https.Agent>();
  let held: Promise<Held> | undefined;
  let renewedAt = Number.NEGATIVE_INFINITY;
  const hold = async (): Promise<Held> => {
    const credentials = await readCredentials(access, env, signal);
    const agents = makeAgents(access, server, credentials.tls, env);
    opened.add(agents.agent).add(agents.streamAgent);
    return { options: { headers: credentials.headers, tls: credentials.tls, ...agents }, expiresAt: credentials.expiresAt };
  };
  const current = async (): Promise<Held> => {
    held ??= hold();
    const now = await held;
    if (now.expiresAt - Date.now() > expirySkewMs) return now;
    held = hold();
    return held;
  };
  return {
    context: access.contextName,
    server,
    options: async (inner) => (await raceAbort(current(), inner)).options,
    renew: async (inner) => {
      if (!isRenewable) return false;
      if (performance.now() - renewedAt > renewalMs) {
        renewedAt = performance.now();
        held = hold();
      }
      await raceAbort(current(), inner);
      return true;
    },
    close: () => {
      for (const agent of opened) agent.destroy();
    },
  };
}

function serverUrl({ cluster, contextName }: Access): URL {
  const server = cluster.server.includes('://') ? cluster.server : `https://${cluster.server}`;
  if (URL.canParse(server)) return new URL(server);
  throw new ToolError('kubeconfig', `cannot use context ${contextName}: the server "${cluster.server}" is not a URL`);
}

async function readCredentials(access: Access, env: Environment, signal: AbortSignal): Promise<Credentials> {
  const own = await ownCredentials(access);
  const plugin = access.exec && (await runExecPlugin(access.exec, access.cluster, env, signal));
  const headers: Record<string, string | string[]> = { 'user-agent': 'kubectl-istio-ingress', ...impersonationHeaders(access.impersonate) };
  const authorization = plugin?.token === undefined ? own.authorization : `Bearer ${plugin.token}`;
  if (authorization !== undefined) headers.authorization = authorization;
  const certificate = plugin?.certificate === undefined || plugin.key === undefined ? {} : { cert: plugin.certificate, key: plugin.key };
  return { headers, tls: { ...own.tls, ...certificate }, expiresAt: plugin?.expiresAt ?? Number.POSITIVE_INFINITY };
}

/** What client-node makes of cluster and user: CA, client certificate, token, token file, OIDC. */
async function ownCredentials({ cluster, user, contextName }: Access): Promise<{ readonly tls: Tls; readonly authorization: string | undefined }> {
  const config = new KubeConfig();
  // KubeConfig refuses plain HTTP; it makes an agent that is not used here.
  const { proxyUrl: _, ...direct } = cluster;
  config.loadFromClusterAndUser({ ...direct, skipTLSVerify: cluster.skipTLSVerify || cluster.server.startsWith('http:') }, user);
  const made: https.RequestOptions = {};
  try {
    await config.applyToHTTPSOptions(made);
  } catch (error) {
    throw new ToolError('kubeconfig', `cannot use the credentials of context ${contextName}: ${(error as Error).message}`, { cause: error });
  }
  const { ca, cert, key, servername, auth } = made;
  const header = (made.headers as Readonly<Record<string, string>> | undefined)?.Authorization;
  const trusted = ca ?? (cluster.skipTLSVerify ? undefined : systemAuthorities());
  const parts = { ca: trusted, cert, key, servername, rejectUnauthorized: cluster.skipTLSVerify ? false : undefined };
  return {
    tls: Object.fromEntries(Object.entries(parts).filter(([, value]) => value !== undefined)),
    authorization: auth == null ? header?.trim() : `Basic ${Buffer.from(auth).toString('base64')}`,
  };
}

/** As kubectl does: where the kubeconfig brings no CA, what the operating system trusts counts. */
const systemAuthorities = (): string[] => [...tls.getCACertificates('default'), ...tls.getCACertificates('system')];

/** Source: client-go transport/round_trippers.go impersonatingRoundTripper. */
function impersonationHeaders({ user, uid, groups, extra = {} }: Impersonation): Record<string, string | string[]> {
  if (user === undefined) return {};
  return {
    'impersonate-user': user,
    ...(uid === undefined ? {} : { 'impersonate-uid': uid }),
    ...(groups === undefined ? {} : { 'impersonate-group': [...groups] }),
    ...Object.fromEntries(Object.entries(extra).map(([key, values]) => [`impersonate-extra-${encodeURIComponent(key.toLowerCase())}`, [...values]])),
  };
}

function makeAgents({ cluster }: Access, server: URL, own: Tls, env: Environment): Pick<RequestOptions, 'agent' | 'streamAgent'> {
  const proxy = cluster.proxyUrl ?? proxyOf(server, env);
  if (proxy?.startsWith('socks'))
    throw new ToolError('unsupported', `cannot reach ${server.origin}: the proxy ${proxy} speaks SOCKS`, { hint: 'only http and https proxies are supported' });
  const make = (options: https.AgentOptions): https.Agent => {
    const all = { ...own, ...options, ...(proxy === undefined ? {} : { proxyEnv: { HTTPS_PROXY: proxy, HTTP_PROXY: proxy } }) };
    return server.protocol === 'http:' ? (new http.Agent(all) as https.Agent) : new https.Agent(all as https.AgentOptions);
  };
  return { agent: make({ keepAlive: true, maxSockets: 8 }), streamAgent: make({ keepAlive: false }) };
}
