// What EDS says of endpoints, as a real Envoy prints it.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readEndpointMetadata } from '#dump/endpoint-metadata.ts';

const lbEndpoint = (address: string, filters: object): object => ({
  endpoint: { address: { socket_address: { address, port_value: 4000 } } },
  metadata: { filter_metadata: filters },
});

test('the metadata for transports, by cluster and address', () => {
  const endpoints = [
    { lb_endpoints: [lbEndpoint('10.64.0.7', { istio: { workload: ';;;;Kubernetes' } })] },
    {
      lb_endpoints: [
        lbEndpoint('10.64.0.8', { 'envoy.transport_socket_match': { tlsMode: 'istio', odd: 1 } }),
        lbEndpoint('fd00::8', {}),
      ],
    },
  ];
  const config = {
    '@type': 'type.googleapis.com/envoy.admin.v3.EndpointsConfigDump.DynamicEndpointConfig',
    endpoint_config: { cluster_name: 'outbound|80||web', endpoints },
  };
  assert.equal(
    [...(readEndpointMetadata({ configs: [config] }).get('outbound|80||web') ?? [])],
    [
      ['10.64.0.7:4000', {}],
      ['10.64.0.8:4000', { tlsMode: 'istio' }],
      ['[fd00::8]:4000', {}],
    ],
  );
  assert.is(readEndpointMetadata({}).size, 0);
});

test.run();
