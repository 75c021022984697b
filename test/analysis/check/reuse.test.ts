import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { connectionReuse } from '#analysis/check/reuse.ts';
import type { HostCertificate } from '#model/host-certificate.ts';
import { certificate, hostCertificate, secret } from '../../support/builders/certificate.ts';

const host = (name: string, gateway: string, dnsNames: readonly string[], port = 8443): HostCertificate =>
  hostCertificate({
    host: name,
    port,
    gateway: { kind: 'Gateway', namespace: 'n', name: gateway },
    envoySecret: secret({ chain: [certificate({ dnsNames })] }),
  });

test('a certificate for hosts of two Gateways on one port lets connections be reused', () => {
  const [found, ...others] = connectionReuse([
    host('a.example', 'a', ['a.example', 'b.example']),
    host('b.example', 'b', ['b.example']),
  ]);
  assert.equal(others, []);
  assert.equal(
    [found?.names, found?.hosts, found?.gateways.map(({ name }) => name)],
    [['b.example'], ['a.example', 'b.example'], ['a', 'b']],
  );
});

test('a connection of HTTP/1 is not reused for another host; one of HTTP/2 is, whatever the other one has', () => {
  const [a, b] = ['a', 'b'].map((name) => host(`${name}.example`, name, ['*.example'])) as [
    HostCertificate,
    HostCertificate,
  ];
  const old = (one: HostCertificate): HostCertificate => ({ ...one, isWithoutHttp2: true });
  assert.equal(connectionReuse([old(a), old(b)]), []);
  assert.is(connectionReuse([old(a), b]).length, 1);
});

test('a wildcard reaches the hosts one label under it, and is one finding for all of them', () => {
  const wildcard = ['a', 'b', 'c'].map((name) => host(`${name}.example`, name, ['*.example']));
  const found = connectionReuse([...wildcard, host('x.y.example', 'd', ['x.y.example'])]);
  assert.equal(
    found.map(({ names, hosts }) => [names, hosts]),
    [[['*.example'], ['a.example', 'b.example', 'c.example']]],
  );
});

test('certificates with the same names are one where they join the same hosts', () => {
  const copies = (gateways: readonly string[]): HostCertificate[] =>
    gateways.map((gateway, index) => ({ ...host(`${index}.example`, gateway, ['*.example']), secret: `copy${index}` }));
  const secretsOf = (gateways: readonly string[]) => connectionReuse(copies(gateways)).map(({ secrets }) => secrets);
  assert.equal(secretsOf(['a', 'b', 'c']), [['copy0', 'copy1', 'copy2']]);
  assert.equal(secretsOf(['a', 'b', 'a']), [['copy0'], ['copy1'], ['copy2']]);
  const many = Array.from({ length: 40 }, (_, index) => (index === 39 ? 'g0' : `g${index}`));
  assert.equal(
    secretsOf(many).map(({ length }) => length),
    [1, 38, 1],
  );
});

test('hosts of one Gateway, on other ports, or with certificates of their own are fine', () => {
  assert.equal(connectionReuse([host('a.example', 'a', ['*.example']), host('b.example', 'a', ['*.example'])]), []);
  assert.equal(
    connectionReuse([host('a.example', 'a', ['*.example']), host('b.example', 'b', ['b.example'], 8444)]),
    [],
  );
  assert.equal(connectionReuse([host('a.example', 'a', ['a.example']), host('b.example', 'b', ['b.example'])]), []);
});

test('servers of one Gateway have routes of their own, but for hosts that the server of the connection takes too', () => {
  const of = (name: string, routeConfiguration: string): HostCertificate => ({
    ...host(name, 'a', ['*.example']),
    routeConfiguration,
  });
  const [found, ...others] = connectionReuse([of('a.example', 'https.443.x.a.n'), of('b.example', 'https.443.y.a.n')]);
  assert.equal(others, []);
  assert.equal(
    [found?.hosts, found?.gateways.map(({ name }) => name), found?.isShared],
    [['a.example', 'b.example'], ['a'], true],
  );
  assert.equal(connectionReuse([of('a.example', 'https.443.x.a.n'), of('b.example', 'https.443.x.a.n')]), []);
  const wide = [of('*.example', 'https.443.x.a.n'), of('b.example', 'https.443.y.a.n')];
  assert.equal(
    connectionReuse(wide).map(({ hosts }) => hosts),
    [['*.example', 'b.example']],
  );
});

test('nothing is opened for a host that the certificate is not for', () => {
  const [own, foreign] = [host('a.example', 'a', ['a.example']), host('*.other', 'b', ['a.example'])];
  assert.equal(connectionReuse([own, foreign]), []);
  assert.is(connectionReuse([own, host('*.example', 'b', ['*.example'])])[0]?.hosts.join(), '*.example,a.example');
});

test.run();
