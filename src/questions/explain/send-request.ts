// The request of `explain --send`, through every pod.

import { rareShareOf, requestsToSee } from '#analysis/request/chances.ts';
import type { ClientRequest, SentAnswer } from '#core/client-request.ts';
import { mapBounded, pause } from '#core/concurrency.ts';
import { ToolError } from '#core/error.ts';
import type { Pod } from '#core/fleet.ts';
import { failureOf } from '#core/known.ts';
import type { Source } from '#core/source.ts';
import { readHandshakeChain } from '#dump/x509/certificate.ts';
import type { Explanation, Logged, Sent } from '#model/explanation.ts';

/** What came of the requests, by pod, in their order. */
export type SentByPod = ReadonlyMap<string, readonly SentOne[]>;

export type SentOne = Omit<Sent, 'differs'>;

/** Connections that gateways close before there is a request, as their access logs have it. */
export interface ClosedWatch {
  /** Never settles where no line comes. */
  of(pod: string): Promise<Logged>;
  close(): void;
}

export interface Sending {
  readonly pods: readonly Pod[];
  readonly port: number;
  readonly request: ClientRequest;
  /** Requests through each pod, one after the other. */
  readonly count: number;
  /** No answer is predicted: nobody waits long for one. */
  readonly isClosing: boolean;
  /** Called once an answer is late; undefined where the access log cannot tell. */
  watch(): Promise<ClosedWatch | undefined>;
}

/** The first pod alone, then all others at once. What a pod did is its answer; only an interruption rejects. */
export async function sendThrough(source: Source, sending: Sending): Promise<SentByPod> {
  const [first, ...others] = sending.pods;
  if (first === undefined) return new Map();
  let watching: Promise<ClosedWatch | undefined> | undefined;
  const watch = (): Promise<ClosedWatch | undefined> => (watching ??= sending.watch());
  const ask = (pod: Pod): Promise<SentOne[]> => sendTo(source, pod, { ...sending, watch });
  try {
    const sent = [await ask(first), ...(await mapBounded(others, Math.max(1, others.length), ask))];
    return new Map(sent.map((all, index) => [sending.pods[index]?.name ?? '', all]));
  } finally {
    // Only where it was opened; what kept it from being opened has been said.
    if (watching !== undefined) (await watching)?.close();
  }
}

async function sendTo(source: Source, pod: Pod, sending: Sending): Promise<SentOne[]> {
  const all: SentOne[] = [];
  while (all.length < sending.count) all.push(await sendOne(source, pod, sending));
  return all;
}

/** An answer is late after this; the port-forward of the API server does not always tell that a connection was closed. */
const lateMs = 1_000;
/** Where the connection is predicted to be closed. */
const closingMs = 5_000;

/** How far one request has come. */
interface Way {
  /** The gateway has opened TLS for it: no line of a connection that it closed before is this one's. */
  isTaken: boolean;
  readonly signal: AbortSignal;
}

/** What comes first: an answer, or the line of the access log that there will be none. */
async function sendOne(source: Source, pod: Pod, sending: Sending): Promise<SentOne> {
  const ending = new AbortController();
  const way = { isTaken: false, signal: ending.signal };
  try {
    return await Promise.race([answerThrough(source, pod, sending, way), closedByLog(pod, sending, way)]);
  } finally {
    ending.abort(new ToolError('interrupted', 'what came of it is known'));
  }
}

async function answerThrough(
  source: Source,
  pod: Pod,
  { port, request, isClosing }: Sending,
  way: Way,
): Promise<SentOne> {
  try {
    const onTaken = (): void => {
      way.isTaken = true;
    };
    const within = { signal: way.signal, onTaken, ...(isClosing ? { ms: closingMs } : {}) };
    return { ...read(await source.send(pod, port, request, within)), pod: pod.name };
  } catch (error) {
    const { code, message } = failureOf(error);
    const ended = message.replace(`${pod.namespace}/${pod.name}:`, 'port ');
    return { ...nothing, pod: pod.name, ended, isDecided: code !== 'timeout' };
  }
}

async function closedByLog(pod: Pod, { watch }: Sending, way: Way): Promise<SentOne> {
  await pause(lateMs, way.signal);
  const logged = way.isTaken ? undefined : await (await watch())?.of(pod.name);
  // Nothing is known without a log, or where the line is of somebody else: the answer, or its deadline, decides.
  if (logged === undefined || way.isTaken) return new Promise(() => {});
  return { ...nothing, pod: pod.name, ended: 'the gateway closed the connection', logged };
}

const nothing = {
  by: 'tool' as const,
  logged: undefined,
  code: undefined,
  location: undefined,
  ms: undefined,
  serial: undefined,
  isOfService: false,
  text: undefined,
  ended: undefined,
  isDecided: true,
};

function read(answer: SentAnswer): Omit<SentOne, 'pod'> {
  if (answer.outcome === 'closed') return { ...nothing, ended: answer.why };
  const { code, headers, ms, chain, text } = answer;
  const isOfService = headers['x-envoy-upstream-service-time'] !== undefined;
  const [leaf] = readHandshakeChain(chain.slice(0, 1));
  return {
    ...nothing,
    code,
    location: headers['location'],
    ms,
    serial: leaf?.serial,
    isOfService,
    // The body of the gateway's own error is short and made for people.
    text: !isOfService && code >= 400 && text !== '' ? text.slice(0, 200) : undefined,
  };
}

/** How many requests show what is rare; undefined where no chance decides, or enough are sent. */
export function countNote(explanations: readonly Explanation[], sent: number): string | undefined {
  const share = rareShareOf(explanations);
  if (share === undefined) return undefined;
  const wanted = requestsToSee(share);
  if (sent >= wanted) return undefined;
  return `the rarest outcome gets ${Math.round(share * 1000) / 10}% of the requests: to see it with 95% certainty takes ${wanted} of them through one pod (--count ${wanted})`;
}
