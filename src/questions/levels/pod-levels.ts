// Reads and sets the log levels of one pod: the only thing that the tool ever changes.

import type { Admin, Levels, LoggingChange, LogLevel } from '#core/admin.ts';
import { ToolError } from '#core/error.ts';
import { readLogLevels } from '#dump/logging.ts';
import { levelRequests, notTaken, singleRequests } from '#envoy/log-level-requests.ts';

export const fetchLevels = async (admin: Admin): Promise<readonly LogLevel[]> => readLogLevels(await admin.logging());

/**
 * Returns the levels that Envoy answers. Sends nothing where `current` is as wanted already. Throws what `logging`
 * does.
 */
export async function setLevels(
  admin: Admin,
  current: readonly LogLevel[],
  wanted: Levels,
): Promise<readonly LogLevel[]> {
  const after =
    (await sendEither(admin, levelRequests(current, wanted), () => singleRequests(current, wanted))) ?? current;
  const other = notTaken(after, wanted);
  if (other === undefined) return after;
  const { namespace, name } = admin.pod;
  throw new ToolError(
    'bad-answer',
    `cannot set log levels of ${namespace}/${name}: Envoy answered 200, and ${other.logger} is ${other.level}`,
  );
}

/** An Envoy that does not know lists of loggers refuses them, and has then changed nothing. */
async function sendEither(
  admin: Admin,
  together: readonly LoggingChange[],
  single: () => readonly LoggingChange[],
): Promise<readonly LogLevel[] | undefined> {
  try {
    return await send(admin, together);
  } catch (error) {
    const hasList = together.some((change) => 'paths' in change);
    if (!hasList || !(error instanceof ToolError) || error.code !== 'unsupported') throw error;
    return send(admin, single());
  }
}

async function send(admin: Admin, changes: readonly LoggingChange[]): Promise<readonly LogLevel[] | undefined> {
  let answer: string | undefined;
  for (const change of changes) answer = await admin.logging(change);
  return answer === undefined ? undefined : readLogLevels(answer);
}
