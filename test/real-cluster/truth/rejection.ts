// An update of all listeners with HTTP that every Envoy rejects.

import { apply, kubectl, namespace } from './cluster.ts';

/** Envoy compiles the script when it takes the listener; istiod does not look into it. */
const broken = {
  name: 'test.lua',
  typed_config: {
    '@type': 'type.googleapis.com/envoy.extensions.filters.http.lua.v3.Lua',
    default_source_code: { inline_string: 'this is not lua' },
  },
};

/** Envoy's words. */
export const whyRejected = 'script load error';

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
          patch: { operation: 'INSERT_BEFORE', value: broken },
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
