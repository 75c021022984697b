import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { doubtfulRows, judgeGathered } from '#analysis/certificates/certificate-facts.ts';
import type { Gathered } from '#model/gathered.ts';
import { certificate, secret } from '../../support/builders/certificate.ts';
import { gateway, now } from '../../support/builders/fleet.ts';
import { chainMatch, downstreamTls, filterChain, httpHandler, listener } from '../../support/builders/listener.ts';
import { routeConfiguration, virtualHost } from '../../support/builders/route.ts';

const missing = { missing: 'not asked for' } as const;

function uncovered(domains: readonly string[], dnsNames: readonly string[], ...more: readonly string[]): string[] {
  const chains = ['*.example', ...more].map((name) =>
    filterChain({
      match: chainMatch({ serverNames: [name] }),
      tls: downstreamTls({ certificates: ['kubernetes://own'] }),
      handler: httpHandler({ routeConfiguration: 'https.443.https.shared.gateways' }),
    }),
  );
  const gathered: Gathered = {
    gateway: gateway([]),
    pods: missing,
    istiods: missing,
    secrets: missing,
    servicePods: missing,
    notGiven: [],
    assigned: new Map(),
    objects: {},
    rejectedContents: [],
    notTaken: [],
    unserved: [],
    configurations: [
      {
        pods: ['a'],
        routes: [
          routeConfiguration({
            name: 'https.443.https.shared.gateways',
            virtualHosts: domains.map((domain) => virtualHost({ domains: [domain] })),
          }),
        ],
        secrets: [secret({ name: 'kubernetes://own', chain: [certificate({ dnsNames })] })],
        large: { listeners: [listener({ filterChains: chains })], clusters: [] },
        failed: undefined,
      },
    ],
  };
  return judgeGathered(doubtfulRows(gathered), gathered, now).flatMap(({ value: { host }, problems }) =>
    problems.some(({ code }) => code === 'not-covered') ? [host ?? ''] : [],
  );
}

test('a host that lies deeper below the wildcard of a server than a certificate reaches is refused by clients', () => {
  assert.equal(uncovered(['a.example', 'b.a.example', '*.c.example:*'], ['*.example']), ['*.c.example', 'b.a.example']);
});

test('nothing is wrong where the certificate names it, another chain takes it, or its routes are for another host', () => {
  assert.equal(uncovered(['b.a.example'], ['*.example', '*.a.example']), []);
  assert.equal(uncovered(['b.a.example'], ['*.example', '*.a.example'], '*.a.example'), []);
  assert.equal(uncovered(['b.a.other', '*'], ['*.example']), []);
});

test.run();
