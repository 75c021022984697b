// What each command costs, counted and not timed: requests to the API server and to the pods, certificates that OpenSSL
// reads, and text that is parsed as JSON, in steps of 30 kB: times in it are not equally long. A change that makes a command do more shows here as a changed golden file.

import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { countedCommands } from '../support/counted-command.ts';
import { golden } from '../support/golden.ts';
import { withDemo } from '../support/run-command.ts';

/** Those of a group share what they have read of certificates; each group begins with nothing. */
const groups = [['status', 'routes', 'clusters', 'endpoints', 'secrets'], ['certs'], ['check']];

function requestsOf(requests: readonly { readonly pod?: string }[]): string {
  const toPods = requests.filter((request) => request.pod !== undefined).length;
  return `${requests.length - toPods} to the API server, ${toPods} to pods`;
}

test('what a command asks for and reads does not grow unseen', () =>
  withDemo({}, async ({ demo, directory }) => {
    const env = { KUBECONFIG: join(directory, 'kubeconfig'), HOME: directory };
    let text = '';
    let before = 0;
    for (const lines of groups)
      await countedCommands({ lines, env, now: demo.now }, ({ line, code, certificates, characters }) => {
        assert.not(code === 2, line);
        text += `${line}: ${requestsOf(demo.requests.slice(before))}; ${certificates} certificates; about ${Math.round(characters / 30_000) * 30} kB of JSON\n`;
        before = demo.requests.length;
      });
    golden('commands/work.txt', text);
  }));

test.run();
