// Of new objects the older comes first, and of one second the first by name: which it is depends on how fast they are applied.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HostChange, PreviewItem } from '#model/preview.ts';
import { withFiles } from '../support/with-files.ts';

const routes = (
  name: string,
  prefix: string,
  host = 'svc1.discovery.wmnet',
): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: ${name}, namespace: svc1}
spec:
  hosts: [${host}]
  gateways: [svc1/svc1-main]
  http: [{match: [{uri: {prefix: ${prefix}}}], directResponse: {status: 200}}]
`;

const gateway = (name: string, hosts: string): string => `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: {name: ${name}, namespace: svc1}
spec:
  selector: {istio: ingressgateway}
  servers: [{hosts: [${hosts}], port: {name: ${name}, number: 9443, protocol: TLS}, tls: {mode: PASSTHROUGH}}]
`;

const handedOn = (hosts: string): string => `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: {name: tls-${hosts.replaceAll(/\W/g, '')}, namespace: svc1}
spec:
  hosts: [${hosts}]
  gateways: [svc1/second, svc1/first]
  tls: [{match: [{sniHosts: [${hosts}]}], route: [{destination: {host: svc1-tls-service, port: {number: 4001}}}]}]
`;

const hostsOf = (out: string): readonly HostChange[] =>
  (JSON.parse(out) as { readonly items: readonly PreviewItem[] }).items.filter((one) => one.type === 'host');

test('two new VirtualServices for one host, in another order than that of their names, leave it unsure', () =>
  withFiles(
    {
      'by-name.yaml': [routes('a', '/x'), routes('b', '/x')].join('---\n'),
      'otherwise.yaml': [routes('b', '/x'), routes('a', '/x')].join('---\n'),
      'apart.yaml': [routes('b', '/x'), routes('a', '/x', 'svc2.discovery.wmnet')].join('---\n'),
    },
    async (kii) => {
      assert.match(
        (await kii('preview DIR/otherwise.yaml')).out,
        /svc1\.discovery\.wmnet:8443 .*\? not sure: istiod takes objects that were created in the same second by name,\s+and others oldest first: this is so if the new ones are created in one second/s,
      );
      for (const file of ['by-name.yaml', 'apart.yaml']) {
        const { out } = await kii(`preview DIR/${file} -o json`);
        assert.equal(
          hostsOf(out).flatMap(({ unsure }) => unsure),
          [],
          file,
        );
      }
    },
  ));

test('a host that only the other order would let in is told too', () =>
  withFiles(
    {
      'a.yaml': [
        gateway('second', 'a.example, b.example'),
        gateway('first', 'b.example'),
        handedOn('a.example'),
        handedOn('b.example'),
      ].join('---\n'),
    },
    async (kii) => {
      const { out } = await kii('preview DIR/a.yaml -o json');
      assert.equal(
        hostsOf(out).map(({ host, change, after, unsure }) => [
          host,
          change,
          after.map(({ name }) => name),
          unsure.map((why) => why.slice(why.indexOf(': ') + 2)),
        ]),
        [
          ['a.example', 'new', ['second'], ['this is so if the new ones are created one after another']],
          ['b.example', 'new', ['first'], ['this is so if the new ones are created in one second']],
        ],
      );
    },
  ));

test.run();
