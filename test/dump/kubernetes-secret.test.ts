import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { KubeObject } from '#core/kube-object.ts';
import { readCertManagerCertificate, readKubernetesSecret } from '#dump/kubernetes-secret.ts';
import { intermediate, leaf, root, rsaLeaf } from '../support/certificates.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
const metadata = { name: 'a', namespace: 'istio-system', creationTimestamp: '2026-01-01T00:00:00Z' };

test('reads the chain and the CA of a Secret, by either of the names that istiod takes', () => {
  const tls = readKubernetesSecret({
    metadata,
    data: { 'tls.crt': base64(leaf + intermediate), 'tls.key': base64('secret'), 'ca.crt': base64(root) },
  });
  assert.equal(
    [tls.chain.map(({ serial }) => serial), tls.authorities.length, tls.unreadable],
    [['1001', tls.chain[1]?.serial], 1, undefined],
  );
  const generic = readKubernetesSecret({
    metadata,
    data: { cert: base64(leaf), key: base64('secret'), cacert: base64(root) },
  });
  assert.equal([generic.chain.length, generic.authorities.length], [1, 1]);
  assert.not.match(JSON.stringify([tls, generic]), base64('secret'));
});

test('takes the pair that istiod takes, and neither half without the other', () => {
  const read = (data: Readonly<Record<string, string>>, type = 'Opaque') => {
    const { chain, unreadable, authorities } = readKubernetesSecret({ metadata, type, data } as KubeObject);
    return [chain[0]?.serial ?? unreadable, authorities[0]?.commonName];
  };
  const [tls, generic] = [base64(leaf), base64(rsaLeaf)];
  const key = base64('<redacted>');
  assert.equal(read({ 'tls.crt': tls, 'tls.key': key, cert: generic, key })[0], '1007');
  assert.equal(read({ 'tls.crt': tls, 'tls.key': key, cert: generic })[0], '1001');
  assert.match(read({ 'tls.crt': tls })[0] ?? '', /^it has tls.crt and no tls.key, and istiod takes neither/);
  assert.equal(read({ 'tls.crt': tls }, 'kubernetes.io/tls')[0], '1001');
  const both = { 'ca.crt': base64(root), cacert: base64(intermediate) };
  assert.equal(read({ 'tls.crt': tls, 'tls.key': key, ...both })[1], 'discovery intermediate');
});

test('says why there is no chain', () => {
  assert.is(readKubernetesSecret({ metadata }).unreadable, 'it has no tls.crt');
  assert.is(readKubernetesSecret({ metadata, data: { 'tls.crt': '' } }).unreadable, 'it has no tls.crt');
  assert.is(
    readKubernetesSecret({ metadata, data: { 'tls.crt': base64('junk') } }).unreadable,
    'no certificate in 4 bytes',
  );
  assert.is(readKubernetesSecret({ metadata, data: { 'tls.crt': 7 } }).unreadable, 'it has no tls.crt');
});

test('says where certificates stand that istiod does not take for a server', () => {
  const unreadable = (data: Readonly<Record<string, string>>): string | undefined =>
    readKubernetesSecret({ metadata, data }).unreadable;
  assert.is(
    unreadable({ 'server.pem': base64(leaf), 'ca.crt': base64(root), password: base64('x') }),
    'it has no tls.crt; it has certificates in ca.crt, server.pem, from where istiod takes none for a server',
  );
  const key = ['-----BEGIN ', 'PRIVATE KEY-----\nAAAA\n-----END ', 'PRIVATE KEY-----\n'].join('');
  assert.is(unreadable({ 'tls.crt': base64(key) }), 'its tls.crt holds a private key and no certificate');
  assert.is(unreadable({ 'tls.crt': base64(key + leaf), 'tls.key': '' }), undefined);
});

test('a Secret was changed when one of its managers last wrote, else when it was made', () => {
  const managedFields = [{ time: '2026-11-02T00:00:00Z' }, { time: '2026-11-20T00:00:00Z' }, {}];
  assert.is(readKubernetesSecret({ metadata: { ...metadata, managedFields } }).changedAt, '2026-11-20T00:00:00Z');
  assert.is(readKubernetesSecret({ metadata }).changedAt, '2026-01-01T00:00:00Z');
  const printed = JSON.parse('{"name": "a", "creationTimestamp": null}');
  assert.is(readKubernetesSecret({ metadata: printed }).changedAt, undefined);
});

test('reads the condition Ready of a cert-manager Certificate, and does without any status', () => {
  const conditions = [
    { type: 'Issuing', status: 'True' },
    {
      type: 'Ready',
      status: 'False',
      reason: 'Expired',
      message: 'expired',
      lastTransitionTime: '2026-11-21T00:00:00Z',
    },
  ];
  const found = readCertManagerCertificate({
    metadata,
    spec: { secretName: 's', dnsNames: ['a.example', 1], commonName: 'b.example' },
    status: { conditions, renewalTime: '2026-11-11T00:00:00Z' },
  });
  assert.equal(found, {
    namespace: 'istio-system',
    name: 'a',
    secretName: 's',
    dnsNames: ['a.example'],
    commonName: 'b.example',
    isReady: false,
    reason: 'Expired',
    message: 'expired',
    since: '2026-11-21T00:00:00Z',
    notAfter: undefined,
    renewalTime: '2026-11-11T00:00:00Z',
    issuingSince: '',
  });
  assert.is(readCertManagerCertificate({ metadata, spec: {}, status: 'junk' }).isReady, false);
});

test('reads what became of the last attempt, and whether its status is of what it is now', () => {
  const read = (issuing: object, status: object = {}, generation = 2) => {
    const conditions = [{ type: 'Ready', status: 'True', observedGeneration: 2 }, issuing];
    const { failure, issuingSince, isOutdated } = readCertManagerCertificate({
      metadata: { ...metadata, generation },
      spec: {},
      status: { conditions, ...status },
    });
    return [failure, issuingSince, isOutdated];
  };
  const failed = { type: 'Issuing', status: 'False', reason: 'Failed', message: 'no', lastTransitionTime: 't' };
  const counted = { lastFailureTime: 'u', failedIssuanceAttempts: 2 };
  assert.equal(read(failed), [{ at: 't', attempts: 1, reason: 'Failed', message: 'no' }, undefined, undefined]);
  assert.equal(read(failed, counted)[0], { at: 'u', attempts: 2, reason: 'Failed', message: 'no' });
  const going = { type: 'Issuing', status: 'True', reason: 'Renewing', lastTransitionTime: 't' };
  assert.equal(read(going), [undefined, 't', undefined]);
  assert.equal(read(going, counted, 3), [{ at: 'u', attempts: 2, reason: undefined, message: undefined }, 't', true]);
});

test.run();
