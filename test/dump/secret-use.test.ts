import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readSecretUse } from '#dump/secret-use.ts';
import { any, asked, camelCased, section } from '../support/dump.ts';

const certificate = (name: string): object => ({ tls_certificate_sds_secret_configs: [{ name }] });
const tls = (common: object): object => ({
  name: 'envoy.transport_sockets.tls',
  typed_config: any('extensions.transport_sockets.tls.v3.DownstreamTlsContext', { common_tls_context: common }),
});
const chain = (common: object, ...serverNames: string[]): object => ({
  ...(serverNames.length > 0 ? { filter_chain_match: { server_names: serverNames } } : {}),
  transport_socket: tls(common),
});
const listener = (...chains: object[]): object => ({
  listener: any('config.listener.v3.Listener', { filter_chains: chains }),
});
const dynamic = (state: object): object =>
  section('Listeners', { dynamic_listeners: [{ name: '0.0.0.0_8443', ...state }] });
const use = (json: unknown): object => Object.fromEntries(readSecretUse(json));

test('names the hosts of every chain that presents a certificate, each once', () => {
  const chains = [
    chain(certificate('kubernetes://one'), 'a.example', 'b.example'),
    chain(certificate('kubernetes://one'), 'b.example', 'c.example'),
  ];
  assert.equal(use(dynamic({ active_state: listener(...chains) })), {
    'kubernetes://one': ['a.example', 'b.example', 'c.example'],
  });
});

test('counts the CA of client certificates, alone or combined with a context', () => {
  const alone = { ...certificate('one'), validation_context_sds_secret_config: { name: 'ca-one' } };
  const combined = {
    ...certificate('two'),
    combined_validation_context: {
      default_validation_context: {},
      validation_context_sds_secret_config: { name: 'ca-two' },
    },
  };
  const dump = dynamic({ active_state: listener(chain(alone, 'a'), chain(combined, 'b')) });
  assert.equal(use(dump), { one: ['a'], 'ca-one': ['a'], two: ['b'], 'ca-two': ['b'] });
});

test('says * for a chain without server names, also the default chain', () => {
  const held = {
    listener: { filter_chains: [chain(certificate('any'))], default_filter_chain: chain(certificate('rest')) },
  };
  assert.equal(use(dynamic({ active_state: held })), { any: ['*'], rest: ['*'] });
});

test('takes active and warming listeners, and static ones, not draining or rejected ones', () => {
  const states = {
    active_state: listener(chain(certificate('active'), 'a')),
    warming_state: listener(chain(certificate('warming'), 'b')),
    draining_state: listener(chain(certificate('draining'), 'c')),
    error_state: { failed_configuration: { filter_chains: [chain(certificate('rejected'), 'd')] } },
  };
  assert.equal(use(dynamic(states)), { active: ['a'], warming: ['b'] });
  assert.equal(use(section('Listeners', { static_listeners: [listener(chain(certificate('fixed'), 'e'))] })), {
    fixed: ['e'],
  });
});

test('passes over chains without TLS and listeners without chains', () => {
  assert.equal(use(dynamic({ active_state: listener({ filter_chain_match: { server_names: ['a'] } }) })), {});
  assert.equal(use(dynamic({ active_state: { last_updated: '2026-11-23T12:00:00Z' } })), {});
});

test('looks inside the socket of QUIC', () => {
  const socket = {
    typed_config: any('extensions.transport_sockets.quic.v3.QuicDownstreamTransport', {
      downstream_tls_context: { common_tls_context: certificate('quic') },
    }),
  };
  assert.equal(use(dynamic({ active_state: listener({ transport_socket: socket }) })), { quic: ['*'] });
});

test('reads what resource= answers, and what istioctl writes', () => {
  const element = { name: '0.0.0.0_8443', active_state: listener(chain(certificate('one'), 'a')) };
  const dump = asked('ListenersConfigDump.DynamicListener', element);
  assert.equal(use(dump), { one: ['a'] });
  assert.equal(use(camelCased(dump)), { one: ['a'] });
});

test.run();
