// Which proxy leads to the API server. The rows are those of golang.org/x/net/http/httpproxy, which kubectl follows.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { proxyOf } from '#cluster/access/proxy.ts';

const rows: readonly (readonly [server: string, env: Readonly<Record<string, string>>, proxy: string | undefined])[] = [
  ['https://api.example:6443', { HTTPS_PROXY: 'http://p:3128' }, 'http://p:3128'],
  ['https://api.example:6443', { https_proxy: 'http://p:3128' }, 'http://p:3128'],
  ['https://api.example:6443', { HTTPS_PROXY: 'http://p:1', https_proxy: 'http://q:1' }, 'http://p:1'],
  ['https://api.example:6443', { HTTPS_PROXY: 'p:3128' }, 'http://p:3128'],
  ['https://api.example:6443', { HTTPS_PROXY: 'socks5://p:1080' }, 'socks5://p:1080'],
  ['https://api.example:6443', { HTTP_PROXY: 'http://p:3128', ALL_PROXY: 'http://p:3128' }, undefined],
  ['http://api.example', { HTTP_PROXY: 'http://p:3128' }, 'http://p:3128'],
  ['https://localhost:6443', { HTTPS_PROXY: 'http://p:3128' }, undefined],
  ['https://127.0.0.9:6443', { HTTPS_PROXY: 'http://p:3128' }, undefined],
  ['https://[::1]:6443', { HTTPS_PROXY: 'http://p:3128' }, undefined],
  ['https://api.example', { HTTPS_PROXY: '' }, undefined],
];

for (const [server, env, proxy] of rows) {
  test(`${server} with ${JSON.stringify(env)}`, () => assert.is(proxyOf(new URL(server), env), proxy));
}

const exceptions: readonly (readonly [server: string, noProxy: string, isException: boolean])[] = [
  ['https://api.example', '*', true],
  ['https://api.example', 'example', true],
  ['https://api.example', 'API.Example', true],
  ['https://api.example', 'other, api.example ,x', true],
  ['https://api.example', '.example', true],
  ['https://api.example', '*.example', true],
  ['https://api.example', '*ample', false],
  ['https://example', '.example', false],
  ['https://example', '*.example', false],
  ['https://api.example', 'pi.example', false],
  ['https://api.example:6443', 'api.example:6443', true],
  ['https://api.example:6443', 'api.example:443', false],
  ['https://api.example', 'api.example:443', true],
  ['https://10.1.2.3', '10.1.2.3', true],
  ['https://10.1.2.3', '10.1.0.0/16', true],
  ['https://10.2.2.3', '10.1.0.0/16', false],
  ['https://10.1.2.3:6443', '10.1.2.3:6443', true],
  ['https://10.1.2.3:6443', '10.1.2.3:1', false],
  ['https://[fd00::1]:6443', 'fd00::/8', true],
  ['https://[fd00::1]:6443', 'fd00::1', true],
  ['https://[fd00::1]:6443', '[fd00::1]:6443', true],
  ['https://[fd00::1]:6443', '[fd00::1]:1', false],
  ['https://[fd00::1]:6443', '10.1.0.0/16', false],
  ['https://api.example', '10.1.0.0/16', false],
  ['https://api.example', '', false],
];

for (const [server, noProxy, isException] of exceptions) {
  test(`${server} with NO_PROXY=${noProxy}`, () => {
    assert.is(
      proxyOf(new URL(server), { HTTPS_PROXY: 'http://p:3128', NO_PROXY: noProxy }),
      isException ? undefined : 'http://p:3128',
    );
  });
}

test.run();
