// Endpoints of a few clusters: asked for by their names, and told from others where an Envoy answers with all.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Admin, AdminRequest } from '#core/admin.ts';
import { fetchEndpointsOf } from '#questions/pod-configuration.ts';

const status = (name: string): object => ({
  name,
  host_statuses: [{ address: { socket_address: { address: '10.0.0.1', port_value: 8080 } } }],
});
const [wanted, namesake] = ['outbound|80||a.b.svc', 'outbound|80||axb.svc'];

test('an Envoy that knows no filter answers with all clusters, of which the others are left out', async () => {
  const asked: AdminRequest[] = [];
  const get = async (request: AdminRequest): Promise<Buffer> => {
    asked.push(request);
    return Buffer.from(JSON.stringify({ cluster_statuses: [wanted, namesake, 'agent'].map(status) }));
  };
  const endpoints = await fetchEndpointsOf({ pod: { namespace: 'a', name: 'b' }, get } as unknown as Admin, [wanted]);
  assert.equal(
    endpoints.map(({ cluster, address }) => [cluster, address]),
    [[wanted, '10.0.0.1:8080']],
  );
  assert.equal(asked, [
    { path: 'clusters', query: { format: 'json', filter: '^(outbound\\|80\\|\\|a\\.b\\.svc)$' }, isBrief: true },
  ]);
});

test.run();
