// `explain` asked without a command line.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readExpectation } from '#analysis/request/expectation.ts';
import { explain } from '#analysis/request/explain.ts';
import { readRequest } from '#analysis/request/request.ts';
import { mintCertificate } from '#apiserver/certificate.ts';
import type { Source } from '#core/source.ts';
import { askHostCertificates } from '#questions/certs/host-certificates.ts';
import { withoutSettled } from '#questions/explain/doubtful-certificates.ts';
import { askExplain } from '#questions/explain/explain.ts';
import { configuration, entry, request } from '../../support/builders/way.ts';
import { withDemoSource } from '../../support/demo-source.ts';
import { replaced } from '../../support/replaced.ts';

function asked(url: string, expected: readonly string[] = []) {
  const typed = { url, method: 'GET', headers: [], sni: undefined, hasClientCertificate: false };
  return { ...readRequest(typed), url, toSend: undefined, expectations: expected.map(readExpectation) };
}

test('the way of a request on every pod, with what was expected of it', () =>
  withDemoSource({}, async ({ source, asking, warned }) => {
    const answer = await askExplain(source, asked('https://svc1.discovery.wmnet/two', ['host=a.example']), asking);
    const [first] = answer.items;
    assert.is(answer.pods.length, 3);
    assert.is(first?.value.entry.listenerPort, 8443);
    assert.is(first?.value.gateway?.name, 'svc1-main');
    assert.ok(first?.value.outcomes.some(({ kind }) => kind === 'forward'));
    assert.is(answer.findings, true);
    assert.match(answer.notes?.join('\n') ?? '', 'host=a.example');
    assert.equal(warned, []);
  }));

test('a password of the URL is in no document', () =>
  withDemoSource({}, async ({ source, asking }) => {
    const { extra } = await askExplain(source, asked('https://me:secret@svc1.discovery.wmnet/a@b'), asking);
    assert.match(JSON.stringify(extra), '"url":"https://svc1.discovery.wmnet/a@b"');
  }));

test('where nothing listens, only listeners were asked for', () =>
  withDemoSource({}, async ({ source, asking }) => {
    const { items, findings } = await askExplain(source, asked('https://svc1.discovery.wmnet:9999/'), asking);
    assert.equal(
      items.flatMap(({ value }) => value.outcomes.map((outcome) => outcome.kind)),
      ['fail'],
    );
    assert.is(findings, false);
  }));

test('without the Services the usual ports are taken, and that is said', () => {
  const forbidden = {
    resource: 'services',
    at: 'request',
    does: 'status',
    code: 403,
    reason: 'Forbidden',
    message: 'no',
  } as const;
  return withDemoSource({ faults: [forbidden] }, async ({ source, asking, warned }) => {
    const { items } = await askExplain(source, asked('https://svc1.discovery.wmnet/'), asking);
    assert.is(items[0]?.value.entry.by, 'usual port');
    assert.match(
      warned.join('\n'),
      "cannot read the gateway's Services: this tool assumes that port 443 is listener port 8443",
    );
  });
});

/** A source whose Services lack this port. */
const withoutPort = (source: Source, port: number): Source =>
  replaced<Source>(source, {
    list: async (...asked: Parameters<Source['list']>) => {
      const objects = await source.list(...asked);
      if (asked[0] !== 'services') return objects;
      return objects.map((one) => {
        const { ports = [], ...spec } = one.spec as { readonly ports?: readonly { readonly port: number }[] };
        return { ...one, spec: { ...spec, ports: ports.filter((own) => own.port !== port) } };
      });
    },
  });

test('a port to which no Service leads is said to be so, by explain and by certs', () =>
  withDemoSource({}, async ({ source, asking }) => {
    const why = 'no Service of the gateway has port 8444 (they have 80, 443, 8445 and 15021)';
    const cut = withoutPort(source, 8444);
    const { items } = await askExplain(cut, asked('https://mtls.discovery.wmnet:8444/'), asking);
    assert.match(items[0]?.value.caveats.join() ?? '', why);
    const question = {
      asked: 'mtls.discovery.wmnet',
      part: 'certificate',
      served: false,
      failWithin: undefined,
    } as const;
    const { items: rows } = await askHostCertificates(cut, question, asking);
    assert.match(rows[0]?.problems.map(({ text }) => text).join() ?? '', why);
    const whole = await askExplain(source, asked('https://mtls.discovery.wmnet:8444/'), asking);
    assert.not.match(whole.items[0]?.value.caveats.join() ?? '', 'no Service');
  }));

/** A source whose Secret of the host has a key that is not the certificate's. */
const withOtherKey = (source: Source, now: Date): Source =>
  replaced<Source>(source, {
    read: async (...asked: Parameters<Source['read']>) => {
      const object = await source.read(...asked);
      if (asked[0] !== 'secrets' || !object) return object;
      const key = Buffer.from(mintCertificate(now).key).toString('base64');
      return { ...object, data: { ...(object['data'] as object), 'tls.key': key } };
    },
  });

test('a Secret whose key does not fit: explain has the doubt of certs, once for all pods, and asks no pod for it', () =>
  withDemoSource({}, async ({ source, asking }) => {
    const wrong = withOtherKey(source, asking.now);
    const question = {
      asked: 'svc1.discovery.wmnet',
      part: 'certificate',
      served: false,
      failWithin: undefined,
    } as const;
    const { items: rows } = await askHostCertificates(wrong, { ...question, handshake: false }, asking);
    const { items } = await askExplain(wrong, asked('https://svc1.discovery.wmnet/two'), asking);
    const doubts = items.map(({ value }) => value.chain?.certificates[0]?.doubt);
    assert.is(doubts.length, 1);
    assert.match(doubts[0] ?? '', /^of Secret istio-system\/svc1-tls-certificate its key is /);
    assert.match(rows.flatMap(({ problems }) => problems.map(({ text }) => text)).join(), `: ${doubts[0]}`);
  }));

test('a doubt is over where the answers came with that certificate', () => {
  const chain = {
    serverName: 'a.example',
    isDefault: false,
    tls: undefined,
    certificates: [{ secret: 'a', isLoaded: true, notAfter: undefined, serial: '05', coversHost: true, doubt: 'x' }],
  };
  const doubtAfter = (...serials: string[]): unknown =>
    withoutSettled(
      { ...explain(configuration(), request(), entry), chain },
      serials.map((serial) => ({ serial })),
    ).chain?.certificates[0]?.doubt;
  assert.is(doubtAfter(), 'x');
  assert.is(doubtAfter('05', '05'), undefined);
  assert.is(doubtAfter('05', '06'), 'x');
  assert.is(doubtAfter('06'), 'x');
});

test.run();
