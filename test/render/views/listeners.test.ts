import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Style } from '#command/command.ts';
import { type ListenerRow, rowsOfListeners } from '#model/listener-row.ts';
import { listenersView } from '#render/views/listeners.ts';
import { answerOf, onTerminal, piped, wide } from '../../support/builders/answer.ts';
import { failure, ok, on, pod, three } from '../../support/builders/fleet.ts';
import {
  chainMatch,
  downstreamTls,
  filterChain,
  httpHandler,
  listener,
  tcpChain,
} from '../../support/builders/listener.ts';
import { goldenDocument, keepsToSchema } from '../../support/document.ts';
import { golden } from '../../support/golden.ts';
import { testWidths } from '../../support/widths.ts';

const mutual = filterChain({
  match: chainMatch({ serverNames: ['mtls.discovery.wmnet'], applicationProtocols: ['h2'] }),
  tls: downstreamTls({
    mode: 'MUTUAL',
    certificates: ['kubernetes://mtls-tls-certificate'],
    clientCa: 'kubernetes://mtls-tls-certificate-cacert',
    minVersion: 'TLSv1_2',
    maxVersion: 'TLSv1_3',
  }),
  handler: httpHandler({ routeConfiguration: 'https.8444.https-mtls.mtls.svc4' }),
  networkFilters: ['envoy.filters.network.rbac'],
});

const passthrough = tcpChain('pass.discovery.wmnet', 'outbound|4004||svc4-tls-service.svc4.svc.cluster.local');

const healthy: readonly ListenerRow[] = rowsOfListeners([
  listener({
    name: '0.0.0.0_8080',
    port: 8080,
    filterChains: [
      filterChain({ match: chainMatch(), tls: undefined, handler: httpHandler({ routeConfiguration: 'http.8080' }) }),
    ],
  }),
  listener(),
  listener({ name: '0.0.0.0_8444', port: 8444, filterChains: [mutual] }),
  listener({ name: '0.0.0.0_8445', port: 8445, filterChains: [passthrough] }),
]);

const why =
  'Error adding/updating listener(s) 0.0.0.0_8443: multiple filter chains with overlapping matching rules are defined';

const troubled: readonly ListenerRow[] = rowsOfListeners([
  listener({ rejected: { details: why, at: '2026-11-23T13:58:00Z', version: '7' } }),
  listener({ state: 'warming' }),
  listener({ state: 'draining', filterChains: [passthrough] }),
  listener({
    name: '0.0.0.0_9443',
    port: 9443,
    state: 'warming',
    filterChains: [],
    rejected: { details: '', at: undefined, version: undefined },
  }),
]);

const everywhere = (rows: readonly ListenerRow[]) => rows.map((row) => on(row, three));
const items = everywhere(healthy);
const inTrouble = troubled.map((row) => on(row, row.state === 'active' ? three : three.slice(0, 1)));

function render(shown: typeof items, style: Style = piped): string {
  return onTerminal(listenersView.table(shown, answerOf(listenersView, shown, three.map(ok)), style));
}

test('prints where it listens, for which name, with which certificate, and where connections go', () => {
  golden('render/listeners/healthy/out.txt', render(items));
});

test('adds protocols, CAs and filters where wide is asked for', () => {
  golden('render/listeners/healthy/wide.txt', render(items, wide));
});

test('says what is rejected and why, and what warms or drains', () => {
  golden('render/listeners/troubled/out.txt', render(inTrouble));
});

test('colours what is wrong', () => {
  golden('render/listeners/troubled/color.txt', render(inTrouble, { ...piped, color: true }));
});

testWidths('render/listeners/healthy', (style) => render(items, style));
testWidths('render/listeners/troubled', (style) => render(inTrouble, style));

const odd: readonly (readonly [string, ListenerRow[], RegExp])[] = [
  [
    'every address of a gateway with IPv4 and IPv6',
    rowsOfListeners([listener({ additionalAddresses: ['[::]:8443'] })]),
    /^0\.0\.0\.0:8443, \[::\]:8443 /m,
  ],
  [
    'an IPv6 address that takes IPv4 too',
    rowsOfListeners([listener({ address: '::', ipv4Compat: true })]),
    /^\[::\]:8443 \(IPv4 too\) /m,
  ],
  ['an IPv6 address in brackets', rowsOfListeners([listener({ name: '::_8443', address: '::' })]), /^\[::\]:8443 /m],
  [
    'a pipe by its path',
    rowsOfListeners([listener({ name: 'p', address: '/var/run/x.sock', port: 0 })]),
    /^\/var\/run\/x\.sock /m,
  ],
  [
    'a chain that asks for TLS and no name',
    rowsOfListeners([
      listener({ filterChains: [{ ...passthrough, match: chainMatch({ transportProtocol: 'tls' }) }] }),
    ]),
    / tls +PASSTHROUGH /,
  ],
  [
    'the default chain',
    rowsOfListeners([listener({ filterChains: [], defaultFilterChain: filterChain() })]),
    / everything else /,
  ],
  ['a matcher tree', rowsOfListeners([listener({ hasMatcherTree: true })]), / \(not used: a matcher tree chooses\) /],
  [
    'shares of TCP connections',
    rowsOfListeners([listener({ filterChains: [tcpChain('a', 'x', 'y')] })]),
    / TCP to 50% x, 50% y /,
  ],
  [
    'a TCP proxy that names no cluster',
    rowsOfListeners([listener({ filterChains: [tcpChain('a')] })]),
    / TCP to no cluster that is named here /,
  ],
  [
    'a handler it does not know',
    rowsOfListeners([listener({ filterChains: [filterChain({ handler: { kind: 'unknown', type: 'redis' } })] })]),
    / unknown filter redis /,
  ],
  [
    'client certificates that are asked for and not required',
    rowsOfListeners([listener({ filterChains: [filterChain({ tls: downstreamTls({ mode: 'OPTIONAL_MUTUAL' }) })] })]),
    /client certificate optional/,
  ],
];

for (const [title, rows, expected] of odd)
  test(`prints ${title}`, () => assert.match(render(everywhere(rows)), expected));

test('prints nothing where there is nothing', () => {
  assert.is(render([]), '');
});

test('prints names that lead back to a chain', () => {
  assert.equal([...items, ...inTrouble].map(listenersView.name), [
    'listener/0.0.0.0_8080/*',
    'listener/0.0.0.0_8443/svc1.discovery.wmnet',
    'listener/0.0.0.0_8444/mtls.discovery.wmnet',
    'listener/0.0.0.0_8445/pass.discovery.wmnet',
    'listener/0.0.0.0_8443/svc1.discovery.wmnet',
    'listener/0.0.0.0_8443/rejected',
    'listener/0.0.0.0_8443/svc1.discovery.wmnet',
    'listener/0.0.0.0_8443/pass.discovery.wmnet',
    'listener/0.0.0.0_9443/rejected',
  ]);
});

test('the document keeps to its schema, as JSON and as YAML', async () => {
  const outcomes = [...three.slice(1).map(ok), failure(pod('x'))];
  const shown = [...items, ...inTrouble, ...odd.flatMap(([, rows]) => everywhere(rows))];
  keepsToSchema(answerOf(listenersView, shown, outcomes));
  await goldenDocument(
    'render/listeners/document',
    answerOf(listenersView, [...items.slice(1, 3), ...inTrouble.slice(1, 2)], outcomes),
  );
});

test.run();
