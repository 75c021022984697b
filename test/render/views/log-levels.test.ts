import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Style } from '#command/command.ts';
import { compareLoggerRows, type LoggerRow, loggerRowKey } from '#model/log-level.ts';
import { mergePods } from '#model/merge-pods.ts';
import { logLevelsView, renderLogLines } from '#render/views/log-levels.ts';
import { answerOf, onTerminal, piped, terminal, wide } from '../../support/builders/answer.ts';
import { ok, three as pods } from '../../support/builders/fleet.ts';
import { golden } from '../../support/golden.ts';

const names = [
  'admin',
  'alternate_protocols_cache',
  'assert',
  'aws',
  'config',
  'connection',
  'http',
  'http2',
  'misc',
  'pool',
  'rbac',
  'router',
];

/** The levels of each pod that are not warning. */
function render(unlike: readonly Readonly<Record<string, string>>[], style: Style): string {
  const rows = pods.map((of, index) => {
    const levels = unlike[index] ?? {};
    const atStart = (logger: string): string => (logger === 'misc' ? 'error' : 'warning');
    return {
      pod: of,
      ok: names.map(
        (logger): LoggerRow => ({ logger, level: levels[logger] ?? atStart(logger), atStart: atStart(logger) }),
      ),
    };
  });
  const items = mergePods(rows, loggerRowKey, compareLoggerRows);
  return onTerminal(logLevelsView.table(items, answerOf(logLevelsView, items, pods.map(ok)), style));
}

const unlike = [{ pool: 'info' }, { pool: 'info', http: 'debug' }, { pool: 'info' }];

test('loggers that differ come first, then raised ones, then all others together', () => {
  golden('render/log-levels/unlike/out.txt', render(unlike, piped));
  golden('render/log-levels/unlike/80.txt', render(unlike, terminal(80)));
});

test('raised levels are coloured', () => {
  const colored = render(unlike, { ...piped, color: true });
  assert.match(colored, '\u001b[33mdebug\u001b[39m');
  assert.match(colored, '\u001b[33minfo\u001b[39m');
  assert.not.match(colored, '\u001b[33merror');
});

test('wide is a line for each logger', () => {
  golden('render/log-levels/unlike/wide.txt', render(unlike, wide));
});

test('lines of loggers stand behind their pod, and do nothing to a terminal', () => {
  const lines = [{ pod: 'gw-1', time: '', text: 'a\tb\u001b[2J' }];
  assert.is(onTerminal(renderLogLines(lines, { color: false })), 'gw-1 a b\ufffd[2J\n');
});

test('a name is the logger and its level', () => {
  assert.is(
    logLevelsView.name({ value: { logger: 'http', level: 'debug', atStart: 'info' }, pods: [] }),
    'logger/http:debug',
  );
});

test.run();
