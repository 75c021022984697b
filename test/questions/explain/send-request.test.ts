// Whose is a line of the access log that a connection was closed? Nothing that was sent stands in it.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { SentAnswer } from '#core/client-request.ts';
import { pause } from '#core/concurrency.ts';
import type { Pod } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import { sendThrough } from '#questions/explain/send-request.ts';

const pods = [{ namespace: 'istio-system', name: 'gateway-a' }] as unknown as readonly Pod[];
const answer: SentAnswer = { outcome: 'answer', code: 200, headers: {}, ms: 1_500, chain: [], text: '' };
const logged = { time: 't', flags: ['NR'], causes: [] } as never;
const request = { tls: { serverName: 'a.example' }, method: 'GET', path: '/', headers: [] };

/** One request whose answer takes longer than the line that the log has at once. */
async function late(isTaken: boolean): Promise<readonly [code: number | undefined, isLogged: boolean]> {
  const send: Source['send'] = async (_pod, _port, _request, { signal, onTaken } = {}) => {
    if (isTaken) onTaken?.();
    await pause(1_500, signal as AbortSignal);
    return answer;
  };
  const watch = async () => ({ of: async () => logged, close: () => {} });
  const sent = await sendThrough({ send } as Source, { pods, port: 8443, request, count: 1, isClosing: false, watch });
  const [one] = sent.get('gateway-a') ?? [];
  return [one?.code, one?.logged !== undefined];
}

test('a late request without TLS is the one that was closed', async () => {
  assert.equal(await late(false), [undefined, true]);
});

test('a late request with TLS is not: the line is of somebody else, and the answer counts', async () => {
  assert.equal(await late(true), [200, false]);
});

test.run();
