import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readServerInfo } from '#dump/server-info.ts';
import { camelCased } from '../support/dump.ts';

const info = {
  version: '9e5580933739775e8bce696a57a2e1bc99368f23/1.40.0/Clean/RELEASE/BoringSSL',
  state: 'LIVE',
  uptime_current_epoch: '1234567.9s',
  command_line_options: { log_level: 'warning', component_log_level: 'misc:error' },
  node: { metadata: { ISTIO_VERSION: '1.31-dev' } },
};

test('reads what an Envoy says of itself', () => {
  const expected = {
    envoyVersion: '1.40.0',
    istioVersion: '1.31-dev',
    state: 'LIVE',
    uptimeSeconds: 1_234_567,
    logLevel: 'warning',
    componentLogLevel: 'misc:error',
  };
  assert.equal(readServerInfo(info), expected);
  const PROXY_CONFIG = { discoveryAddress: 'istiod.istio-system.svc:15012' };
  assert.is(readServerInfo({ node: { metadata: { PROXY_CONFIG } } }).istiodAddress, PROXY_CONFIG.discoveryAddress);
  assert.equal(readServerInfo(camelCased({ ...info, node: undefined })), { ...expected, istioVersion: undefined });
});

test('reads an answer that says nothing', () => {
  assert.equal(readServerInfo({}), {
    envoyVersion: '',
    istioVersion: undefined,
    state: 'unknown',
    uptimeSeconds: undefined,
    logLevel: undefined,
    componentLogLevel: undefined,
  });
});

test('keeps what it does not know: a version of another form, a state by number', () => {
  const { envoyVersion, state, istioVersion, logLevel, componentLogLevel } = readServerInfo({
    version: 'custom',
    state: 7,
    node: { metadata: { ISTIO_VERSION: 1 } },
    command_line_options: { log_level: '', component_log_level: '' },
  });
  assert.equal(
    [envoyVersion, state, istioVersion, logLevel, componentLogLevel],
    ['custom', '7', undefined, undefined, undefined],
  );
});

test('refuses what is no answer', () => {
  assert.throws(
    () => readServerInfo('LIVE'),
    (error: { code: string; message: string }) =>
      error.code === 'bad-answer' && error.message === 'cannot read server_info: it is a string, not an object',
  );
});

test.run();
