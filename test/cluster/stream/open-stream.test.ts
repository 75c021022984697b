import { once } from 'node:events';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Connection } from '#cluster/access/connection.ts';
import { openStream } from '#cluster/stream/open-stream.ts';
import { rejection } from '../../support/rejection.ts';

const call = {
  path: '/api/v1/namespaces/ns/pods/gw-1/log',
  attempted: 'read the log of ns/gw-1',
  rule: { apiGroups: [''], resources: ['pods/log'], verbs: ['get'] },
};

test('of an error that does not end the beginning is read', async () => {
  const server = http.createServer((_, response) => {
    response.writeHead(500);
    response.write('the log is gone\n');
    const write = (): void => void (response.destroyed || response.write(Buffer.alloc(64 * 1024, 'A'), write));
    write();
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const agent = new http.Agent() as never;
  const connection: Connection = {
    context: 'test',
    identity: ['test'],
    files: [],
    server: new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`),
    options: async () => ({ headers: {}, tls: {}, agent, streamAgent: agent, idleAgent: () => undefined }),
    renew: async () => false,
    close: () => {},
  };
  try {
    const error = await rejection(openStream(connection, call, new AbortController().signal));
    assert.equal([error.code, error.message], ['api', 'cannot read the log of ns/gw-1: the log is gone']);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test.run();
