import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { differingHosts } from '#analysis/check/differing-hosts.ts';
import { route, routeConfiguration, virtualHost } from '../../support/builders/route.ts';

const configuration = (...virtualHosts: ReturnType<typeof virtualHost>[]) => ({
  routes: virtualHosts.map((one, index) => routeConfiguration({ name: `${index}`, virtualHosts: [one] })),
});
const a = virtualHost({ domains: ['a.example', 'a.example:*'], routes: [route()] });
const b = virtualHost({ domains: ['b.example'], routes: [route()] });

test('hosts whose routes differ, or that one pod does not serve; the order of a dump says nothing', () => {
  assert.equal(differingHosts([configuration(a, b), configuration(b, a)]), []);
  assert.equal(differingHosts([configuration(a, b), configuration(a)]), ['b.example']);
  const other = virtualHost({ ...a, routes: [route(), route({ position: 2 })] });
  assert.equal(differingHosts([configuration(a, b), configuration(other, b)]), ['a.example']);
});

test("istiod's blackhole for every other name is no host", () => {
  assert.equal(differingHosts([configuration(virtualHost({ domains: ['*'], routes: [] })), configuration()]), []);
});

test.run();
