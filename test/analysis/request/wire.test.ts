// What Envoy matches of what a client sends. Each case is a rule of envoy source/common/http/conn_manager_utility.cc.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { receive } from '#analysis/request/wire.ts';
import type { HttpHandler } from '#model/listener.ts';
import { headerOf, type Request } from '#model/request.ts';
import { handler, request, simpleTls } from '../../support/builders/way.ts';

type Headers = Readonly<Record<string, string | readonly string[]>>;

const sent = (headers: Headers = {}, over: Partial<Request> = {}): Request =>
  request({
    headers: new Map(Object.entries(headers).map(([name, value]) => [name, [value].flat()])),
    ...over,
  });
const plain: Partial<Request> = { scheme: 'http', sni: undefined, alpn: [] };

function received(from: Request, rules: Partial<HttpHandler> = {}, internalOnly: readonly string[] = []) {
  const tls = from.scheme === 'https' ? simpleTls : undefined;
  return receive(from, handler(rules), { tls, listenerPort: 8443, internalOnly });
}
function seen(from: Request, rules: Partial<HttpHandler> = {}): Request {
  const got = received(from, rules);
  if (got.kind !== 'request') throw new Error(JSON.stringify(got));
  return got.request;
}
const trusted = (trustedHops: number): Partial<HttpHandler> => ({ headerRules: { trustedHops } });
const believing: Partial<HttpHandler> = { useRemoteAddress: false };

for (const [name, from, rules, proto, scheme] of [
  ['is overwritten by the connection', sent({ 'x-forwarded-proto': 'https' }, plain), {}, 'http', 'http'],
  ['is believed with a trusted hop', sent({ 'x-forwarded-proto': 'https' }, plain), trusted(1), 'https', 'https'],
  [
    'is believed without use_remote_address',
    sent({ 'x-forwarded-proto': 'https' }, plain),
    believing,
    'https',
    'https',
  ],
  ['is what is not empty of it', sent({ 'x-forwarded-proto': ['', 'https'] }, plain), trusted(1), 'https', 'https'],
  ['is set where a trusted hop sent none', sent({}, plain), trusted(1), 'http', 'http'],
  ['of TLS is https', sent({ 'x-forwarded-proto': 'http' }), {}, 'https', 'https'],
  ['may differ from the scheme of HTTP/2', sent({ 'x-forwarded-proto': 'http' }), trusted(1), 'http', 'https'],
  [
    'gives HTTP/1 its scheme',
    sent({ 'x-forwarded-proto': 'http' }, { alpn: ['http/1.1'] }),
    trusted(1),
    'http',
    'http',
  ],
  ['that is no scheme gives none', sent({ 'x-forwarded-proto': 'ftp' }, plain), trusted(1), 'ftp', 'http'],
  ['follows scheme_to_overwrite', sent({}, plain), { headerRules: { scheme: 'https' } }, 'https', 'https'],
] as const) {
  test(`X-Forwarded-Proto ${name}`, () => {
    const got = seen(from, rules);
    assert.equal([headerOf(got, 'x-forwarded-proto'), got.scheme], [proto, scheme]);
  });
}

for (const [authority, rules, expected] of [
  ['a.test:8443', { stripHostPort: 'matching' }, 'a.test'],
  ['a.test:443', { stripHostPort: 'matching' }, 'a.test:443'],
  ['a.test:443', { stripHostPort: 'any' }, 'a.test'],
  ['a.test.', { stripTrailingHostDot: true }, 'a.test'],
  ['a.test.:443', { stripTrailingHostDot: true }, 'a.test:443'],
  ['a.test.:443', { stripTrailingHostDot: true, stripHostPort: 'any' }, 'a.test'],
  ['a.test.', {}, 'a.test.'],
  ['[fd00::1]', { stripHostPort: 'any' }, '[fd00::1]'],
  ['[fd00::1]:443', { stripHostPort: 'any' }, '[fd00::1]'],
] as const) {
  test(`the host ${authority} becomes ${expected} by ${JSON.stringify(rules)}`, () =>
    assert.is(seen(sent({}, { authority }), rules).authority, expected));
}

test('a host with a forbidden character is refused', () => {
  assert.equal(received(sent({}, { authority: 'a b' })), {
    kind: 'refused',
    code: 400,
    why: 'the host has a forbidden character',
  });
});

test('headers with underscores are let through, dropped, or refused', () => {
  const from = sent({ x_a: '1' }, plain);
  assert.is(headerOf(seen(from), 'x_a'), '1');
  assert.is(headerOf(seen(from, { headerRules: { underscores: 'DROP_HEADER' } }), 'x_a'), undefined);
  const refusing: Partial<HttpHandler> = { headerRules: { underscores: 'REJECT_REQUEST' } };
  assert.equal(codeOf(received(from, refusing)), 400);
  assert.equal(codeOf(received(sent({ x_a: '1' }), refusing)), undefined);
});
const codeOf = (got: ReturnType<typeof received>): unknown => (got.kind === 'refused' ? got.code : got.kind);

test('internal headers are taken from clients, and said', () => {
  const from = sent({
    'x-envoy-retry-on': '5xx',
    'x-envoy-original-path': '/',
    'x-mine': '1',
    'x-envoy-internal': 'true',
  });
  const got = received(from, {}, ['X-Mine']);
  assert.equal(got.kind === 'request' && got.removed, ['x-envoy-original-path', 'x-envoy-retry-on', 'x-mine']);
  assert.equal([...seen(from).headers.keys()], ['x-mine', 'x-forwarded-proto']);
  assert.is(headerOf(seen(from, believing), 'x-envoy-original-path'), '/');
});

