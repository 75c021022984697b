import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { addressBook } from '#analysis/select/address-book.ts';

const pod = (name: string, podIP: string, changes: object = {}) => ({
  metadata: { namespace: 'shop', name },
  status: { podIP, phase: 'Running' },
  ...changes,
});

const podAt = addressBook([
  pod('four', '10.64.0.7'),
  pod('six', '2001:db8:1::17'),
  pod('host', '10.64.0.8', { spec: { hostNetwork: true } }),
  { ...pod('done', '10.64.0.9'), status: { podIP: '10.64.0.9', phase: 'Succeeded' } },
]);

test('an upstream is found by its address, IPv4 and IPv6, with its port and without', () => {
  for (const address of ['10.64.0.7:4000', '10.64.0.7']) assert.is(podAt(address), 'pod shop/four');
  for (const address of ['[2001:db8:1::17]:9000', '[2001:db8:1::17]', '2001:db8:1::17'])
    assert.is(podAt(address), 'pod shop/six');
});

test('an address that is not one pod of its own is nobody', () => {
  for (const address of ['10.64.0.8:80', '10.64.0.9:80', '10.64.0.1:80', undefined])
    assert.is(podAt(address), undefined);
});

test.run();
