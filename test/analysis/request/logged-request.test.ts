import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { typedRequest } from '#analysis/request/logged-request.ts';
import { readRequest } from '#analysis/request/request.ts';
import type { AccessEntry } from '#model/access-log.ts';
import { rejection } from '../../support/rejection.ts';

const line: AccessEntry = {
  method: 'POST',
  path: '/a/../b?c=%2e',
  authority: 'svc1.example:443',
  serverName: 'svc1.example',
  userAgent: 'curl/8',
  downstreamLocalAddress: '10.200.0.5:8443',
};

const typed = (over: Partial<AccessEntry>): ReturnType<typeof typedRequest> => typedRequest({ ...line, ...over });

test('a line is the request that the client had sent, at the port of the listener', () => {
  const { request, port } = readRequest(typedRequest(line));
  assert.is(port, 8443);
  assert.equal(
    [request.scheme, request.authority, request.method, request.path, request.sni],
    ['https', 'svc1.example:443', 'POST', '/a/../b?c=%2e', 'svc1.example'],
  );
  assert.equal([...request.headers], [['user-agent', ['curl/8']]]);
});

test('without a server name it is TLS where the port says so', () => {
  const without = (over: Partial<AccessEntry>): string => {
    const { serverName: _, ...rest } = { ...line, ...over };
    return typedRequest(rest).url;
  };
  assert.is(without({}), 'https://svc1.example:8443/a/../b?c=%2e');
  assert.is(
    without({ downstreamLocalAddress: '10.200.0.5:8080', authority: 'svc1.example' }),
    'http://svc1.example:8080/a/../b?c=%2e',
  );
});

test('a format without the address has the port of the scheme', () => {
  const { downstreamLocalAddress: _, userAgent: __, ...rest } = line;
  assert.equal(typedRequest(rest), {
    url: 'https://svc1.example/a/../b?c=%2e',
    method: 'POST',
    headers: ['Host: svc1.example:443'],
    sni: 'svc1.example',
    hasClientCertificate: true,
    isHttp3: false,
  });
});

test('a request over TLS had the certificate that its port may ask for: without one there is no line of a request', () => {
  assert.is(typed({}).hasClientCertificate, true);
  const { serverName: _, ...rest } = line;
  assert.is(
    typedRequest({ ...rest, authority: 'svc1.example', downstreamLocalAddress: '10.200.0.5:8080' })
      .hasClientCertificate,
    false,
  );
});

test('an IPv6 host keeps its brackets', () => {
  assert.is(typed({ authority: '[fd00::1]:8443' }).url, 'https://[fd00::1]:8443/a/../b?c=%2e');
});

test('a connection that was no HTTP request is refused', async () => {
  for (const name of ['authority', 'path', 'method'] as const) {
    const { [name]: _, ...rest } = line;
    const error = await rejection(Promise.resolve().then(() => typedRequest(rest)));
    assert.is(error.code, 'unsupported', name);
  }
});

test('headers that are given go before those of the line', () => {
  const { request } = readRequest(typedRequest(line, ['host: b.example', 'User-Agent:mine', 'x-client: beta']));
  assert.is(request.authority, 'b.example');
  assert.equal(
    [...request.headers],
    [
      ['user-agent', ['mine']],
      ['x-client', ['beta']],
    ],
  );
});

test('what fails with 200 before a service has answered is gRPC, and so is what says it', () => {
  const type = (over: Partial<AccessEntry>): readonly string[] | undefined =>
    readRequest(typed(over)).request.headers.get('content-type');
  const grpc = ['application/grpc'];
  assert.equal(type({ userAgent: 'grpc-java-netty/1.60' }), grpc);
  assert.equal(type({ responseCode: 200, responseFlags: ['UH'] }), grpc);
  assert.is(type({ responseCode: 200, responseFlags: ['UC'] }), undefined);
  assert.is(type({ responseCode: 503, responseFlags: ['UH'] }), undefined);
});

test('a format may have headers of its own', () => {
  const other = {
    'REQ(X-Client)': 'beta',
    'REQ(X-LONG):8': 'cut',
    'REQ(A?B)': 'a',
    'REQ(X-ENVOY-IP-TAGS)': 'x',
    'RESP(X)': 1,
  };
  const { headers } = readRequest(typed({ other })).request;
  assert.equal([...headers].slice(1), [['x-client', ['beta']]]);
});

test('the protocol of the line is that of the request', () => {
  assert.equal(readRequest(typed({ protocol: 'HTTP/3' })).request.alpn, ['h3']);
  assert.equal(readRequest(typed({ protocol: 'HTTP/2' })).request.alpn, ['h2', 'http/1.1']);
});

test.run();
