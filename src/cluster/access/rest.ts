// Calls to the Kubernetes API: lists, objects, watches, over HTTP/1.1 with keep-alive.
// Source: kubernetes.io/docs/reference/using-api/api-concepts.

import http, { type ClientRequest, type IncomingMessage } from 'node:http';
import https from 'node:https';
import type { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';
import { retried, withDeadline } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import { field, parseJson } from '#core/json.ts';
import { kinds, type Resource } from '#core/kinds.ts';
import type { KubeObject, ListOptions } from '#core/kube-object.ts';
import { objectSchema, pageSchema } from '#core/kube-schema.ts';
import { limits } from '#core/limits.ts';
import { checked, type Schema } from '#core/schema.ts';
import { readBody } from './bounded-body.ts';
import type { Connection } from './connection.ts';
import { resourcePath } from './resource-path.ts';
import { type ServedVersions, servedVersions } from './served-versions.ts';
import { type AccessRule, type Answered, connectError, isPage, statusError } from './status-error.ts';

export interface Rest {
  /** Every object, page by page. Throws ToolError: forbidden, credentials, unreachable, timeout… */
  list(resource: Resource, options: ListOptions): Promise<readonly KubeObject[]>;
  /** Undefined for one that does not exist. */
  read(resource: Resource, namespace: string, name: string): Promise<KubeObject | undefined>;
}

const pageSize = 500;
const retries = 2;
const longestRetryAfterMs = 10_000;

export function openRest(
  connection: Connection,
  requestTimeoutMs: number,
  signal: AbortSignal,
  versions: ServedVersions = servedVersions(),
): Rest {
  const api: Api = { get: openApi(connection, requestTimeoutMs, signal), versions };
  return {
    list: (resource, options) => listAll(api, resource, options),
    read: async (resource, namespace, name) => {
      const attempted = `read ${resource.replace(/s$/, '')} ${namespace}/${name}`;
      const rule = ruleOf(resource, 'get', namespace);
      const answer = await getServed(api, resource, (version) => ({
        path: resourcePath({ resource, version, namespace, name }),
        attempted,
        rule,
      }));
      if (isNoSuchObject(answer, name)) return undefined;
      return parseChecked(objectSchema(resource), okBody(answer, attempted, rule), attempted);
    },
  };
}

export interface Call {
  /** With its query. */
  readonly path: string;
  readonly attempted: string;
  readonly rule?: AccessRule;
  /** Given: the call is a POST, which is repeated only after a 401. */
  readonly object?: object;
}

export interface Response extends Answered {
  readonly retryAfterMs: number | undefined;
  /** By the server's clock, to the second. */
  readonly date: Date | undefined;
}

/**
 * Calls of the API server, with their retries and deadline. An answer may have any status. Throws ToolError:
 * unreachable, timeout…
 */
export function openApi(
  connection: Connection,
  timeoutMs: number,
  signal: AbortSignal,
  connectMs: number = limits.connectMs,
): (call: Call) => Promise<Response> {
  return (call) => send({ connection, call, timeoutMs, connectMs, signal });
}

interface Sending {
  readonly connection: Connection;
  readonly call: Call;
  readonly timeoutMs: number;
  readonly connectMs: number;
  readonly signal: AbortSignal;
}

interface Api {
  readonly get: (call: Call) => Promise<Answered>;
  readonly versions: ServedVersions;
}

/**
 * The answer of the first version that the server has; where it has none, the answer of the last. RBAC knows no
 * versions: a kind that is forbidden in one version is forbidden in all.
 */
async function getServed(
  { get, versions }: Api,
  resource: Resource,
  call: (version: string) => Call,
): Promise<Answered> {
  const [first, ...others] = versions.toTry(resource);
  let [answer, answered] = [await get(call(first)), first];
  for (const version of others) {
    if (!isUnserved(answer)) break;
    [answer, answered] = [await get(call(version)), version];
  }
  if (answer.status === 200) versions.remember(resource, answered);
  return answer;
}

function whereOf(resource: Resource, namespace: string | undefined): string {
  if (!kinds[resource].isNamespaced) return '';
  return namespace === undefined ? ' of all namespaces' : ` in ${namespace}`;
}

async function listAll(api: Api, resource: Resource, options: ListOptions): Promise<KubeObject[]> {
  const attempted = `list ${resource}${whereOf(resource, options.namespace)}`;
  const rule = ruleOf(resource, 'list', options.namespace);
  const within = listLimit(attempted);
  const objects: KubeObject[] = [];
  let limit: number | undefined = pageSize;
  let next: string | undefined;
  const call = (version: string): Call => ({
    path: `${resourcePath({ resource, version, namespace: options.namespace })}${queryOf(options, limit, next)}`,
    attempted,
    rule,
  });
  for (;;) {
    // The version that served the first page is remembered, and is the first to be tried.
    const answer = await getServed(api, resource, call);
    within(answer);
    if (answer.status === 410 && next !== undefined) {
      // The pages' snapshot is gone from the server: begin anew, in one piece.
      [objects.length, limit, next] = [0, undefined, undefined];
      continue;
    }
    const page = parseChecked(pageSchema(resource), okBody(answer, attempted, rule), attempted);
    for (const object of page.items ?? []) objects.push(object);
    next = page.metadata.continue || undefined;
    if (next === undefined) return objects;
  }
}

/** To be called with each page. Throws for a list that goes on and on. */
function listLimit(attempted: string): (page: Answered) => void {
  const began = performance.now();
  let [pages, bytes] = [0, 0];
  const tooMuch = (what: string): ToolError => new ToolError('too-large', `cannot ${attempted}: the list ${what}`);
  return ({ body }) => {
    pages++;
    bytes += body.length;
    if (pages > limits.listPages) throw tooMuch(`goes on after ${limits.listPages} pages`);
    if (bytes > limits.listBytes) throw tooMuch(`is larger than ${limits.listBytes / 1024 / 1024} MiB`);
    if (performance.now() - began > limits.listMs) throw tooMuch(`goes on after ${limits.listMs / 1000} s`);
  };
}

function queryOf(
  { labelSelector, fieldSelector }: ListOptions,
  limit: number | undefined,
  next: string | undefined,
): string {
  const pairs = { labelSelector, fieldSelector, limit, continue: next };
  const given = Object.entries(pairs).filter(([, value]) => value !== undefined);
  const query = new URLSearchParams(given.map(([name, value]): [string, string] => [name, String(value)]));
  return given.length === 0 ? '' : `?${query}`;
}

function ruleOf(resource: Resource, verb: string, namespace: string | undefined): AccessRule {
  return {
    apiGroups: [kinds[resource].group],
    resources: [resource],
    verbs: [verb],
    ...(namespace === undefined ? {} : { namespace }),
  };
}

/** A 404 for a missing object names the object; a 404 for an unknown kind does not. */
function isNoSuchObject({ status, body }: Answered, name: string): boolean {
  return status === 404 && body.includes(`"name":"${name}"`);
}

/**
 * The server answers an unknown version as any unknown path, with the plain text `404 page not found`:
 * apiextensions-apiserver customresource_handler.go. A Status with a name is about that object or namespace.
 */
function isUnserved({ status, body }: Answered): boolean {
  return status === 404 && !missingName(body);
}

function missingName(body: string): unknown {
  try {
    return field(field(JSON.parse(body), 'details'), 'name');
  } catch {
    return undefined;
  }
}

function okBody(answer: Answered, attempted: string, rule: AccessRule): string {
  if (answer.status === 200) return answer.body;
  throw statusError(attempted, answer, rule);
}

function parseChecked<T>(schema: Schema<T>, body: string, attempted: string): T {
  const what = `the answer to ${attempted}`;
  if (isPage(body)) throw statusError(attempted, { status: 200, body });
  const json = parseJson(body, what);
  if (typeof field(json, 'metadata') === 'object') return checked(schema, json, what);
  throw new ToolError('bad-answer', `cannot ${attempted}: what answers is no Kubernetes API server`);
}

/** The server is busy, and may answer otherwise in a moment. */
class Busy extends Error {
  readonly response: Response;

  constructor(response: Response) {
    super(`status ${response.status}`);
    this.response = response;
  }
}

async function send(sending: Sending): Promise<Response> {
  try {
    return await retried(() => sendWhereFree(sending), {
      times: sending.call.object === undefined ? retries : 0,
      mayPass: (error) => error instanceof Busy || (error instanceof ToolError && error.code === 'broken'),
      pauseMs: (error) => (error instanceof Busy ? error.response.retryAfterMs : undefined),
      signal: sending.signal,
    });
  } catch (error) {
    if (error instanceof Busy) return error.response;
    throw error;
  }
}

/** Throws Busy where the server asks to come back later. */
async function sendWhereFree(sending: Sending): Promise<Response> {
  const response = await authorized(sending).catch((error) => {
    sending.signal.throwIfAborted();
    throw connectError(sending.call.attempted, error, sending.connection);
  });
  if (response.status === 429 || response.status >= 500) throw new Busy(response);
  return response;
}

/** A refused credential is renewed once. A login may need a person, so the deadline starts after it. */
async function authorized(sending: Sending): Promise<Response> {
  const { connection, signal } = sending;
  await connection.options(signal);
  const first = await sendInTime(sending);
  return first.status === 401 && (await connection.renew(signal)) ? sendInTime(sending) : first;
}

function sendInTime({ connection, call, timeoutMs, connectMs, signal }: Sending): Promise<Response> {
  const late = (): ToolError =>
    new ToolError(
      'timeout',
      `cannot ${call.attempted}: ${connection.server.origin} did not answer within ${timeoutMs / 1000} s`,
      {
        hint: 'allow more with --request-timeout',
      },
    );
  return withDeadline(signal, timeoutMs || 2 ** 31 - 1, late, (inner) => sendOnce(connection, call, connectMs, inner));
}

async function sendOnce(connection: Connection, call: Call, connectMs: number, signal: AbortSignal): Promise<Response> {
  const response = await open(connection, call, connectMs, signal);
  const date = Date.parse(response.headers.date ?? '');
  const after = Number(response.headers['retry-after']);
  const status = response.statusCode ?? 0;
  return {
    status,
    location: response.headers.location,
    body: await readText(response, status, call.attempted),
    retryAfterMs: Number.isFinite(after) && after > 0 ? Math.min(after * 1000, longestRetryAfterMs) : undefined,
    date: Number.isNaN(date) ? undefined : new Date(date),
  };
}

async function open(
  { server, options }: Connection,
  { path, attempted, object }: Call,
  connectMs: number,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const { headers, tls, agent } = await options(signal);
  const [pathname = '', search = ''] = path.split('?');
  const url = new URL(server);
  url.pathname = server.pathname.replace(/\/$/, '') + pathname;
  url.search = search;
  const sendHttp = url.protocol === 'http:' ? http.request : https.request;
  const body = object === undefined ? undefined : JSON.stringify(object);
  const content =
    body === undefined ? {} : { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) };
  return new Promise((resolve, reject) => {
    const request = sendHttp(url, {
      agent,
      ...tls,
      method: body === undefined ? 'GET' : 'POST',
      headers: { ...headers, ...content, accept: 'application/json', 'accept-encoding': 'gzip' },
      signal,
    });
    request.on('socket', (socket) =>
      endWhereNotConnected(request, socket, connectMs, () => notConnected(attempted, server, connectMs)),
    );
    request.on('response', resolve).on('error', reject).end(body);
  });
}

