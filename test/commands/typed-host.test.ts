// Hosts as people have them at hand: out of a browser, a log line, a mail.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withDemo } from '../support/run-command.ts';

const commands = [
  'certs',
  'routes --host',
  'listeners --host',
  'secrets --host',
  'endpoints --host',
  'clusters --host',
];

test('a host may be typed with a port, as a URL, in capitals', () =>
  withDemo({}, async ({ kii }) => {
    for (const command of commands) {
      const plain = await kii(`${command} svc1.discovery.wmnet`);
      assert.match(plain.out, 'svc1', command);
      for (const host of ['SVC1.discovery.wmnet', 'svc1.discovery.wmnet:8443', 'https://svc1.discovery.wmnet/two'])
        assert.equal(await kii(`${command} ${host}`), plain, `${command} ${host}`);
    }
  }));

test.run();
