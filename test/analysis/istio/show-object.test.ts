import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { showObject } from '#analysis/istio/show-object.ts';
import { stepText } from '#core/shell.ts';

for (const [kind, command] of [
  ['Gateway', 'kubectl -n edge get gateways.networking.istio.io public -o yaml'],
  ['Gateway or ListenerSet', 'kubectl -n edge get gateways.gateway.networking.k8s.io public -o yaml'],
  ['Ingress', 'kubectl -n edge get ingresses.networking.k8s.io public -o yaml'],
  ['Service', 'kubectl -n edge get services public -o yaml'],
] as const)
  test(`${kind}: ${command}`, () =>
    assert.is(stepText(showObject({ kind, namespace: 'edge', name: 'public' })), command));

test.run();
