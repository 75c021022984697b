// What `--anonymous` knows as a name, wherever it stands, and what it must leave for the snapshot to be read.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { anonymizer } from '#questions/snapshot/anonymous.ts';
import { collectNames } from '#questions/snapshot/names.ts';
import { leaf } from '../../support/certificates.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');

/** `acme` followed by digits is somebody's name; with `is`, it is also met in the words of another file. */
const objects = [
  { metadata: { name: 'acme1', namespace: 'acme2', generateName: 'acme1-', labels: { 'acme3.example/team': 'x' } } },
  { metadata: { annotations: { 'external-dns.alpha.kubernetes.io/hostname': 'acme4.example', note: 'see acme4' } } },
  {
    metadata: {
      annotations: { 'cert-manager.io/issuer-name': 'acme5', at: 'https://acme6.example/x', by: 'acme7@acme8.example' },
    },
  },
  { spec: { externalName: 'acme9.example', serviceAccountName: 'acme10', imagePullSecrets: [{ name: 'acme11' }] } },
  { spec: { containers: [{ name: 'istio-proxy', image: 'acme12.example:5000/acme13/proxyv2:1.2' }] } },
  { status: { containerStatuses: [{ imageID: 'docker-pullable://acme14.example/x@sha256:00' }] } },
  {
    spec: {
      servers: [
        { tls: { credentialName: 'acme15', subjectAltNames: ['spiffe://acme16.example/ns/acme17/sa/acme18'] } },
      ],
    },
  },
  {
    spec: {
      http: [{ name: 'acme19', match: [{ authority: { exact: 'acme20.example' }, sourceNamespace: 'acme21' }] }],
    },
  },
  {
    spec: {
      tls: [{ match: [{ sniHosts: ['acme22.example'] }] }],
      exportTo: ['acme23'],
      redirect: { authority: 'acme24' },
    },
  },
  { spec: { subsets: [{ name: 'acme25', labels: {} }], hostnames: ['acme26.example'], ingressClassName: 'acme27' } },
  {
    spec: {
      emailAddresses: ['acme28@acme29.example'],
      subject: { organizations: ['acme30'] },
      providerID: 'aws:///z/acme31',
    },
  },
  { kind: 'Event', message: 'https://acme32.example/healthz failed' },
];

const answer = {
  node: { id: 'router~10.0.0.9~acme40.acme41~acme42.svc.cluster.local', metadata: { SERVICE_ACCOUNT: 'acme43' } },
  OWNER: 'kubernetes://apis/apps/v1/namespaces/acme44/deployments/acme45',
  stats: [{ name: 'cluster.outbound|80|acme46|acme47.example;.upstream_cx_total' }],
  clusters: [{ name: 'outbound|443||acme48.example' }, { sni: 'outbound_.80_.acme49_.acme50.example' }],
  endpoint: { address: { socket_address: { address: 'acme51.example' } } },
  headers: [{ name: ':authority', string_match: { exact: 'acme52.example' } }],
  origins: [{ safe_regex: { regex: 'https://.*\\.acme53\\.example' } }],
  secret: { name: 'kubernetes://acme54' },
  certificates: [{ serial_number: 'c78098c59785b311a1b48ac0fa5afead' }],
};

const access = { kubeconfigs: ['/home/acme60/config'], permissions: { 'get pods. acme61': true }, user: 'acme61' };

const json = (value: unknown): string => JSON.stringify(value);

test('no name of the objects, of a pod, and of who asked is left', () => {
  const known = new Set<string>();
  collectNames(answer, known);
  const files = new Map([
    ['objects/pods.json', json(objects)],
    ['pods/acme1/config_dump.json', json(answer)],
    ['access.json', json(access)],
    ['logs/gateway/0.log', '2026-11-23T12:00:00Z acme1 GET /acme9/acme61'],
  ]);
  const anonymous = anonymizer(files, known);
  const all = [...files].map(([path, text]) => `${anonymous.text(path)} ${anonymous.text(text)}`).join('\n');
  assert.equal(all.match(/acme\d+|c78098c\w+/g), null);
  assert.match(all, /"spiffe:\/\/anon\d+\.anon\d+\/ns\/anon\d+\/sa\/anon\d+"/);
  assert.match(all, /"get pods\. anon\d+"/);
});

test('words of files and of their structure stay, whatever somebody calls so', () => {
  const taken = [
    'logs',
    'pods',
    'json',
    'index',
    'istio-ingress',
    'Snapshot',
    'istiods',
    'forbidden',
    'Running',
    'gateways',
    'log',
  ];
  const names = taken.map((name) => ({ kind: 'Namespace', metadata: { name, uid: 'u' } }));
  const index = { apiVersion: 'istio-ingress/v1', kind: 'Snapshot', phase: 'Running', logs: {}, code: 'forbidden' };
  const files = new Map([
    ['index.json', json(index)],
    ['logs/istiod/0.log', ''],
    ['pods/logs/clusters.json', json({ failedPods: { 'logs-x': 1 } })],
    ['istiods/a/syncz.json', '{}'],
    ['objects/namespaces.json', json(names)],
    ['objects/gateways.json', '[]'],
  ]);
  const anonymous = anonymizer(files, []);
  for (const [path, text] of files) assert.equal([anonymous.text(path), anonymous.text(text)], [path, text]);
  assert.equal(anonymous.key().kept, taken.toSorted());
});

test('a certificate is withheld whatever stands before it', () => {
  for (const before of ['', '#', 'subject=CN = acme', 'Bag Attributes\n']) {
    const text = json({ a: { inline_bytes: base64(`${before}${leaf}`), inline_string: `${before}${leaf}` } });
    const { text: made } = anonymizer(new Map(), []);
    assert.not.match(made(text), new RegExp(`${base64(`${before}${leaf}`).slice(200, 240)}|BEGIN`), before);
    assert.match(made(text), base64('[withheld]'));
  }
  const header = `Cert="${encodeURIComponent(leaf.replace('BEGIN CERT', 'BEGIN TRUSTED CERT').replace('END CERT', 'END TRUSTED CERT'))}"`;
  assert.is(anonymizer(new Map(), []).text(header), 'Cert="[withheld]%0A"');
});

test('an address becomes another also in names and paths, and a version stays', () => {
  const { text } = anonymizer(new Map(), []);
  for (const one of [
    'listener.203.0.113.9_8443.x',
    '203.0.113.9_443',
    'GET /r/203.0.113.9/x',
    'http.outbound_203.0.113.9_80',
  ])
    assert.is(text(one), one.replace('203.0.113.9', '240.0.0.1'));
  for (const one of ['Chrome/120.0.0.0 x', '0.0.0.0_8443', '1.2.3.4.5']) assert.is(text(one), one);
});

test.run();
