// An update that every Envoy rejects, of all listeners with HTTP: istiod does not look into what an EnvoyFilter adds.

import { apply, kubectl, namespace } from './cluster.ts';

/** A rate limit, of which Envoy says this. */
export const whyRejected = 'MaxTokens: value must be greater than 0';

const withoutTokens = {
  name: 'test.limit',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.local_ratelimit.v3.LocalRateLimit',
    stat_prefix: 'test',
    token_bucket: { fill_interval: '60s' },
  },
};

const manager = 'envoy.filters.network.http_connection_manager';

export async function whileListenersAreRejected(run: () => Promise<void>): Promise<void> {
  apply({
    apiVersion: 'networking.istio.io/v1alpha3',
    kind: 'EnvoyFilter',
    metadata: { name: 'test-rejected', namespace },
    spec: {
      workloadSelector: { labels: { istio: 'ingressgateway' } },
      configPatches: [
        {
          applyTo: 'HTTP_FILTER',
          match: { context: 'GATEWAY', listener: { filterChain: { filter: { name: manager } } } },
          patch: { operation: 'INSERT_FIRST', value: withoutTokens },
        },
      ],
    },
  });
  try {
    await run();
  } finally {
    kubectl('-n', namespace, 'delete', 'envoyfilter', 'test-rejected');
  }
}
