import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type ListenerFilter, listenerFilter } from '#analysis/select/listeners.ts';
import { rowsOfListeners } from '#model/listener-row.ts';
import { chainMatch, filterChain, httpHandler, listener, tcpChain } from '../../support/builders/listener.ts';

const rows = rowsOfListeners([
  listener({
    filterChains: [
      filterChain({ name: 'first' }),
      filterChain({
        match: chainMatch({ serverNames: ['*.discovery.wmnet'] }),
        handler: httpHandler({ routeConfiguration: 'https.443.https.wild.ns' }),
      }),
    ],
    rejected: { details: 'no', at: undefined, version: undefined },
  }),
  listener({
    name: '0.0.0.0_8080',
    port: 8080,
    filterChains: [filterChain({ match: chainMatch(), handler: httpHandler({ routeConfiguration: 'http.8080' }) })],
  }),
  listener({ name: '0.0.0.0_8445', port: 8445, filterChains: [tcpChain('pass.example', 'x')] }),
  listener({
    name: '0.0.0.0_15021',
    port: 15021,
    state: 'static',
    filterChains: [filterChain({ match: chainMatch(), handler: httpHandler({ routeConfiguration: undefined }) })],
  }),
]);

const kept = (filter: ListenerFilter): readonly string[] =>
  rows
    .filter(listenerFilter(filter))
    .map(
      ({ port, state, chain }) => `${port} ${state === 'rejected' ? state : chain?.match.serverNames.join() || '*'}`,
    );

const cases: readonly (readonly [string, ListenerFilter, readonly string[]])[] = [
  [
    'nothing given keeps all',
    {},
    ['8443 svc1.discovery.wmnet', '8443 *.discovery.wmnet', '8443 rejected', '8080 *', '8445 pass.example', '15021 *'],
  ],
  [
    'a host finds every chain that would take it, and the update that may have been for it',
    { host: 'SVC1.discovery.wmnet' },
    ['8443 svc1.discovery.wmnet', '8443 *.discovery.wmnet', '8443 rejected', '8080 *'],
  ],
  [
    'a host that only a wildcard serves',
    { host: 'svc9.discovery.wmnet' },
    ['8443 *.discovery.wmnet', '8443 rejected', '8080 *'],
  ],
  ['a pattern finds the server names that it matches', { host: 'pass*' }, ['8443 rejected', '8445 pass.example']],
  ['the listener by its port', { port: 8445 }, ['8445 pass.example']],
  ["chains by the Gateway's port", { port: 443 }, ['8443 svc1.discovery.wmnet', '8443 *.discovery.wmnet']],
  ['the listener behind a port of the Service, whatever its chains are', { port: 80, listenerPort: 8080 }, ['8080 *']],
  ['a port that another one begins with is another port', { port: 44 }, []],
  ['a chain by its name', { name: 'first' }, ['8443 svc1.discovery.wmnet']],
  ['a listener by its name', { name: '0.0.0.0_80*' }, ['8080 *']],
  ['a route configuration by its name', { name: 'https.443.https.wild.*' }, ['8443 *.discovery.wmnet']],
  ['all filters have to hold', { host: 'svc1.discovery.wmnet', port: 8080 }, ['8080 *']],
];

for (const [title, filter, expected] of cases) test(title, () => assert.equal(kept(filter), expected));

test.run();
