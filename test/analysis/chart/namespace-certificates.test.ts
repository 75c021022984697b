import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  type NamespaceValues,
  namespaceCertificates,
  namespaceValues,
} from '#analysis/chart/namespace-certificates.ts';
import { field } from '#core/json.ts';

const namesIn = (values: NamespaceValues, environment: string): object =>
  Object.fromEntries(
    namespaceCertificates(values, environment).map(({ namespace, object: { spec } }) => [
      namespace,
      [field(spec, 'secretName'), field(spec, 'commonName'), field(spec, 'dnsNames')],
    ]),
  );

test('a namespace has its name in every domain; its own hosts and further names are added', () => {
  const values: NamespaceValues = {
    namespaces: { plain: undefined, jaeger: { tlsHostnames: ['collector', 'query'], tlsExtraSANs: ['trace.example'] } },
  };
  assert.equal(namesIn(values, 'eqiad'), {
    plain: [
      'plain-tls-certificate',
      'plain.discovery.wmnet',
      ['plain.discovery.wmnet', 'plain.svc.codfw.wmnet', 'plain.svc.eqiad.wmnet'],
    ],
    jaeger: [
      'jaeger-tls-certificate',
      'collector.discovery.wmnet',
      [
        'collector.discovery.wmnet',
        'collector.svc.codfw.wmnet',
        'collector.svc.eqiad.wmnet',
        'query.discovery.wmnet',
        'query.svc.codfw.wmnet',
        'query.svc.eqiad.wmnet',
        'trace.example',
      ],
    ],
  });
});

test('staging has one domain, with an exception', () => {
  const values: NamespaceValues = { namespaces: { a: {}, b: { tlsHostnames: ['inference-staging'] } } };
  assert.equal(namesIn({ namespaces: { a: {} } }, 'staging-eqiad'), {
    a: ['a-tls-certificate', 'a.k8s-staging.discovery.wmnet', ['a.k8s-staging.discovery.wmnet']],
  });
  assert.equal(namesIn(values, 'ml-staging-codfw'), {
    a: ['a-tls-certificate', 'a.k8s-ml-staging.discovery.wmnet', ['a.k8s-ml-staging.discovery.wmnet']],
    b: [
      'b-tls-certificate',
      'inference-staging.k8s-ml-staging.discovery.wmnet',
      ['inference-staging.discovery.wmnet', 'inference-staging.svc.codfw.wmnet', 'inference-staging.svc.eqiad.wmnet'],
    ],
  });
});

test('namespaces of the system have a certificate only where they ask for it', () => {
  const values: NamespaceValues = {
    namespaces: {
      'kube-system': {},
      default: {},
      'kube-plain': { systemNamespace: false },
      system: { systemNamespace: true },
      asks: { systemNamespace: true, deployTLSCertificate: true },
      refuses: { deployTLSCertificate: false },
    },
  };
  assert.equal(Object.keys(namesIn(values, 'codfw')), ['kube-plain', 'asks']);
});

test('other types are named', () => {
  const wrong = (entry: object): string | undefined => namespaceValues({ namespaces: { a: entry } }, '');
  assert.is(wrong({ tlsHostnames: 'a' }), 'namespaces["a"].tlsHostnames is "a", not a list');
  assert.match(wrong({ tlsHostnames: [] }) ?? '', /namespaces\["a"\]\.tlsHostnames is a list, not a list with a name/);
  assert.match(
    wrong({ systemNamespace: 'yes' }) ?? '',
    /namespaces\["a"\]\.systemNamespace is "yes", not true or false/,
  );
  assert.is(wrong({}), undefined);
});

test.run();
