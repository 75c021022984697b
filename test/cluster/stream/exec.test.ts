import type { IncomingMessage } from 'node:http';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { WebSocket } from 'ws';
import { type ExecResult, execInPod } from '#cluster/stream/exec.ts';
import { execHttp } from '#cluster/stream/exec-http.ts';
import type { HttpAnswer } from '#core/stream.ts';
import { withApiServer } from '../../support/api-server.ts';
import { rejection } from '../../support/rejection.ts';

const pod = { namespace: 'istio-system', name: 'gw-1' };
const signal = new AbortController().signal;
const success = '{"metadata":{},"status":"Success"}';
const exit7 = JSON.stringify({
  status: 'Failure',
  reason: 'NonZeroExitCode',
  details: { causes: [{ reason: 'ExitCode', message: '7' }] },
});

const message = (channel: number, data: Buffer | string): Buffer =>
  Buffer.concat([Buffer.of(channel), Buffer.from(data)]);
const say =
  (...messages: readonly Buffer[]) =>
  (socket: WebSocket): void => {
    for (const one of messages) socket.send(one);
    socket.close(1000);
  };

const exec = (serve: (socket: WebSocket) => void, maxBytes = 1e6): Promise<ExecResult> =>
  withApiServer({ serve }, (connection) =>
    execInPod(connection, { pod, container: 'istio-proxy', command: ['pilot-agent', 'request'], maxBytes }, signal),
  );
const get = (serve: (socket: WebSocket) => void, path = '/server_info'): Promise<HttpAnswer> =>
  withApiServer({ serve }, (connection) =>
    execHttp(connection, { pod, container: 'istio-proxy', maxAnswerBytes: 1e6, signal }).request('GET', path),
  );

test('collects stdout, stderr and the exit code, wherever the messages are cut', async () => {
  for (let cut = 0; cut <= success.length; cut++) {
    const got = await exec(
      say(
        message(1, ''),
        message(1, 'ab'),
        message(2, 'warn'),
        message(1, 'c'),
        message(3, success.slice(0, cut)),
        message(3, success.slice(cut)),
      ),
    );
    assert.equal([got.exitCode, got.stdout.toString(), got.stderr], [0, 'abc', 'warn']);
  }
});

test('the exit code stands among the causes', async () => {
  assert.is((await exec(say(message(1, 'x'), message(3, exit7)))).exitCode, 7);
});

test('an end without a Status is a failure, whatever was printed', async () => {
  for (const serve of [say(message(1, '{"whole": true}')), (socket: WebSocket) => socket.terminate()]) {
    assert.is((await rejection(exec(serve))).code, 'broken');
  }
});

test('a Status without an exit code is an error with its text', async () => {
  const error = await rejection(
    exec(
      say(
        message(
          3,
          JSON.stringify({
            status: 'Failure',
            message: 'exec: "pilot-agent": not found',
            reason: 'InternalError',
            code: 500,
          }),
        ),
      ),
    ),
  );
  assert.is(error.message, 'cannot run pilot-agent in istio-system/gw-1: exec: "pilot-agent": not found');
});

test('more than the limit is refused', async () => {
  assert.is((await rejection(exec(say(message(1, 'x'.repeat(100)), message(3, success)), 50))).code, 'too-large');
});

test('v4 is asked for first, v5 where the server has no v4', async () => {
  const asked: (string | undefined)[] = [];
  const refuse = (request: IncomingMessage): { status: number; body: string } | undefined => {
    asked.push(request.headers['sec-websocket-protocol']);
    return asked.length === 1 ? { status: 403, body: '' } : undefined;
  };
  await withApiServer({ refuse, serve: say(message(3, success)) }, async (connection, seen) => {
    await execInPod(connection, { pod, container: 'istio-proxy', command: ['a', 'b c'], maxBytes: 10 }, signal);
    assert.is(
      seen[1]?.url,
      '/prefix/api/v1/namespaces/istio-system/pods/gw-1/exec?container=istio-proxy&stdout=true&stderr=true&command=a&command=b+c',
    );
  });
  assert.equal(asked, ['v4.channel.k8s.io', 'v5.channel.k8s.io']);
});

test('a GET through exec is what the client printed, without its newline', async () => {
  assert.is((await get(say(message(1, '{}\n'), message(1, '\n'), message(3, success)))).body.toString(), '{}\n');
});

test('an answer that was cut off is not taken for whole, although the Status says Success', async () => {
  assert.is((await rejection(get(say(message(1, '{"a": '), message(3, success))))).code, 'broken');
});

test('a whole dump is never asked for through exec', async () => {
  const error = await rejection(get(() => assert.unreachable(), '/config_dump'));
  assert.is(error.code, 'unsupported');
});

test('what the client said goes into the error', async () => {
  const error = await rejection(
    get(say(message(2, 'Error: failed\nError: unexpected status code 503'), message(3, exit7))),
  );
  assert.is(
    error.message,
    'cannot read server_info of istio-system/gw-1 through exec: pilot-agent ended with 7, "Error: unexpected status code 503"',
  );
});

test('what the client logs is not part of the answer, and not the reason of its end', async () => {
  // pilot-agent 1.31 in an image without CA certificates
  const warning = '2026-11-29T13:06:24.130403Z\twarn\tOS CA Cert could not be found for agent\n';
  assert.is(
    (
      await get(say(message(1, warning), message(1, `${warning}LIVE\n\n`), message(3, success)), '/ready')
    ).body.toString(),
    'LIVE\n',
  );
  const info =
    '2026/11/29 13:07:42 INFO GOMEMLIMIT is updated package=github.com/KimMachineGun/automemlimit/memlimit\n';
  assert.match((await rejection(get(say(message(2, info), message(3, exit7))))).message, /pilot-agent ended with 7$/);
});

test('a client that was killed is said to be', async () => {
  const killed = exit7.replace('"7"', '"137"');
  assert.match((await rejection(get(say(message(1, '{"a"'), message(3, killed))))).message, 'pilot-agent was killed');
});

test('errors and a status that do not end are cut off, on every channel', async () => {
  for (const channel of [2, 3, 9]) {
    const words = message(channel, Buffer.alloc(16 * 1024, 'x'));
    const error = await rejection(
      exec((socket) => {
        const send = (): void => socket.send(words, () => socket.readyState === 1 && setImmediate(send));
        send();
      }),
    );
    assert.equal(
      [error.code, error.message],
      ['too-large', 'cannot run pilot-agent in istio-system/gw-1: more than 64 KiB came as errors and status'],
    );
  }
});

test.run();
