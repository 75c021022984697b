import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type HostRow, planHandshakes, withDoubts, withServed } from '#analysis/certificates/doubtful-hosts.ts';
import type { Served } from '#model/host-certificate.ts';
import { hostCertificate, intermediate, leaf, secret } from '../../support/builders/certificate.ts';

const wrong = secret({ name: 'kubernetes://a', chain: [intermediate, leaf()] });
const row = (host: string, pods: readonly string[], isSure?: boolean): HostRow => ({
  value: hostCertificate({ host, envoySecret: wrong }),
  pods,
  loadedAt: {},
  doubts: isSure === undefined ? [] : [{ text: 'x', isSure }],
  untried: undefined,
});
const some = (n: number): string[] => Array.from({ length: n }, (_, index) => `p${index}`);

test('plans twenty hosts on three pods, the surest first, and none without doubts', () => {
  const planned = planHandshakes([
    row('good.example', some(5)),
    ...some(30).map((host) => row(`${host}.example`, some(5), false)),
    row('sure.example', some(5), true),
  ]);
  assert.is(planned.length, 20);
  assert.equal(planned[0], { host: 'sure.example', port: 8443, pods: ['p0', 'p1', 'p2'] });
  assert.ok(planned.every(({ pods }) => pods.length === 3));
});

test('a host that is doubtful on one pod alone is tried there', () => {
  const planned = planHandshakes([row('a.example', ['p1', 'p2', 'p3'], false), row('b.example', ['p9'], false)]);
  assert.equal(
    planned.map(({ host, pods }) => [host, pods]),
    [
      ['a.example', ['p1', 'p2']],
      ['b.example', ['p9']],
    ],
  );
});

const got = (fingerprint: string): Served => ({
  outcome: 'certificate',
  chain: [leaf({ fingerprint })],
  protocol: 'TLSv1.3',
  alpn: 'h2',
});
const handshakes = (served: Served, ...pods: readonly string[]) =>
  new Map(pods.map((pod) => [pod, new Map([['a.example:8443', served]])]));

test('what was tried has what came; the rest is not judged, and says why', () => {
  const rows = withServed([row('a.example', ['p1', 'p2', 'p3'], false)], handshakes(got('old'), 'p1'), 'too many');
  assert.equal(
    rows.map(({ pods, value, untried }) => [pods, value.served?.outcome, untried]),
    [
      [['p1'], 'certificate', undefined],
      [['p2', 'p3'], undefined, 'too many'],
    ],
  );
});

test('where pods with the same content serve it, the others are not in question', () => {
  const rows = withServed(
    [row('a.example', ['p1', 'p2'], false)],
    handshakes(got(intermediate.fingerprint), 'p1'),
    'x',
  );
  assert.ok(rows.every(({ untried }) => untried === undefined));
});

test('pods that took the secret at different times have doubts of their own', () => {
  const value = hostCertificate({ envoySecret: secret({ chain: [leaf({ notBefore: '2026-11-23T13:00:00Z' })] }) });
  const loadedAt = { p1: '2026-11-23T12:00:00Z', p2: '2026-11-23T14:00:00Z' };
  const rows = withDoubts([{ value, pods: ['p1', 'p2'], loadedAt }], new Map());
  assert.equal(
    rows.map(({ pods, doubts }) => [pods, doubts.length]),
    [
      [['p1'], 1],
      [['p2'], 0],
    ],
  );
});

test('a rejection without a name makes all of a pod doubtful where nothing else is', () => {
  const good = (host: string) => ({ value: hostCertificate({ host }), pods: ['p1', 'p2'], loadedAt: {} });
  const rejections = { counted: new Map(), unnamed: new Map([['p1', 'KEY_VALUES_MISMATCH']]) };
  const doubtful = (rows: readonly HostRow[]) =>
    rows.filter(({ doubts }) => doubts.length > 0).map(({ value, pods }) => [value.host, pods]);
  assert.equal(doubtful(withDoubts([good('a.example'), good('b.example')], new Map(), rejections)), [
    ['a.example', ['p1']],
    ['b.example', ['p1']],
  ]);
  const known = { ...good('a.example'), value: hostCertificate({ envoySecret: wrong }) };
  assert.equal(doubtful(withDoubts([known, good('b.example')], new Map(), rejections)), [['a.example', ['p1', 'p2']]]);
  const counted = { counted: new Map([['p2', new Map([['kubernetes://a', 2]])]]), unnamed: new Map() };
  assert.equal(doubtful(withDoubts([good('a.example')], new Map(), counted)), [['a.example', ['p2']]]);
});

test.run();
