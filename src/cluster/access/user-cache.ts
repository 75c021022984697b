// Answers of a short while ago, one small file for each question, in the user's cache directory. Where that cannot be
// written, there is no cache.

import { createHash } from 'node:crypto';
import {
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { homedir, platform } from 'node:os';
import { dirname, join } from 'node:path';
import { userDirectory } from '#core/user-directory.ts';

type Environment = Readonly<Record<string, string | undefined>>;

const keptMs = 24 * 3_600_000;
/** For this long, a question that a background process asks is not asked again. */
const askedMs = 10_000;

export interface Cache<T> {
  /** Undefined where nothing was written, or `freshMs` have passed since. */
  read(now: number): T | undefined;
  write(value: T, now: number): void;
  /** True for the first caller in a while, who may then ask in the background. */
  mayAsk(now: number): boolean;
}

/** `question` is all that the answer depends on; only its hash is written. No answer is kept longer than a day. */
export function openCache<T>(env: Environment, question: unknown, freshMs: number): Cache<T> {
  const base = userDirectory('cache', env, { home: homedir(), platform: platform() });
  if (base === undefined) return noCache;
  const directory = join(base, 'kubectl-istio_ingress');
  const file = join(directory, createHash('sha256').update(JSON.stringify(question)).digest('hex').slice(0, 32));
  return {
    read: (now) => orElse(undefined, () => readFresh<T>(`${file}.json`, now, freshMs)),
    write: (value, now) =>
      orElse(undefined, () => {
        put(directory, `${file}.json`, JSON.stringify({ at: now, value }));
        removeOld(directory, now);
      }),
    mayAsk: (now) =>
      orElse(false, () => {
        if (now - orElse(0, () => statSync(`${file}.asked`).mtimeMs) < askedMs) return false;
        put(directory, `${file}.asked`, '');
        return true;
      }),
  };
}

/** For a user without a home directory. Asking in the background is useless there: nobody would find the answer. */
const noCache: Cache<never> = { read: () => undefined, write: () => {}, mayAsk: () => false };

function orElse<T>(otherwise: T, attempt: () => T): T {
  try {
    return attempt();
  } catch {
    return otherwise;
  }
}

/** Waits for no writer of a FIFO. */
const readNow = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0);

function readFresh<T>(file: string, now: number, freshMs: number): T | undefined {
  const text = readFileSync(file, { encoding: 'utf8', flag: readNow });
  const { at, value } = JSON.parse(text) as { at: number; value: T };
  return now - at < freshMs && now >= at ? value : undefined;
}

/** Names of a cluster are for its user's eyes. */
function put(directory: string, file: string, text: string): void {
  // One by one: Node's `recursive` never ends where a file system says ENOENT for what cannot be made (/proc).
  for (const one of [dirname(directory), directory]) if (!existsSync(one)) mkdirSync(one, { mode: 0o700 });
  const part = `${file}.${createHash('sha256').update(text).digest('hex').slice(0, 8)}`;
  writeFileSync(part, text, { mode: 0o600 });
  renameSync(part, file);
}

function removeOld(directory: string, now: number): void {
  for (const name of readdirSync(directory)) {
    const file = join(directory, name);
    if (now - statSync(file).mtimeMs > keptMs) rmSync(file, { force: true });
  }
}
