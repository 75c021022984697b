import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { findVirtualHost, hostForMatching } from '#analysis/request/virtual-host.ts';
import type { RouteConfiguration } from '#model/route.ts';
import { routeConfiguration, virtualHost } from '../../support/builders/route.ts';

const configuration = (domains: readonly string[][], ignorePortInHostMatching = true): RouteConfiguration =>
  routeConfiguration({
    ignorePortInHostMatching,
    virtualHosts: domains.map((of, index) => virtualHost({ name: `vh${index}`, domains: of })),
  });

// The first domain is that of the virtual host that has to win.
for (const [host, ...domains] of [
  ['a.example.org', 'a.example.org', '*.example.org', '*'],
  ['A.Example.ORG', 'a.example.org', '*'],
  ['x.a.example.org', '*.a.example.org', '*.example.org', '*'],
  ['a.example.org', '*.example.org', '*ple.org', '*'],
  ['a.example.org', '*ple.org', 'a.example.*'],
  ['a.example.org', 'a.example.*', 'a.*', '*'],
  ['.example.org', '*', '*.example.org'],
  ['a.example.org:8443', 'a.example.org', '*'],
  ['[::1]:8443', '[::1]', '*'],
  ['[::1]', '[::1]', '*'],
] as const) {
  test(`${host} goes to ${domains[0]}, whatever the order of the virtual hosts`, () => {
    for (const order of [domains, [...domains].reverse()]) {
      assert.is(findVirtualHost(configuration(order.map((domain) => [domain])), host)?.domain, domains[0]);
    }
  });
}

test('finds no virtual host where no domain serves the host', () => {
  assert.is(findVirtualHost(configuration([['a.example.org'], ['*.example.com']]), 'b.example.org'), undefined);
});

test('compares the port where the route configuration does not ignore it', () => {
  assert.is(findVirtualHost(configuration([['a.example.org']], false), 'a.example.org:8443'), undefined);
  assert.is(
    findVirtualHost(configuration([['a.example.org:*']], false), 'a.example.org:8443')?.domain,
    'a.example.org:*',
  );
  assert.is(hostForMatching('a.example.org:8443', false), 'a.example.org:8443');
});

test.run();
