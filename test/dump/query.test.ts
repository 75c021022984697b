// Every query of the table is compared with what a real Envoy answered on the same configuration: recorded ones, or
// with KII_ENVOY=path/of/envoy those of one started now (and KII_RECORD=1 records them).

import { readFileSync, writeFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { queryDump } from '#dump/query.ts';
import { startRealEnvoy } from '../support/real-envoy.ts';
import { toolError } from '../support/rejection.ts';

const queries = [
  'resource=bootstrap',
  'resource=version_info',
  'resource=nope',
  'resource=',
  'resource=static_clusters',
  'resource=dynamic_active_clusters',
  'resource=dynamic_warming_clusters',
  'resource=static_listeners',
  'resource=dynamic_listeners',
  'resource=static_route_configs',
  'resource=dynamic_route_configs',
  'resource=static_secrets',
  'resource=dynamic_active_secrets',
  'resource=dynamic_warming_secrets',
  'resource=dynamic_endpoint_configs',
  'resource=dynamic_endpoint_configs&include_eds',
  'resource=static_endpoint_configs&include_eds=false',
  'resource=inline_scoped_route_configs',
  'resource=ecds_filters',
  'mask=nope',
  'mask=bootstrap.node.id',
  'mask=bootstrap.node.id,bootstrap.admin',
  'mask=bootstrap.node.id,bootstrap.node.id.deeper',
  'mask=static_clusters',
  'mask=static_clusters,dynamic_listeners',
  'mask=version_info',
  'mask=dynamic_listeners,static_listeners',
  'mask=dynamic_active_clusters.version_info',
  'mask=dynamic_endpoint_configs',
  'mask=dynamic_endpoint_configs&include_eds',
  'mask=dynamic_active_secrets,dynamic_warming_secrets&name_regex=none',
  'resource=dynamic_active_clusters&mask=',
  'resource=dynamic_active_clusters&mask=cluster',
  'resource=dynamic_active_clusters&mask=cluster.name',
  'resource=dynamic_active_clusters&mask=cluster.name,version_info,last_updated',
  'resource=dynamic_active_clusters&mask=version_info',
  'resource=dynamic_active_clusters&mask=cluster.metadata,cluster.connect_timeout',
  'resource=dynamic_active_clusters&mask=cluster.metadata.filter_metadata',
  'resource=dynamic_active_clusters&mask=cluster.metadata.filter_metadata.istio',
  'resource=dynamic_active_clusters&mask=cluster.metadata.filter_metadata,cluster.metadata',
  'resource=dynamic_active_clusters&mask=cluster.eds_cluster_config.service_name',
  'resource=dynamic_active_clusters&mask=cluster.load_assignment.endpoints.lb_endpoints',
  'resource=dynamic_active_clusters&mask=cluster.nonesuch',
  'resource=dynamic_active_clusters&mask=cluster.name,nonesuch',
  'resource=dynamic_active_clusters&mask=cluster.transport_socket.typed_config.common_tls_context',
  'resource=dynamic_active_clusters&mask=cluster.outlier_detection',
  'resource=dynamic_listeners&mask=name',
  'resource=dynamic_listeners&mask=active_state.version_info',
  'resource=dynamic_listeners&mask=active_state.listener',
  'resource=dynamic_listeners&mask=active_state.listener.name',
  'resource=dynamic_listeners&mask=error_state.details',
  'resource=static_listeners&mask=listener.name',
  'resource=dynamic_route_configs&mask=route_config.name',
  'resource=dynamic_route_configs&mask=route_config.virtual_hosts',
  'resource=dynamic_route_configs&mask=route_config.virtual_hosts.name',
  'resource=dynamic_active_secrets&mask=secret.name',
  'resource=dynamic_active_secrets&mask=secret.validation_context.trusted_ca',
  'resource=dynamic_endpoint_configs&mask=endpoint_config.cluster_name&include_eds',
  'resource=dynamic_warming_clusters&mask=nonesuch',
  'resource=dynamic_active_clusters&name_regex=eds-one',
  'resource=dynamic_active_clusters&name_regex=eds',
  'resource=dynamic_active_clusters&name_regex=eds.*|static.*',
  'resource=dynamic_active_clusters&name_regex=',
  'resource=dynamic_active_clusters&mask=cluster.name&name_regex=static-.%2B',
  'resource=dynamic_listeners&name_regex=o..',
  'resource=dynamic_listeners&name_regex=nacked',
  'resource=static_listeners&name_regex=static-listener',
  'resource=dynamic_route_configs&name_regex=route-b',
  'resource=static_route_configs&name_regex=inline',
  'resource=dynamic_endpoint_configs&include_eds&name_regex=service%5C.one',
  'resource=dynamic_endpoint_configs&include_eds&name_regex=eds-one',
  'resource=dynamic_active_secrets&name_regex=ROOT(CA)',
  'resource=static_secrets&name_regex=x',
  'name_regex=(',
] as const;

interface Truth {
  readonly dump: unknown;
  readonly answers: Readonly<Record<string, { status: number; contentType: string; body: string }>>;
}

const folder = new URL('../fixtures/envoy-1.40/query/', import.meta.url);
const binary = process.env.KII_ENVOY;

async function askRealEnvoy(envoyBinary: string): Promise<Truth> {
  const envoy = await startRealEnvoy(envoyBinary, readFileSync(new URL('ca.pem', folder), 'utf8'));
  try {
    const dump = JSON.parse((await envoy.ask('/config_dump?include_eds')).body);
    delete dump.configs[0].bootstrap.node.extensions; // 80 kB that no query shows
    const answers: Record<string, Truth['answers'][string]> = {};
    for (const query of queries) answers[query] = await envoy.ask(`/config_dump?${query}`);
    const whole = answers['resource='] as Truth['answers'][string];
    answers['resource='] = { ...whole, body: JSON.stringify(withoutExtensions(whole.body)) };
    return { dump, answers };
  } finally {
    await envoy.stop();
  }
}

const recorded = (): Truth => JSON.parse(readFileSync(new URL('answers.json', folder), 'utf8'));
const truth = binary === undefined ? recorded() : await askRealEnvoy(binary);
if (binary !== undefined && process.env.KII_RECORD)
  writeFileSync(new URL('answers.json', folder), `${JSON.stringify(truth, null, 1)}\n`);

/** Protobuf puts spaces of a random number into its debug texts; the order of a Struct's keys is a hash map's. */
const comparable = (body: string): string =>
  body.replace(/goo\.gle\/debug\S*\s+/, '').replace(/(?<=name_regex from \(: ).*/, 'some words on the parenthesis');

for (const query of queries) {
  test(`config_dump?${query} is answered as Envoy does`, () => {
    const expected = truth.answers[query] as Truth['answers'][string];
    const actual = queryDump(truth.dump, new URLSearchParams(query));
    if (query === 'resource=') return assert.equal(JSON.parse(actual.body), JSON.parse(expected.body));
    assert.is(comparable(actual.body), comparable(expected.body));
    assert.is(actual.status, expected.status);
    assert.is(actual.contentType, expected.contentType.replace(/;.*/, ''));
  });
}

function withoutExtensions(body: string): unknown {
  const dump = JSON.parse(body);
  delete dump.configs[0].bootstrap.node.extensions;
  return dump;
}

test('what is no list of elements is said to be none, with its place', () => {
  const section = { '@type': 'type.googleapis.com/envoy.admin.v3.RoutesConfigDump' };
  for (const [dump, expected] of [
    [{ configs: {} }, /configs/],
    [{ configs: [null] }, /configs\[0\]/],
    [{ configs: [{ ...section, static_route_configs: 5 }] }, /RoutesConfigDump.*static_route_configs/],
    [{ configs: [{ ...section, static_route_configs: [null] }] }, /static_route_configs\[0\]/],
  ] as const) {
    const error = toolError(() => queryDump(dump, new URLSearchParams('resource=static_route_configs')));
    assert.is(error.code, 'bad-answer');
    assert.match(error.message, expected);
  }
});

test('the dump that is asked is not changed', () => {
  const before = JSON.stringify(truth.dump);
  queryDump(truth.dump, new URLSearchParams('resource=dynamic_active_clusters&mask=cluster.name'));
  assert.is(JSON.stringify(truth.dump), before);
});

test.run();
