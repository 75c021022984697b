// VirtualServices of which no pod has a route, and when that is told.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { servicesOf } from '#analysis/translate/destinations.ts';
import { usualRetry } from '#analysis/translate/http-action.ts';
import { predictedRoutes } from '#analysis/translate/predicted-routes.ts';
import { hostsOf, type Translation, translate } from '#analysis/translate/translate.ts';
import { unservedVirtualServices } from '#analysis/translate/unserved-virtual-services.ts';
import type { KubeObject } from '#core/kube-object.ts';

const [old, now] = ['2026-11-23T10:00:00Z', new Date('2026-11-23T12:00:00Z')];

const object = (kind: string, name: string, spec: object, metadata: object = {}): KubeObject => ({
  kind,
  metadata: { namespace: 'a', name, creationTimestamp: old, ...metadata },
  spec,
});
const gateway = object('Gateway', 'g', {
  selector: { istio: 'ingressgateway' },
  servers: [{ port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['h.example'] }],
});
const under = (name: string, prefix: string, metadata: object = {}): KubeObject =>
  object(
    'VirtualService',
    name,
    {
      hosts: ['h.example'],
      gateways: ['a/g'],
      http: [
        {
          match: [{ uri: { prefix } }],
          route: [{ destination: { host: 's.a.svc.cluster.local', port: { number: 80 } } }],
        },
      ],
    },
    metadata,
  );

const translated = (virtualServices: readonly KubeObject[]): Translation =>
  translate({ gateways: [gateway], virtualServices }, servicesOf([], []), {
    namespace: 'istio-system',
    labels: { istio: 'ingressgateway' },
    listenerPortOf: (port) => port,
    defaultRetry: usualRetry,
    withoutSecrets: (text: string) => text,
  });

/** What is told of the objects where pods serve those of `served`. */
function told(
  virtualServices: readonly KubeObject[],
  served: readonly KubeObject[],
  filters: readonly KubeObject[] | 'not known' = [],
): unknown[] {
  const before = translated(served);
  const routes = predictedRoutes([], before, new Set(hostsOf(before).keys()));
  const envoyFilters = filters === 'not known' ? undefined : filters;
  const asked = { translation: translated(virtualServices), gateways: [gateway], virtualServices, envoyFilters };
  return unservedVirtualServices(asked, routes, now).map(({ name, hosts }) => [name, ...hosts]);
}

const [first, second] = [under('v', '/one'), under('w', '/two')];

test('one of two VirtualServices of a host without a route in any pod is told, with its hosts', () => {
  assert.equal(told([first, second], [first]), [['w', 'h.example']]);
  assert.equal(told([first, second], [second, first]), []);
});

test('an Ingress or a route of the Gateway API with the name of a VirtualService is another object', () => {
  const before = translated([first, second]);
  const routes = predictedRoutes([], before, new Set(hostsOf(before).keys())).map((one) => ({
    ...one,
    virtualHosts: one.virtualHosts.map((host) => ({
      ...host,
      routes: host.routes.map((of) => ({
        ...of,
        from: of.from?.name === 'w' ? { ...of.from, kind: 'Ingress' } : of.from,
      })),
    })),
  }));
  const asked = { translation: before, gateways: [gateway], virtualServices: [first, second], envoyFilters: [] };
  assert.equal(
    unservedVirtualServices(asked, routes, now).map(({ name }) => name),
    ['w'],
  );
});

test('nothing is told where an update may still come, or nobody knows what istiod goes by', () => {
  const rows: Readonly<Record<string, KubeObject>> = {
    'it has just changed': under('w', '/two', { creationTimestamp: '2026-11-23T11:59:50Z' }),
    'another revision of istiod has it': under('w', '/two', { labels: { 'istio.io/rev': 'canary' } }),
    'nothing of its namespace is served': under('w', '/two', { namespace: 'b' }),
    'it cannot be read': { ...second, illTyped: 'spec.http is "x", not a list' },
  };
  for (const [why, one] of Object.entries(rows)) assert.equal(told([first, one], [first]), [], why);
  const removing = object('EnvoyFilter', 'e', {
    configPatches: [{ applyTo: 'HTTP_ROUTE', patch: { operation: 'REMOVE' } }],
  });
  assert.equal(told([first, second], [first], [removing]), []);
  assert.equal(told([first, second], [first], 'not known'), []);
});

test.run();
