// Why a host is not served. Each was made on a real cluster: test/real-cluster/failing-requests.test.ts.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Wanted, whyNoChain, whyNoVirtualHost } from '#analysis/istio/unserved-host.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { stepText } from '#core/shell.ts';
import type { Reason } from '#model/reason.ts';
import { gatewayObject, object } from '../../support/builders/facts.ts';

const host = 'a.example.org';
const place = { host, listenerPort: 8443 };

const wanted = (gateways: readonly KubeObject[], virtualServices: readonly KubeObject[] = []): Wanted => ({
  gateways,
  virtualServices,
  labels: { istio: 'ingressgateway' },
  namespace: 'istio-system',
  listenerPortOf: (port) => port + 8000,
});
const virtualService = (id: string, spec: object = {}): KubeObject =>
  object('VirtualService', id, {
    hosts: [host],
    gateways: ['main'],
    http: [{ route: [{ destination: { host: 'web' } }] }],
    ...spec,
  });

const brief = ({ code, objects, text }: Reason): unknown[] => [
  code,
  objects.map(({ namespace, name }) => `${namespace}/${name}`),
  text,
];
const chainReason = (gateways: readonly KubeObject[], virtualServices: readonly KubeObject[] = []): unknown[] =>
  brief(whyNoChain(place, wanted(gateways, virtualServices)));

test('a server that is lost with another of its hosts names the winner', () => {
  const reason = whyNoChain(
    place,
    wanted([gatewayObject('ns/young', [host, 'shared'], 2), gatewayObject('ns/old', ['shared'])]),
  );
  assert.equal(brief(reason).slice(0, 2), ['gateway-conflict', ['ns/young', 'ns/old']]);
  assert.match(
    reason.text,
    /^Gateway ns\/young asks for a\.example\.org and loses its server https on port 443 with all hosts: Gateway ns\/old has shared, which it asks for as well \(older: /,
  );
  assert.equal(reason.next.map(stepText), [
    'kubectl -n ns get gateways.networking.istio.io young -o yaml',
    'kubectl -n ns get gateways.networking.istio.io old -o yaml',
  ]);
});

test('a server that istiod keeps and the pod has not: the update is not there', () => {
  assert.equal(chainReason([gatewayObject('ns/main', ['*.example.org'])]).slice(0, 2), ['not-pushed', ['ns/main']]);
});

test('a selector that passes these pods by, with the labels that they have', () => {
  assert.equal(chainReason([gatewayObject('ns/main', [host], 1, { istio: 'ingress', tier: 'edge' })]), [
    'gateway-selector',
    ['ns/main'],
    'Gateway ns/main asks for a.example.org and selects pods with istio=ingress,tier=edge; the pods of this gateway have istio=ingressgateway and no label tier',
  ]);
});

test('another port', () => {
  const server = { port: { number: 8444, name: 'other', protocol: 'HTTPS' }, hosts: [host], tls: { mode: 'SIMPLE' } };
  const selector = { istio: 'ingressgateway' };
  assert.equal(chainReason([object('Gateway', 'ns/main', { selector, servers: [server] })]), [
    'gateway-port',
    ['ns/main'],
    'Gateway ns/main has a.example.org on port 8444 (listener 16444), and nothing has it on this one',
  ]);
  const plain = { port: { number: 80, name: 'http', protocol: 'HTTP' }, hosts: ['*'] };
  assert.is(chainReason([object('Gateway', 'ns/main', { selector, servers: [plain] })])[0], 'gateway-host');
  const ofServices = { ...server, port: { ...server.port, number: 443 }, tls: { mode: 'AUTO_PASSTHROUGH' } };
  assert.is(chainReason([object('Gateway', 'ns/main', { selector, servers: [ofServices] })])[0], 'gateway-host');
});

test('no Gateway names it: the VirtualService that does, and where it is bound', () => {
  assert.equal(chainReason([]), ['gateway-host', [], 'no Gateway and no VirtualService names a.example.org']);
  assert.equal(chainReason([gatewayObject('ns/main', ['b.example.org'])], [virtualService('ns/web')]), [
    'gateway-host',
    ['ns/main', 'ns/web'],
    'no Gateway names a.example.org; VirtualService ns/web does, and is bound to Gateway ns/main',
  ]);
});

test('no virtual host: why the VirtualService is not at this Gateway', () => {
  const main = gatewayObject('ns/main', [host]);
  const of = { kind: 'Gateway', namespace: 'ns', name: 'main' };
  const why = (spec: object | undefined, gateways = [main]): unknown[] =>
    brief(whyNoVirtualHost(place, of, wanted(gateways, spec ? [virtualService('ns/web', spec)] : [])));
  assert.equal(why(undefined), [
    'virtual-service-host',
    ['ns/main'],
    'no VirtualService names a.example.org for Gateway ns/main',
  ]);
  const names = 'VirtualService ns/web names a.example.org, and';
  const web = virtualService('ns/web');
  assert.equal(why({ gateways: ['other'] }).slice(1), [
    ['ns/web', 'ns/main'],
    `${names} it is bound to Gateway ns/other, not to ns/main`,
  ]);
  assert.is(why({ gateways: ['mesh'] })[2], `${names} it is bound to no Gateway, only to the mesh`);
  assert.is(why({ exportTo: ['.'] })[2], `${names} its exportTo [.] hides it from istio-system`);
  assert.is(
    why({}, [gatewayObject('ns/main', ['elsewhere/a.example.org'])])[2],
    `${names} no server of Gateway ns/main takes a.example.org from namespace ns`,
  );
  assert.match(
    String(
      whyNoVirtualHost(place, undefined, wanted([gatewayObject('ns/main', [host], 1, { istio: 'x' })], [web])).text,
    ),
    'it is bound to Gateway ns/main, which selects pods with istio=x; the pods of this gateway have istio=ingressgateway',
  );
  assert.is(why({})[0], 'not-pushed');
});

test('a Gateway that is not there any more is the reason, and is not asked for; one of the Gateway API is not in the list', () => {
  const reason = (kind: string): Reason =>
    whyNoVirtualHost(place, { kind, namespace: 'ns', name: 'main' }, wanted([], [virtualService('ns/web')]));
  assert.match(
    reason('Gateway').text,
    'Gateway ns/main is not there any more, and these pods still have its filter chain',
  );
  assert.equal(reason('Gateway').next.map(stepText), [
    'kubectl istio-ingress check --only rejected,stale,not-connected',
  ]);
  assert.not.match(reason('Gateway or ListenerSet').text, 'any more');
});

test('HTTP/3 for TLS that is passed through, or whose protocol is not HTTPS', () => {
  const asking = (protocol: string, mode: string): unknown[] => {
    const servers = [{ port: { number: 443, name: 'tls', protocol }, hosts: [host], tls: { mode } }];
    const gateway = object('Gateway', 'ns/main', { selector: { istio: 'ingressgateway' }, servers });
    return brief(whyNoChain({ ...place, isHttp3: true }, wanted([gateway])));
  };
  assert.equal(asking('TLS', 'PASSTHROUGH'), [
    'not-http3',
    ['ns/main'],
    'Gateway ns/main has it on port 443 with protocol TLS and TLS mode PASSTHROUGH: istiod serves HTTP/3 for servers with protocol HTTPS that end TLS alone',
  ]);
  assert.is(asking('HTTPS', 'PASSTHROUGH')[0], 'not-http3');
  assert.is(asking('HTTPS', 'SIMPLE')[0], 'not-pushed');
});

test.run();
