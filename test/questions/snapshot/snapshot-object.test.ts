import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readKubernetesSecret } from '#dump/kubernetes-secret.ts';
import { secretStub } from '#questions/snapshot/snapshot-object.ts';
import { leaf } from '../../support/certificates.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const key = ['-----BEGIN ', 'PRIVATE KEY-----\nAAAA\n-----END ', 'PRIVATE KEY-----\n'].join('');

test('certificates of a Secret are kept under each of the names that PEM has for them, and nothing else is', () => {
  for (const name of ['CERTIFICATE', 'X509 CERTIFICATE', 'TRUSTED CERTIFICATE']) {
    const chain = leaf.replaceAll('CERTIFICATE', name);
    const data = { 'tls.crt': base64(key + chain), 'tls.key': base64(key) };
    const { stub, leftOut } = secretStub({ metadata: { name: 'a' }, type: 'kubernetes.io/tls', data });
    assert.equal([stub['data'], leftOut], [{ 'tls.crt': base64(chain), 'tls.key': '' }, 2], name);
    assert.is(readKubernetesSecret(stub).unreadable, undefined, name);
  }
});

test.run();
