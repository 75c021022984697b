// The text of `POST /logging`: `active loggers:` and a line `  name: level` per logger, from Envoy 1.17 to 1.40.
// Source: envoy source/server/admin/logs_handler.cc.

import type { LogLevel } from '#core/admin.ts';
import { ToolError } from '#core/error.ts';
import { firstWords } from '#core/json.ts';
import { levelNames } from '#model/log-level.ts';

/**
 * Throws `bad-answer` where the text is something else. Fine-grain loggers have file paths for names, and before Envoy
 * 1.26 numbers for levels.
 */
export function readLogLevels(text: string): LogLevel[] {
  const lines = text.split('\n');
  if (!lines.some((line) => line.startsWith('active loggers'))) {
    throw new ToolError(
      'bad-answer',
      `cannot read the log levels: "${firstWords(text)}" is not Envoy's list of loggers`,
    );
  }
  return lines.flatMap((line) => {
    const parts = /^\s+(\S+): (\w+)\s*$/.exec(line);
    return parts?.[1] && parts[2] ? [{ logger: parts[1], level: levelNames[Number(parts[2])] ?? parts[2] }] : [];
  });
}
