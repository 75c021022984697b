// A TLS handshake over a stream to a pod, with a TLS server of node's own at the other end.

import { X509Certificate } from 'node:crypto';
import { type Duplex, duplexPair } from 'node:stream';
import tls from 'node:tls';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mintCertificate } from '#apiserver/certificate.ts';
import { shakeHands } from '#cluster/stream/handshake.ts';
import type { Handshake } from '#core/client-request.ts';
import { ToolError } from '#core/error.ts';
import { rejection } from '../../support/rejection.ts';

const pod = { namespace: 'istio-system', name: 'gateway-x' };
const hello = { serverName: 'a.example', alpn: ['h2', 'http/1.1'] };
const { certificate, key } = mintCertificate(new Date());

interface Opened {
  readonly stream: Duplex;
  readonly answer: Promise<Handshake>;
}

function open(serve: (inside: Duplex) => void, signal = new AbortController().signal): Opened {
  const [stream, inside] = duplexPair();
  inside.on('error', () => {});
  const answer = shakeHands(
    async () => {
      serve(inside);
      return stream;
    },
    pod,
    8443,
    hello,
    signal,
  );
  return { stream, answer };
}

test('gives the certificate, the protocol and what was agreed on, and ends the connection', async () => {
  const names: unknown[] = [];
  const server = tls.createServer({
    cert: certificate,
    key,
    ALPNProtocols: ['h2'],
    SNICallback: (name, done) => {
      names.push(name);
      done(null);
    },
  });
  const { stream, answer } = open((inside) => server.emit('connection', inside));
  const got = await answer;
  assert.equal(names, ['a.example']);
  assert.is(got.outcome, 'certificate');
  if (got.outcome !== 'certificate') return;
  assert.equal([got.protocol, got.alpn, got.chain.length], ['TLSv1.3', 'h2', 1]);
  assert.is(
    new X509Certificate(got.chain[0] as Buffer).fingerprint256,
    new X509Certificate(certificate).fingerprint256,
  );
  assert.ok(stream.destroyed);
});

test('a server that asks for a certificate of the client has shown its own before', async () => {
  const server = tls.createServer({ cert: certificate, key, requestCert: true, rejectUnauthorized: true });
  server.on('tlsClientError', () => {});
  const { answer } = open((inside) => server.emit('connection', inside));
  assert.is((await answer).outcome, 'certificate');
});

test('an end without a certificate is an answer, as Envoy gives it where no filter chain matches', async () => {
  const { answer } = open((inside) => inside.once('data', () => inside.destroy()));
  assert.equal(await answer, { outcome: 'closed', why: 'the connection ended before a certificate came' });
});

test('plain text in place of TLS is an answer too', async () => {
  const { answer } = open((inside) => inside.once('data', () => inside.end('HTTP/1.1 400 Bad Request\r\n\r\n')));
  const got = await answer;
  assert.is(got.outcome, 'closed');
  assert.match('why' in got ? got.why : '', 'wrong version number');
});

test('a port that nothing listens on is an error with the reason of the node', async () => {
  const refused = new ToolError('refused', 'cannot reach istio-system/gateway-x:8443: nothing listens on that port');
  const { stream, answer } = open(() => setImmediate(() => stream.destroy(refused)));
  assert.is(await rejection(answer), refused);
});

test('ends with the signal, and leaves nothing open', async () => {
  const controller = new AbortController();
  const late = new ToolError('timeout', 'too late');
  const { stream, answer } = open((inside) => inside.once('data', () => controller.abort(late)), controller.signal);
  assert.is(await rejection(answer), late);
  assert.ok(stream.destroyed);
});

test.run();
