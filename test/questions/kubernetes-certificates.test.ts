// How the Secrets behind certificates are read: one answer for many where that is allowed, and each by its name.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { mintCertificate } from '#apiserver/certificate.ts';
import { ToolError } from '#core/error.ts';
import type { KubeObject, ListOptions } from '#core/kube-object.ts';
import type { Source } from '#core/source.ts';
import { readKubernetesCertificates, readSecretsBehind } from '#questions/kubernetes-certificates.ts';

const { certificate } = mintCertificate(new Date());
const base64 = Buffer.from(certificate).toString('base64');
const data = { 'tls.crt': base64, 'tls.key': '', 'ca.crt': base64 };
const secret = (name: string): KubeObject => ({ metadata: { namespace: 'istio-system', name }, data });

/** `listed`: the names that a list has, or why there is none. All but `absent` can be read by their names. */
function source(listed: readonly string[] | ToolError, absent: readonly string[] = []) {
  const lists: ListOptions[] = [];
  const reads: string[] = [];
  const own: Pick<Source, 'list' | 'read'> = {
    list: async (_resource, options = {}) => {
      lists.push(options);
      if (listed instanceof ToolError) throw listed;
      return listed.map(secret);
    },
    read: async (_resource, _namespace, name) => {
      reads.push(name);
      return absent.includes(name) ? undefined : secret(name);
    },
  };
  return { source: own as Source, lists, reads };
}

const names = (count: number): string[] => Array.from({ length: count }, (_, index) => `svc${index}-tls`);
const sds = (all: readonly string[]): string[] => all.map((name) => `kubernetes://${name}`);

test('many Secrets of one namespace come in one list of those of TLS, the others by their names', async () => {
  const [all, opaque] = [names(40), ['svc3-tls', 'svc7-tls']];
  const asked = source(all.filter((name) => !opaque.includes(name)).concat('of-somebody-else'), ['svc7-tls']);
  const { found, failed } = await readSecretsBehind(asked.source, sds(all), 'istio-system');
  assert.equal(asked.lists, [{ namespace: 'istio-system', fieldSelector: 'type=kubernetes.io/tls' }]);
  assert.equal(asked.reads.toSorted(), opaque);
  assert.equal([...found.keys()].toSorted(), sds(all).toSorted());
  assert.is(found.get('kubernetes://svc7-tls')?.content, undefined);
  assert.is(found.get('kubernetes://svc1-tls')?.content?.chain.length, 1);
  assert.is(failed, undefined);
});

test('who may not list Secrets reads each, and few are not listed', async () => {
  const forbidden = source(new ToolError('forbidden', 'cannot list secrets in istio-system: it is forbidden'));
  const read = await readSecretsBehind(forbidden.source, sds(names(25)), 'istio-system');
  assert.is(forbidden.lists.length, 1);
  assert.equal(forbidden.reads.toSorted(), names(25).toSorted());
  assert.is(read.found.size, 25);
  assert.is(read.failed, undefined);
  const few = source([]);
  await readSecretsBehind(few.source, sds(names(19)), 'istio-system');
  assert.equal([few.lists.length, few.reads.length], [0, 19]);
});

test('of the Certificates that fill a Secret, the one that it names is asked, and the others are its rivals', async () => {
  const asked = source([]);
  const certificate = (name: string, secretName: string): KubeObject => ({
    metadata: { namespace: 'istio-system', name },
    spec: { secretName },
  });
  const of = async (...certificates: KubeObject[]) => {
    const named = { ...secret('a'), metadata: { ...secret('a').metadata, annotations: { [annotation]: 'named' } } };
    const both = {
      read: async () => named,
      list: async () => certificates,
    } as unknown as Source;
    const { found } = await readKubernetesCertificates(
      { ...asked.source, ...both },
      ['kubernetes://a'],
      'istio-system',
    );
    const { issuedBy, rivals } = found.get('kubernetes://a') ?? {};
    return [issuedBy?.name, rivals];
  };
  assert.equal(await of(certificate('other', 'a'), certificate('named', 'a')), ['named', ['other']]);
  assert.equal(await of(certificate('other', 'a'), certificate('named', 'b')), ['other', undefined]);
  assert.equal(await of(certificate('other', 'b'), certificate('named', 'b')), ['named', undefined]);
  assert.equal(await of(certificate('other', 'b')), [undefined, undefined]);
});
const annotation = 'cert-manager.io/certificate-name';

test('the CA of NAME-cacert is in a Secret of that name, else in that of the certificate, and else nowhere', async () => {
  const found = async (...absent: string[]) => {
    const asked = source([], absent);
    const { found: read } = await readSecretsBehind(asked.source, ['kubernetes://a-cacert'], 'istio-system');
    const { name, content } = read.get('kubernetes://a-cacert') ?? {};
    return [name, content?.chain.length, asked.reads];
  };
  assert.equal(await found(), ['a-cacert', 1, ['a-cacert']]);
  assert.equal(await found('a-cacert'), ['a', 1, ['a-cacert', 'a']]);
  assert.equal(await found('a-cacert', 'a'), ['a-cacert', undefined, ['a-cacert', 'a']]);
});

test.run();
