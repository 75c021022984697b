import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readRequest } from '#analysis/request/request.ts';
import { rejection } from '../../support/rejection.ts';

const read = (url: string, over: Partial<Parameters<typeof readRequest>[0]> = {}) =>
  readRequest({ url, method: 'get', headers: [], sni: undefined, hasClientCertificate: false, ...over });

for (const [url, scheme, port, authority, path, sni] of [
  ['https://a.example.org/x?y=1', 'https', 443, 'a.example.org', '/x?y=1', 'a.example.org'],
  ['a.example.org', 'https', 443, 'a.example.org', '/', 'a.example.org'],
  ['http://a.example.org', 'http', 80, 'a.example.org', '/', undefined],
  ['https://a.example.org:8443/', 'https', 8443, 'a.example.org:8443', '/', 'a.example.org'],
  ['https://A.Example.org/X', 'https', 443, 'a.example.org', '/X', 'a.example.org'],
  ['https://10.0.0.1/', 'https', 443, '10.0.0.1', '/', undefined],
  ['https://[::1]:8443/', 'https', 8443, '[::1]:8443', '/', undefined],
  ['https://a.example.org?x', 'https', 443, 'a.example.org', '/?x', 'a.example.org'],
  ['https://a.example.org/a/../b%2e%2F#part', 'https', 443, 'a.example.org', '/a/../b%2e%2F', 'a.example.org'],
  ['https://a.example.org/ü', 'https', 443, 'a.example.org', '/%C3%BC', 'a.example.org'],
] as const) {
  test(`${url} is ${scheme}, port ${port}, ${authority}, ${path}`, () => {
    const { request, port: typed } = read(url);
    assert.equal(
      [request.scheme, typed, request.authority, request.path, request.sni],
      [scheme, port, authority, path, sni],
    );
  });
}

test('Host decides the authority and --sni the server name; a header may come twice', () => {
  const { request } = read('https://a.example.org/', {
    headers: ['Host: b.example.org:1', 'X-A: 1', 'x-a:2 '],
    sni: 'c.example.org',
    method: 'post',
  });
  assert.equal([request.authority, request.sni, request.method], ['b.example.org:1', 'c.example.org', 'POST']);
  assert.equal([...request.headers], [['x-a', ['1', '2']]]);
});

test('CONNECT names the port', () => {
  assert.is(read('http://a.example.org/', { method: 'connect' }).request.authority, 'a.example.org:80');
  assert.is(read('https://[::1]:8443/', { method: 'CONNECT' }).request.authority, '[::1]:8443');
});

for (const [url, why] of [
  ['https://', 'is not a URL'],
  ['http:/a.example.org/', 'is not a URL'],
  ['https://a b/', 'is not a URL'],
  ['https://a.example.org:99999/', 'is not a URL'],
  ['', 'is not a URL'],
  ['ftp://a.example.org/', 'serves http and https, not ftp'],
] as const) {
  test(`refuses "${url}"`, async () => {
    const error = await rejection(Promise.resolve().then(() => read(url)));
    assert.is(error.code, 'usage');
    assert.match(error.message, why);
  });
}

test('refuses a header without a colon', async () => {
  assert.match(
    (await rejection(Promise.resolve().then(() => read('a', { headers: ['x-a'] })))).message,
    '-H takes "Name: value", not "x-a"',
  );
});

test('the server name has no dot at the end and no capitals, the Host header keeps its dot', () => {
  const typed = {
    url: 'https://A.example.org./x',
    method: 'GET',
    headers: [],
    sni: undefined,
    hasClientCertificate: false,
  };
  const { request: read } = readRequest(typed);
  assert.equal([read.sni, read.authority], ['a.example.org', 'a.example.org.']);
  assert.is(readRequest({ ...typed, sni: 'B.Example.org.' }).request.sni, 'b.example.org');
});

test('a client of HTTP/3 offers nothing else, and only over TLS', async () => {
  assert.equal(read('a.example.org', { isHttp3: true }).request.alpn, ['h3']);
  assert.equal(read('a.example.org').request.alpn, ['h2', 'http/1.1']);
  const plain = (): unknown => read('http://a.example.org', { isHttp3: true });
  assert.is((await rejection(Promise.resolve().then(plain))).message, 'HTTP/3 is for https alone, not for http');
});

test.run();
