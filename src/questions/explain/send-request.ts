// The request of `explain --send`, through one pod after the other.

import type { ClientRequest, SentAnswer } from '#core/client-request.ts';
import { mapBounded } from '#core/concurrency.ts';
import type { Pod } from '#core/fleet.ts';
import { failureOf } from '#core/known.ts';
import type { Source } from '#core/source.ts';
import { readCertificates } from '#dump/x509/certificate.ts';
import type { Sent } from '#model/explanation.ts';

/** What came of the request, by pod. */
export type SentByPod = ReadonlyMap<string, Omit<Sent, 'differs'>>;

/** Pods that are sent to at the same time, once the first has answered. */
const parallel = 4;

/** The first pod alone, then the others. What a pod did is its answer; only an interruption rejects. */
export async function sendThrough(
  source: Source,
  pods: readonly Pod[],
  port: number,
  request: ClientRequest,
): Promise<SentByPod> {
  const [first, ...others] = pods;
  if (first === undefined) return new Map();
  const sent = [await sendOne(source, first, port, request)];
  sent.push(...(await mapBounded(others, parallel, (pod) => sendOne(source, pod, port, request))));
  return new Map(sent.map((one) => [one.pod, one]));
}

async function sendOne(source: Source, pod: Pod, port: number, request: ClientRequest): Promise<Omit<Sent, 'differs'>> {
  try {
    return { pod: pod.name, ...read(await source.send(pod, port, request)) };
  } catch (error) {
    const ended = failureOf(error).message.replace(`${pod.namespace}/${pod.name}:`, 'port ');
    return { ...nothing, pod: pod.name, ended };
  }
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
};

function read(answer: SentAnswer): Omit<Sent, 'differs' | 'pod'> {
  if (answer.outcome === 'closed') return { ...nothing, ended: answer.why };
  const { code, headers, ms, chain, text } = answer;
  const isOfService = headers['x-envoy-upstream-service-time'] !== undefined;
  const [leaf] = chain.slice(0, 1).flatMap((der) => readCertificates(der).chain);
  return {
    ...nothing,
    code,
    location: headers['location'],
    ms,
    serial: leaf?.serial,
    isOfService,
    // What the gateway itself says of an error is short and for people.
    text: !isOfService && code >= 400 && text !== '' ? text.slice(0, 200) : undefined,
  };
}
