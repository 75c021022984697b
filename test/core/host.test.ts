import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isBareIpv6, typedHost, withoutPort } from '#core/host.ts';

const rows: readonly (readonly [host: string, without: string])[] = [
  ['svc1.discovery.wmnet:443', 'svc1.discovery.wmnet'],
  ['svc1.discovery.wmnet', 'svc1.discovery.wmnet'],
  ['192.0.2.3:443', '192.0.2.3'],
  ['[2001:db8::1]:443', '[2001:db8::1]'],
  ['[2001:db8::1]', '[2001:db8::1]'],
  ['2001:db8::1', '2001:db8::1'],
  ['::ffff:192.0.2.3', '::ffff:192.0.2.3'],
  ['fade:443', 'fade'],
];

for (const [host, without] of rows) test(host, () => assert.is(withoutPort(host), without));

const typed: readonly (readonly [text: string, host: string])[] = [
  ['svc1.discovery.wmnet:8443', 'svc1.discovery.wmnet'],
  ['https://svc1.discovery.wmnet:8443/two?x=1', 'svc1.discovery.wmnet'],
  ['bücher.example:443', 'xn--bcher-kva.example'],
  ['*.bücher.example', '*.xn--bcher-kva.example'],
  ['2001:db8::1', '[2001:db8::1]'],
  ['[2001:db8::1]:443', '[2001:db8::1]'],
  ['kubernetes://svc1-tls-certificate', 'kubernetes://svc1-tls-certificate'],
  ['file-root:/etc/ssl/ca.crt', 'file-root:/etc/ssl/ca.crt'],
  ['https://', 'https://'],
];

for (const [text, host] of typed) test(`typed: ${text}`, () => assert.is(typedHost(text), host));

test('a host that is long takes no longer than its characters', () => {
  const began = performance.now();
  assert.not(isBareIpv6(`${':'.repeat(20_000)}x`));
  assert.ok(performance.now() - began < 1_000);
});

test.run();
