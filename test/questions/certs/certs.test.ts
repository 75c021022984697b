// The questions behind `certs`, asked without a command line.

import { X509Certificate } from 'node:crypto';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import certificateServed from '#analysis/checks/certificate-served.ts';
import { mintCertificate } from '#apiserver/certificate.ts';
import type { Source } from '#core/source.ts';
import { askCertificateChains, askCertificateTexts } from '#questions/certs/certificate-chains.ts';
import { askHostCertificates } from '#questions/certs/host-certificates.ts';
import { askUpstreamCas } from '#questions/certs/upstream-cas.ts';
import { askCheck } from '#questions/check/check.ts';
import { withDemoSource } from '../../support/demo-source.ts';

const host = 'svc1.discovery.wmnet';

test('one source answers all questions about the certificates of a host', () =>
  withDemoSource({}, async ({ source, asking, warned }) => {
    const question = { asked: host, part: 'certificate', served: false, failWithin: undefined } as const;
    const hosts = await askHostCertificates(source, question, asking);
    assert.equal([...new Set(hosts.items.map(({ value }) => `${value.host}:${value.port}`))], [`${host}:8443`]);
    assert.is(hosts.findings, false);
    assert.is(hosts.incomplete, false);

    const chains = await askCertificateChains(source, { asked: host, part: 'certificate' }, asking);
    assert.is(chains.items.length, 3, 'one of each pod');
    assert.ok(chains.items.every(({ pem }) => pem.startsWith('-----BEGIN CERTIFICATE-----')));

    const texts = await askCertificateTexts(source, { asked: host, part: 'certificate' }, asking);
    assert.ok(texts.items.every(({ details }) => details.length > 0));

    const upstreams = await askUpstreamCas(source, { asked: host, failWithin: undefined }, asking);
    assert.ok(upstreams.items.every(({ value }) => value.hosts.includes(host)));
    assert.equal(warned, []);
  }));

test('what ends within the time is a finding', () =>
  withDemoSource({}, async ({ source, asking }) => {
    const century = 100 * 365 * 86_400_000;
    const question = { asked: host, part: 'certificate', served: false, failWithin: century } as const;
    const { findings, notes } = await askHostCertificates(source, question, asking);
    assert.is(findings, true);
    assert.match(notes?.join('\n') ?? '', `: ${host}`);
  }));

test('a host that nobody serves has no certificate on any port', () =>
  withDemoSource({}, async ({ source, asking }) => {
    const question = {
      asked: 'svc1.discovery.wmnt',
      part: 'certificate',
      served: false,
      failWithin: undefined,
    } as const;
    const { items } = await askHostCertificates(source, question, asking);
    assert.equal([...new Set(items.map(({ value }) => value.outcome))], ['none']);
  }));

/** A source whose pods hold a chain in the wrong order for the host, and serve what `handshake` gives. */
function misordered(source: Source, handshake: Source['handshake']): Source {
  return {
    ...source,
    handshake,
    everyPod: (ask, only, fanOut) =>
      source.everyPod(
        (admin) =>
          ask({
            ...admin,
            get: async (request) => {
              const text = (await admin.get(request)).toString('utf8');
              return Buffer.from(text.replaceAll(/"inline_bytes": ?"([^"]+)"/g, turned));
            },
          }),
        only,
        fanOut,
      ),
  };
}

/** The first two certificates of a bundle change places. */
function turned(whole: string, base64: string): string {
  const blocks = Buffer.from(base64, 'base64')
    .toString()
    .split(/(?=-----BEGIN)/);
  const [first = '', second = '', ...rest] = blocks;
  return second === ''
    ? whole
    : whole.replace(base64, Buffer.from([second, first, ...rest].join('')).toString('base64'));
}

const asked = { asked: host, part: 'certificate', served: false, failWithin: 86_400_000 } as const;

test('a chain in the wrong order is doubtful: a handshake tells what is served, and the answer says for which host', () =>
  withDemoSource({}, async ({ source, asking }) => {
    const { certificate } = mintCertificate(asking.now);
    const chain = [new X509Certificate(certificate).raw];
    const tried: string[] = [];
    const wrong = misordered(source, async (pod, port, { serverName }) => {
      tried.push(`${pod.name} ${serverName}:${port}`);
      return { outcome: 'certificate', chain, protocol: 'TLSv1.3', alpn: 'h2' };
    });
    const { items, findings, extra, notes } = await askHostCertificates(wrong, asked, asking);
    assert.is(new Set(tried).size, 3);
    assert.ok(
      tried.every((one) => one.endsWith(` ${host}:8443`)),
      tried.join(),
    );
    assert.is(findings, true);
    const problems = items.flatMap((item) => item.problems.filter(({ code }) => code === 'served-differs'));
    assert.match(problems[0]?.text ?? '', 'which Envoy cannot use: ');
    assert.equal(problems[0]?.about?.kind, 'Secret');
    assert.match(notes?.join() ?? '', `a TLS handshake was made for ${host}:8443 on 3 pods`);
    assert.match(JSON.stringify(extra), host);
  }));

test('without a handshake it is not judged, and an answer that judges is incomplete', () =>
  withDemoSource({}, async ({ source, asking }) => {
    const never = misordered(source, async () => {
      throw new Error('no handshake is wanted');
    });
    const { items, incomplete } = await askHostCertificates(never, { ...asked, handshake: false }, asking);
    const codes = items.flatMap(({ problems }) => problems.map(({ code }) => code));
    assert.ok(codes.includes('not-judged'));
    assert.is(incomplete, true);
    const checks = [certificateServed];
    const checked = await askCheck(never, { checks, handshake: false }, asking);
    assert.equal([checked.findings, checked.incomplete], [false, true]);
    assert.match(checked.items[0]?.findings[0]?.text ?? '', 'is not judged (--no-handshake)');
  }));

test('a host that nothing speaks against is not tried', () =>
  withDemoSource({}, async ({ source, asking }) => {
    const never: Source = { ...source, handshake: async () => assert.unreachable('no handshake is wanted') as never };
    assert.is((await askHostCertificates(never, asked, asking)).findings, false);
  }));

test.run();
