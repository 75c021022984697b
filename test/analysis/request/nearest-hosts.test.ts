// Only hosts that may have been meant are offered.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { nearestHosts } from '#analysis/request/nearest-hosts.ts';

const hosts = ['svc1.discovery.wmnet', 'svc2.discovery.wmnet', 'orders.discovery.wmnet', 'www.example.org'];

test('a slip of the fingers is near, another name of the same domain is not', () => {
  assert.equal(nearestHosts('ordres.discovery.wmnet', hosts), ['orders.discovery.wmnet']);
  assert.equal(nearestHosts('payments.discovery.wmnet', hosts), []);
});

test('the same name under another domain is near, unless many have it', () => {
  assert.equal(nearestHosts('orders.example.org:443', hosts), ['orders.discovery.wmnet']);
  assert.equal(nearestHosts('shop.www.example.org', hosts), ['www.example.org']);
  const many = [...'abcdefg'].map((letter) => `www.${letter.repeat(5)}.example`);
  assert.equal(nearestHosts('www.nowhere.example', many), []);
});

test('without a domain the first label is compared', () => {
  assert.equal(nearestHosts('svc22', hosts), ['svc2.discovery.wmnet', 'svc1.discovery.wmnet']);
});

test.run();
