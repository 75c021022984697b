// The questions behind `certs`, asked without a command line.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { askCertificateChains, askCertificateTexts } from '#questions/certs/certificate-chains.ts';
import { askHostCertificates } from '#questions/certs/host-certificates.ts';
import { askUpstreamCas } from '#questions/certs/upstream-cas.ts';
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

test.run();
