import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isBareIpv6, withoutPort } from '#core/host.ts';

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

test('a host that is long takes no longer than its characters', () => {
  const began = performance.now();
  assert.not(isBareIpv6(`${':'.repeat(20_000)}x`));
  assert.ok(performance.now() - began < 1_000);
});

test.run();
