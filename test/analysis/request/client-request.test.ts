import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { clientRequest } from '#analysis/request/client-request.ts';
import { request } from '../../support/builders/way.ts';
import { rejection } from '../../support/rejection.ts';

test('sends host, path and headers as they were asked about, by the User-Agent that is given', () => {
  const headers = new Map([['x-a', ['1', '2']]]);
  assert.equal(clientRequest(request({ path: '/x?y', headers }), {}, 'safe', 'ours'), {
    tls: { serverName: 'a.example.org' },
    method: 'GET',
    path: '/x?y',
    headers: [
      ['host', 'a.example.org'],
      ['user-agent', 'ours'],
      ['x-a', '1'],
      ['x-a', '2'],
      ['connection', 'close'],
    ],
  });
  assert.is(clientRequest(request({ scheme: 'http' }), {}, 'safe', '1').tls, undefined);
  const own = clientRequest(request({ headers: new Map([['user-agent', ['mine']]]) }), {}, 'safe', '1').headers;
  assert.equal(
    own.filter(([name]) => name === 'user-agent'),
    [['user-agent', 'mine']],
  );
});

test('refuses what may change something, unless it is allowed', async () => {
  for (const method of ['GET', 'HEAD', 'OPTIONS']) clientRequest(request({ method }), {}, 'safe', '1');
  const post = request({ method: 'POST' });
  const error = await rejection(Promise.resolve().then(() => clientRequest(post, {}, 'safe', '1')));
  assert.equal([error.code, error.hint], ['usage', 'to send it all the same, add --allow-unsafe']);
  assert.is(clientRequest(post, {}, 'any', '1').method, 'POST');
});

test.run();
