import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readLogLevels } from '#dump/logging.ts';

test('reads loggers in their order, also files of fine-grain logging', () => {
  assert.equal(
    readLogLevels(
      'active loggers:\n  admin: warning\n  alternate_protocols_cache: debug\n  source/server/server.cc: info\n',
    ),
    [
      { logger: 'admin', level: 'warning' },
      { logger: 'alternate_protocols_cache', level: 'debug' },
      { logger: 'source/server/server.cc', level: 'info' },
    ],
  );
});

test('numbers, as older fine-grain logging has them, are levels too', () => {
  assert.equal(readLogLevels('active loggers:\n  source/a.cc: 1\n  source/b.cc: 6'), [
    { logger: 'source/a.cc', level: 'debug' },
    { logger: 'source/b.cc', level: 'off' },
  ]);
});

test('passes over lines of another form, and line ends of another system', () => {
  assert.equal(readLogLevels('note: x\r\nactive loggers:\r\n  admin: warning\r\n\r\n  one two: info\r\n'), [
    { logger: 'admin', level: 'warning' },
  ]);
});

test('refuses another text, and shows its beginning', () => {
  assert.throws(
    () => readLogLevels('<html> no healthy upstream id=1'),
    (error: { code: string; message: string }) =>
      error.code === 'bad-answer' &&
      error.message === `cannot read the log levels: "<html> no healthy upstream…" is not Envoy's list of loggers`,
  );
});

test.run();
