// One request over a stream to a pod, with servers of node's own at the other end.

import { X509Certificate } from 'node:crypto';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import { type Duplex, duplexPair } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mintCertificate } from '#apiserver/certificate.ts';
import { exchange } from '#cluster/stream/exchange.ts';
import type { ClientRequest, SentAnswer } from '#core/client-request.ts';
import { ToolError } from '#core/error.ts';
import { rejection } from '../../support/rejection.ts';

const pod = { namespace: 'istio-system', name: 'gateway-x' };
const { certificate, key } = mintCertificate(new Date());

const plain: ClientRequest = {
  tls: undefined,
  method: 'GET',
  path: "/a/../b%2f?c='",
  headers: [
    ['host', 'a.example:1'],
    ['user-agent', 'the tool'],
    ['x-a', '1'],
    ['x-a', '2'],
    ['connection', 'close'],
  ],
};
const secure: ClientRequest = { ...plain, tls: { serverName: 'a.example' } };

interface Opened {
  readonly stream: Duplex;
  readonly answer: Promise<SentAnswer>;
}

function open(
  request: ClientRequest,
  serve: (inside: Duplex) => void,
  signal = new AbortController().signal,
  onTaken?: () => void,
): Opened {
  const [stream, inside] = duplexPair();
  inside.on('error', () => {});
  const dial = async (): Promise<Duplex> => {
    serve(inside);
    return stream;
  };
  return { stream, answer: exchange(dial, pod, 8443, request, signal, onTaken) };
}

const answering = (
  request: ClientRequest,
  answer: (request: IncomingMessage, response: ServerResponse) => void,
  onTaken?: () => void,
): Opened => {
  const server = request.tls ? https.createServer({ cert: certificate, key }, answer) : http.createServer(answer);
  return open(request, (inside) => server.emit('connection', inside), undefined, onTaken);
};

test('sends what it is given, byte for byte, and tells what comes', async () => {
  let got: IncomingMessage | undefined;
  const { stream, answer } = answering(plain, (request, response) => {
    got = request;
    response.writeHead(301, { location: '/new', 'x-b': ['1', '2'] }).end('moved');
  });
  const told = await answer;
  assert.equal([got?.method, got?.url], ['GET', "/a/../b%2f?c='"]);
  assert.equal(got?.rawHeaders, plain.headers.flat());
  assert.is(told.outcome, 'answer');
  if (told.outcome !== 'answer') return;
  assert.equal(
    [told.code, told.headers['location'], told.headers['x-b'], told.text, told.chain],
    [301, '/new', '1, 2', 'moved', []],
  );
  assert.ok(stream.destroyed);
});

test('over TLS the certificate comes too, whoever signed it', async () => {
  const told = await answering(secure, (_, response) => response.end()).answer;
  assert.is(told.outcome, 'answer');
  if (told.outcome !== 'answer') return;
  assert.is(
    new X509Certificate(told.chain[0] as Buffer).fingerprint256,
    new X509Certificate(certificate).fingerprint256,
  );
});

test('TLS that is open is told at once, however late the answer is; plain text never', async () => {
  for (const request of [secure, plain]) {
    let taken = 0;
    let takenBefore = -1;
    const onTaken = (): void => void taken++;
    await answering(
      request,
      (_, response) => {
        takenBefore = taken;
        response.end();
      },
      onTaken,
    ).answer;
    assert.equal([takenBefore, taken], request === secure ? [1, 1] : [0, 0]);
  }
});

test('of a long body only the beginning is read', async () => {
  const told = await answering(plain, (_, response) => response.end('x'.repeat(1 << 20))).answer;
  assert.is(told.outcome === 'answer' && told.text.length, 4096);
});

test('a body that breaks off takes nothing from the answer', async () => {
  const told = await answering(plain, (_, response) => {
    response.writeHead(200, { 'content-length': '100' }).write('half');
    setImmediate(() => response.destroy());
  }).answer;
  assert.is(told.outcome === 'answer' && told.code, 200);
});

test('shows the certificate of the client where the server asks for one', async () => {
  const server = https.createServer(
    { cert: certificate, key, ca: certificate, requestCert: true, rejectUnauthorized: false },
    (request, response) => {
      response.end(
        (
          request.socket as unknown as { getPeerX509Certificate(): X509Certificate | undefined }
        ).getPeerX509Certificate()?.fingerprint256,
      );
    },
  );
  const told = await open({ ...secure, tls: { serverName: 'a.example', certificate, key } }, (inside) =>
    server.emit('connection', inside),
  ).answer;
  assert.is(told.outcome === 'answer' && told.text, new X509Certificate(certificate).fingerprint256);
});

test('an end without an answer is told, as Envoy ends where no filter chain matches', async () => {
  assert.equal(await open(secure, (inside) => inside.once('data', () => inside.destroy())).answer, {
    outcome: 'closed',
    why: 'the connection ended without an answer',
  });
  const told = await open(plain, (inside) => inside.once('data', () => inside.end())).answer;
  assert.is(told.outcome, 'closed');
});

test('what is not HTTP is told', async () => {
  const told = await open(plain, (inside) => inside.once('data', () => inside.end('SSH-2.0-OpenSSH\r\n'))).answer;
  assert.equal(told, { outcome: 'closed', why: 'what came is not HTTP' });
});

test('plain text in place of TLS is told too', async () => {
  const told = await open(secure, (inside) => inside.once('data', () => inside.end('HTTP/1.1 400 Bad Request\r\n\r\n')))
    .answer;
  assert.match(told.outcome === 'closed' ? told.why : '', 'wrong version number');
});

test('a port that nothing listens on is an error with the reason of the node', async () => {
  for (const request of [plain, secure]) {
    const refused = new ToolError('refused', 'cannot reach istio-system/gateway-x:8443: nothing listens on that port');
    const { stream, answer } = open(request, () => setImmediate(() => stream.destroy(refused)));
    assert.is(await rejection(answer), refused);
  }
});

test('ends with the signal, and leaves nothing open', async () => {
  const controller = new AbortController();
  const late = new ToolError('timeout', 'too late');
  const { stream, answer } = open(
    plain,
    (inside) => inside.once('data', () => controller.abort(late)),
    controller.signal,
  );
  assert.is(await rejection(answer), late);
  assert.ok(stream.destroyed);
});

test.run();
