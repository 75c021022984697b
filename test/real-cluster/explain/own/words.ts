// The words that an Envoy without istiod is configured and asked with, beside those of every rule (../words.ts).

/** Of requests and virtual hosts: names, wildcards' parts, addresses, with and without port. */
export const hosts = [
  'a.test',
  'a.test:8080',
  'b.test',
  'x.w.test',
  'y.z.w.test',
  'w.test',
  'pre.any',
  'pre.test',
  '127.0.0.2',
  '[::1]',
  '[::1]:8080',
  'other.test',
];

export const clusters = ['one', 'two.svc', 'outbound|80||three.ns.svc.cluster.local'] as const;

/** In the route and in no cluster; and one that has no endpoint. */
export const brokenClusters = ['missing', 'empty'] as const;

/** Headers that the gateway writes, changes or takes away. */
export const treatedHeaders = [
  'x-forwarded-proto',
  'x-forwarded-port',
  'x-forwarded-for',
  'x-forwarded-client-cert',
  'x-envoy-original-path',
  'x-envoy-retry-on',
  'x-envoy-downstream-service-node',
  'x-request-id',
  'via',
  'referer',
  'te',
  'x_under',
  'x-internal',
  'keep-alive',
  'x-envoy-external-address',
] as const;

export const treatedValues: Readonly<Record<string, readonly string[]>> = {
  'x-forwarded-proto': ['https', 'http', 'HTTPS', 'https,http', 'ftp', ''],
  'x-forwarded-port': ['443', '1'],
  'x-forwarded-for': ['192.0.2.1', '192.0.2.1, 198.51.100.7', '10.0.0.1', 'odd'],
  'x-forwarded-client-cert': ['By=x'],
  'x-envoy-original-path': ['/was'],
  'x-envoy-retry-on': ['5xx'],
  'x-envoy-downstream-service-node': ['node-1', 'node-2'],
  'x-request-id': ['id'],
  via: ['1.1 p'],
  referer: ['http://a.test/', '/x', 'odd', 'http://u@a.test/', 'http://a.test/#f', 'a.test/x'],
  te: ['trailers', 'gzip', 'gzip, trailers'],
  x_under: ['1'],
  'x-internal': ['1'],
  'keep-alive': ['5'],
  'x-envoy-external-address': ['192.0.2.1'],
};

/** Keys of the runtime; some have a value. */
export const runtimeKeys = ['truth.a', 'truth.b', 'truth.c', 'truth.none'] as const;

export const weightPrefixes = ['weights.x', 'weights.none'] as const;

export const origins = ['https://a.test', 'https://x.w.test', 'http://b.test:8080', 'null', '*', ''] as const;
