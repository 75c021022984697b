import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rootObject } from '#core/json.ts';
import { readObjectRef } from '#dump/object-ref.ts';

const refOf = (config: unknown): unknown =>
  readObjectRef(rootObject({ metadata: { filter_metadata: { istio: { config } } } }, 'the test'));

for (const [path, kind] of [
  ['/apis/networking.istio.io/v1alpha3/namespaces/ns/virtual-service/one', 'VirtualService'],
  ['/apis/networking.istio.io/v1/namespaces/ns/destination-rule/one', 'DestinationRule'],
  ['/apis/gateway.networking.k8s.io/v1/namespaces/ns/http-route/one', 'HTTPRoute'],
  ['/apis/gateway.networking.k8s.io/v1/namespaces/ns/grpc-route/one', 'GRPCRoute'],
  ['/apis/x/v1/namespaces/ns/tls-route/one', 'TLSRoute'],
  ['/apis/x/v1/namespaces/ns/tcp-route/one', 'TCPRoute'],
  ['/apis/x/v1/namespaces/ns/udp-route/one', 'UDPRoute'],
] as const) {
  test(`takes ${path} for a ${kind}`, () => assert.equal(refOf(path), { kind, namespace: 'ns', name: 'one' }));
}

test('has none where istiod noted nothing that can be read', () => {
  for (const config of [undefined, 7, '', 'one', '/namespaces/ns/one']) assert.is(refOf(config), undefined);
  assert.is(readObjectRef(rootObject({}, 'the test')), undefined);
  assert.is(readObjectRef(rootObject({ metadata: 'x' }, 'the test')), undefined);
});

test('reads the spelling of istioctl', () => {
  const metadata = { filterMetadata: { istio: { config: '/apis/x/v1/namespaces/ns/virtual-service/one' } } };
  assert.is(readObjectRef(rootObject({ metadata }, 'the test'))?.name, 'one');
});

test.run();
