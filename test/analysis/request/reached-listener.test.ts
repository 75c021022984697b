import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { isReachedFirst, reachedListeners, targetOf } from '#analysis/request/reached-listener.ts';
import { listener, request } from '../../support/builders/way.ts';

const at = (address: string) => listener({ name: `${address}_8443`, address });
const reached = (listeners: ReturnType<typeof listener>[], authority = 'a.example.org', podIp?: string) =>
  reachedListeners(listeners, targetOf(8443, request({ authority }), podIp)).map(({ name }) => name);

test('a listener that warms or drains takes no connections', () => {
  const [warming, draining, active] = [listener({ state: 'warming' }), listener({ state: 'draining' }), listener()];
  assert.equal(reachedListeners([warming, draining, active], { port: 8443 }), [active]);
  assert.equal(reachedListeners([warming, draining], { port: 8443 }), []);
});

test('a TCP connection never reaches a UDP listener, in whatever order they stand', () => {
  const udp = listener({ name: 'udp_0.0.0.0_8443', transport: 'UDP' });
  assert.equal(reached([udp, at('0.0.0.0')]), ['0.0.0.0_8443']);
  assert.equal(reached([at('0.0.0.0'), udp]), ['0.0.0.0_8443']);
  assert.equal(reached([udp]), []);
});

test('of several addresses on one port the own address of the pod goes first, then those that stand for all', () => {
  const all = ['127.0.0.1', '10.0.0.9', '::', '10.0.0.5', '0.0.0.0'].map(at);
  const rest = (...first: string[]) => [...first, '10.0.0.5_8443', '10.0.0.9_8443', '127.0.0.1_8443'];
  assert.equal(reached(all), rest('0.0.0.0_8443', '::_8443'));
  assert.equal(reached(all.toReversed()), rest('0.0.0.0_8443', '::_8443'));
  assert.equal(reached(all, 'a.example.org', '10.0.0.9'), [
    '10.0.0.9_8443',
    '0.0.0.0_8443',
    '::_8443',
    '10.0.0.5_8443',
    '127.0.0.1_8443',
  ]);
});

test('a client of IPv6 reaches what listens there, also at an additional address', () => {
  assert.equal(reached([at('0.0.0.0'), at('::')], '[2001:db8::1]:443'), ['::_8443', '0.0.0.0_8443']);
  assert.equal(reached([at('0.0.0.0'), at('::')], 'a.example.org', 'fd00::7'), ['::_8443', '0.0.0.0_8443']);
  const both = listener({ name: 'both', address: '10.0.0.1', additionalAddresses: ['[::]:8443'] });
  assert.equal(reached([at('0.0.0.0'), both], '[2001:db8::1]'), ['both', '0.0.0.0_8443']);
  assert.equal(reached([listener({ name: 'other port', port: 9443, additionalAddresses: ['0.0.0.0:8443'] })]), [
    'other port',
  ]);
});

test('which listener is reached is known by its address, or where it takes every address of the family', () => {
  const known = (address: string, podIp?: string): boolean =>
    isReachedFirst(at(address), targetOf(8443, request({ authority: 'a.example.org' }), podIp));
  assert.equal(
    [known('10.0.0.9', '10.0.0.9'), known('0.0.0.0', '10.0.0.9'), known('::', 'fd00::7')],
    [true, true, true],
  );
  assert.equal(
    [known('::', '10.0.0.9'), known('0.0.0.0', 'fd00::7'), known('10.0.0.5', '10.0.0.9')],
    [false, false, false],
  );
});

test('IPv4 reaches a listener of :: that is told to take it, and 0.0.0.0 before it', () => {
  const both = listener({ name: 'both', address: '::', ipv4Compat: true });
  assert.ok(isReachedFirst(both, targetOf(8443, request({}), '10.0.0.9')));
  assert.ok(isReachedFirst(both, { port: 8443 }));
  assert.equal(reached([both, at('0.0.0.0')], 'a.example.org', '10.0.0.9'), ['0.0.0.0_8443', 'both']);
  assert.equal(reached([at('0.0.0.0'), both], 'a.example.org', 'fd00::7'), ['both', '0.0.0.0_8443']);
  assert.equal(reached([at('10.0.0.5'), both], 'a.example.org', '10.0.0.9'), ['both', '10.0.0.5_8443']);
});

test('a Host header changes nothing of where the connection goes', () => {
  const all = ['127.0.0.1', '10.0.0.9', '0.0.0.0'].map(at);
  const to = (destination: string): string | undefined => {
    const target = targetOf(8443, request({ authority: '127.0.0.1', destination }), '10.0.0.9');
    return reachedListeners(all, target)[0]?.name;
  };
  assert.equal([to('gw.example.org'), to('127.0.0.1')], ['10.0.0.9_8443', '127.0.0.1_8443']);
});

test.run();
