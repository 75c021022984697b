// Addresses in every spelling that Envoy has for them.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isLoopback } from '#accesslog/address.ts';

test('what comes from the pod itself is known with its port and without', () => {
  for (const address of ['127.0.0.1:4000', '127.0.0.1', '[::1]:4000', '::1']) assert.ok(isLoopback(address), address);
  for (const address of ['127.0.0.10:4000', '10.0.0.1', '[::11]:4000', '']) assert.not(isLoopback(address), address);
});

test.run();
