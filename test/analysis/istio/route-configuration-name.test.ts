// The Gateway of a filter chain, by the name of its route configuration.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { gatewayOfChain } from '#analysis/istio/route-configuration-name.ts';
import { filterChain, httpHandler } from '../../support/builders/listener.ts';

test('the Gateway stands in the name of the route configuration', () => {
  const of = (name: string) => gatewayOfChain(filterChain({ handler: httpHandler({ routeConfiguration: name }) }));
  assert.equal(of('https.443.https.svc1-main.svc1'), { kind: 'Gateway', namespace: 'svc1', name: 'svc1-main' });
  assert.equal(of('https.8444.my.port.mtls.svc4'), { kind: 'Gateway', namespace: 'svc4', name: 'mtls' });
  assert.equal(of('https.443.my.port.main.svc1'), { kind: 'Gateway', namespace: 'svc1', name: 'main' });
  assert.is(of('http.8080'), undefined);
});

test.run();
