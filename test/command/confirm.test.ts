import { PassThrough, Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { confirm } from '#command/confirm.ts';
import { ToolError } from '#core/error.ts';
import { rejection } from '../support/rejection.ts';

const terminal = (text: string): NodeJS.ReadableStream => Object.assign(Readable.from([text]), { isTTY: true });
const { signal } = new AbortController();

test('asks on stderr, and goes on after yes', async () => {
  for (const word of ['y\n', 'yes\n', ' YES \r\nmore\n', 'y']) {
    const said: string[] = [];
    await confirm(
      { openStdin: () => terminal(word), warn: (line) => said.push(line), signal },
      'set all:debug on 3 pods',
    );
    assert.equal(said, ['set all:debug on 3 pods? yes or no:']);
  }
});

test('anything else, and nothing, is no', async () => {
  for (const word of ['n\n', '\n', 'yesterday\n', '']) {
    const error = await rejection(confirm({ openStdin: () => terminal(word), warn: () => {}, signal }, 'set it'));
    assert.is(error.message, 'did not set it: the answer was not yes');
  }
});

test('where nobody can answer, nobody is asked', async () => {
  const error = await rejection(
    confirm({ openStdin: () => Readable.from(['yes\n']), warn: () => assert.unreachable(), signal }, 'set it'),
  );
  assert.equal([error.code, error.hint], ['usage', 'to answer yes beforehand, add --yes']);
});

test('Ctrl-C ends the question', async () => {
  const controller = new AbortController();
  const reason = new ToolError('interrupted', 'interrupted by SIGINT');
  const stdin = Object.assign(new PassThrough(), { isTTY: true });
  assert.is(
    await rejection(
      confirm({ openStdin: () => stdin, warn: () => controller.abort(reason), signal: controller.signal }, 'set it'),
    ),
    reason,
  );
});

test.run();