/** An absent server may never answer TCP or TLS. This limit is much shorter than the one for a slow answer. */
function endWhereNotConnected(request: ClientRequest, socket: Socket, connectMs: number, late: () => ToolError): void {
  if (isConnected(socket)) return;
  const timer = setTimeout(() => request.destroy(late()), connectMs);
  const stop = (): void => clearTimeout(timer);
  socket.once(socket instanceof TLSSocket ? 'secureConnect' : 'connect', stop);
  request.once('response', stop).once('close', stop);
}

/** True for a socket that is used again, or that a proxy's agent hands over connected. */
const isConnected = (socket: Socket): boolean =>
  socket instanceof TLSSocket ? socket.getFinished() !== undefined : !socket.connecting;

const notConnected = (attempted: string, server: URL, ms: number): ToolError =>
  new ToolError(
    'unreachable',
    `cannot ${attempted}: no connection to the API server ${server.origin} within ${ms / 1000} s`,
    {
      hint: 'see whether the cluster is up, and whether a VPN or proxy is needed: kubectl cluster-info',
    },
  );

/** Of an error its beginning is enough. */
async function readText(response: IncomingMessage, status: number, attempted: string): Promise<string> {
  const isError = status >= 400;
  const { bytes, isCut } = await readBody(response, isError ? limits.errorBytes : limits.apiAnswerBytes);
  if (isCut && !isError)
    throw new ToolError(
      'too-large',
      `cannot ${attempted}: the answer is larger than ${limits.apiAnswerBytes / 1024 / 1024} MiB`,
    );
  return bytes.toString('utf8');
}
