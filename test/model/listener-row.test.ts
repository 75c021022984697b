import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { raw } from '#model/content.ts';
import {
  compareListenerRows,
  isPlainlySameListener,
  type ListenerRow,
  listenerRowKey,
  rowsOfListeners,
} from '#model/listener-row.ts';
import { chainMatch, filterChain, httpHandler, listener, tcpChain } from '../support/builders/listener.ts';

const rejected = { details: 'overlapping matching rules', at: '2026-11-23T13:58:00Z', version: '7' };

const shown = (rows: readonly ListenerRow[]): readonly unknown[] =>
  rows.map(({ state, chain, rejected: why }) => [state, chain?.match.serverNames.join() ?? '—', why?.details ?? '—']);

test('has a row for each filter chain, and for the one that takes what is left', () => {
  const rows = rowsOfListeners([
    listener({
      filterChains: [filterChain(), tcpChain('b.example', 'x')],
      defaultFilterChain: filterChain({ match: chainMatch() }),
    }),
  ]);
  assert.equal(
    rows.map(({ chain }) => [chain?.match.serverNames.join(), chain?.isDefault, chain?.to.kind]),
    [
      ['svc1.discovery.wmnet', false, 'routes'],
      ['b.example', false, 'tcp'],
      ['', true, 'routes'],
    ],
  );
});

test('a rejected update is a row beside those that go on serving', () => {
  assert.equal(shown(rowsOfListeners([listener({ rejected })])), [
    ['active', 'svc1.discovery.wmnet', '—'],
    ['rejected', '—', 'overlapping matching rules'],
  ]);
});

test('a listener that was rejected at once is that row only', () => {
  assert.equal(shown(rowsOfListeners([listener({ state: 'warming', filterChains: [], rejected })])), [
    ['rejected', '—', 'overlapping matching rules'],
  ]);
});

test('a listener without filter chains is a row all the same', () => {
  assert.equal(shown(rowsOfListeners([listener({ filterChains: [] })])), [['active', '—', '—']]);
});

test('tells where connections go: routes by name, routes in the listener, clusters, or what it does not know', () => {
  const inlineRoutes = {
    name: '',
    state: 'static',
    lastUpdated: undefined,
    rejected: undefined,
    ignorePortInHostMatching: false,
    virtualHosts: [],
  } as const;
  const handlers = [
    httpHandler(),
    httpHandler({ routeConfiguration: undefined, inlineRoutes }),
    { kind: 'tcp', clusters: [{ cluster: 'x', weight: 1 }], accessLogs: [] } as const,
    { kind: 'unknown', type: 'envoy.filters.network.redis_proxy' } as const,
  ];
  const rows = rowsOfListeners([listener({ filterChains: handlers.map((handler) => filterChain({ handler })) })]);
  const { httpFilters } = httpHandler();
  assert.equal(
    rows.map(({ chain }) => chain?.to),
    [
      { kind: 'routes', routeConfiguration: 'https.443.https.svc1-main.svc1', httpFilters },
      { kind: 'inline-routes', paths: [], httpFilters },
      { kind: 'tcp', clusters: [{ cluster: 'x', weight: 1 }] },
      { kind: 'unknown', type: 'envoy.filters.network.redis_proxy' },
    ],
  );
});

test('orders by port, state and server name, what takes the rest last, rejected updates after what serves', () => {
  const rows = rowsOfListeners([
    listener({
      name: '0.0.0.0_8443',
      filterChains: [filterChain({ match: chainMatch() }), tcpChain('b.example'), tcpChain('a.example')],
      rejected,
    }),
    listener({ name: '0.0.0.0_8443', state: 'draining' }),
    listener({ name: '0.0.0.0_8443', state: 'warming' }),
    listener({ name: '0.0.0.0_8080', port: 8080 }),
  ]);
  assert.equal(
    rows
      .toSorted(compareListenerRows)
      .map(({ port, state, chain }) => `${port} ${state} ${chain?.match.serverNames.join() || '*'}`),
    [
      '8080 active svc1.discovery.wmnet',
      '8443 active a.example',
      '8443 active b.example',
      '8443 active *',
      '8443 warming svc1.discovery.wmnet',
      '8443 draining svc1.discovery.wmnet',
      '8443 rejected *',
    ],
  );
});

test('chains that differ in more than their server name have one order, whichever comes first', () => {
  const rows = rowsOfListeners([
    listener({
      filterChains: ['h2', 'http/1.1'].map((alpn) =>
        filterChain({ match: chainMatch({ serverNames: ['a'], applicationProtocols: [alpn] }) }),
      ),
    }),
  ]);
  assert.equal(rows.toSorted(compareListenerRows), rows.toReversed().sort(compareListenerRows));
});

test('two pods that rejected the same at different times have the same', () => {
  const [, first] = rowsOfListeners([listener({ rejected })]);
  const [, later] = rowsOfListeners([
    listener({ rejected: { ...rejected, at: '2026-11-23T14:00:00Z', version: '8' } }),
  ]);
  const [, other] = rowsOfListeners([listener({ rejected: { ...rejected, details: 'something else' } })]);
  assert.is(listenerRowKey(first as ListenerRow), listenerRowKey(later as ListenerRow));
  assert.is.not(listenerRowKey(first as ListenerRow), listenerRowKey(other as ListenerRow));
});

test('what two pods have is plainly the same by its content, its name and its state; what one rejected is not', () => {
  const row = (changes: Parameters<typeof listener>[0] = {}, content: object = { stat_prefix: 'a' }): ListenerRow => {
    const filterChains = [filterChain({ [raw]: { name: 'chain' } })];
    return rowsOfListeners([listener({ filterChains, [raw]: content, ...changes })]).at(-1) as ListenerRow;
  };
  assert.ok(isPlainlySameListener(row(), row()));
  const others = [
    row({}, { stat_prefix: 'b' }),
    row({ name: 'other' }),
    row({ state: 'draining' }),
    row({ filterChains: [filterChain({ [raw]: { name: 'other' } })] }),
    row({ filterChains: [], defaultFilterChain: filterChain({ [raw]: { name: 'chain' } }) }),
    row({ rejected }),
  ];
  assert.equal(
    others.map((other) => isPlainlySameListener(row(), other)),
    others.map(() => false),
  );
});

test.run();