test('what the gateway writes is there, with a value that nobody knows', () => {
  assert.equal(
    [...(seen(sent()).unknownHeaders ?? [])],
    ['x-forwarded-for', 'x-envoy-external-address', 'x-request-id'],
  );
  const own = sent({ 'x-request-id': 'mine' });
  assert.ok(seen(own).unknownHeaders?.has('x-request-id'));
  assert.not.ok(seen(own, { headerRules: { preservesRequestId: true } }).unknownHeaders?.has('x-request-id'));
  assert.not.ok(seen(own, believing).unknownHeaders?.has('x-request-id'));
  assert.not.ok(seen(sent(), { headerRules: { generatesRequestId: false } }).unknownHeaders?.has('x-request-id'));
  assert.not.ok(seen(sent(), { headerRules: { skipsXffAppend: true } }).unknownHeaders?.has('x-forwarded-for'));
});

test('the port of the listener is written where that is set, and kept of trusted hops', () => {
  const port = (trustedHops: number, headers: Headers) =>
    headerOf(seen(sent(headers), { headerRules: { appendsXForwardedPort: true, trustedHops } }), 'x-forwarded-port');
  assert.is(port(0, { 'x-forwarded-port': '443' }), '8443');
  assert.is(port(1, { 'x-forwarded-port': '443' }), '443');
  assert.is(port(1, {}), '8443');
  assert.is(headerOf(seen(sent()), 'x-forwarded-port'), undefined);
});

test("a client's certificate header is removed, kept or written", () => {
  const of = (clientCertificateHeader: string | undefined, hasClientCertificate: boolean) => {
    const rules = clientCertificateHeader === undefined ? {} : { headerRules: { clientCertificateHeader } };
    const got = seen(sent({ 'x-forwarded-client-cert': 'mine' }, { hasClientCertificate }), rules);
    const name = 'x-forwarded-client-cert';
    return got.unknownHeaders?.has(name) ? 'written' : (headerOf(got, name) ?? 'removed');
  };
  assert.is(of(undefined, true), 'removed');
  assert.is(of('SANITIZE', true), 'removed');
  assert.is(of('SANITIZE_SET', false), 'removed');
  assert.is(of('SANITIZE_SET', true), 'written');
  assert.is(of('APPEND_FORWARD', true), 'written');
  assert.is(of('FORWARD_ONLY', true), 'mine');
  assert.is(of('ALWAYS_FORWARD_ONLY', false), 'mine');
});

test('headers of the hop stay behind, except those of an upgrade', () => {
  const names = (headers: Headers) =>
    [...seen(sent(headers), { useRemoteAddress: false }).headers.keys()].filter((name) => name !== 'x-forwarded-proto');
  assert.equal(names({ connection: 'close', 'keep-alive': '5', te: 'gzip', 'x-a': '1' }), ['x-a']);
  assert.equal(names({ connection: 'Upgrade', upgrade: 'websocket' }), ['connection', 'upgrade']);
  assert.equal(names({ te: 'trailers', referer: 'https://a.test/x' }), ['te', 'referer']);
  assert.equal(names({ referer: ['https://a.test/', 'https://b.test/'] }), []);
  for (const referer of ['https://a.test/#x', 'https://u@a.test/', 'about:blank', '/x#y', 'a b'])
    assert.equal(names({ referer }), [], referer);
  for (const referer of ['/x', 'x', 'x/y:z', 'https://a.test']) assert.equal(names({ referer }), ['referer'], referer);
});

test('HTTP/2 puts cookies together, HTTP/1 keeps them as they are sent', () => {
  const cookies = (over: Partial<Request>): unknown =>
    seen(sent({ cookie: ['a=1', 'b=2'] }, over)).headers.get('cookie');
  assert.equal(cookies({}), ['a=1; b=2']);
  assert.equal(cookies({ alpn: ['http/1.1'] }), ['a=1', 'b=2']);
});

test('HTTP/3 has its own scheme, one cookie, and no place for headers of a connection', () => {
  const http3 = { alpn: ['h3'] };
  const cookies = sent({ cookie: ['a=1', 'b=2'], 'x-forwarded-proto': 'http', te: 'trailers' }, http3);
  const got = seen(cookies, believing);
  assert.equal(
    [got.scheme, headerOf(got, 'x-forwarded-proto'), got.headers.get('cookie')],
    ['https', 'http', ['a=1; b=2']],
  );
  const refusing: Partial<HttpHandler> = { headerRules: { underscores: 'REJECT_REQUEST' } };
  for (const [from, why] of [
    [sent({ connection: 'upgrade', upgrade: 'websocket' }, http3), /no header connection/],
    [sent({ 'keep-alive': '5' }, http3), /no header keep-alive/],
    [sent({ te: ['trailers', 'gzip'] }, http3), /no header te/],
    [sent({}, { ...http3, authority: 'a/b' }), /forbidden character/],
    [sent({ x_a: '1' }, http3), /underscore/],
  ] as const) {
    const { kind, ...refused } = received(from, refusing);
    assert.equal([kind, 'code' in refused && refused.code], ['refused', undefined]);
    assert.match(JSON.stringify(refused), why);
  }
});

test.run();
