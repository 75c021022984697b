// Where a user's files are kept between runs.

import { posix, win32 } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * An absolute path; undefined for a user without a home directory. `home` is what the system knows of it. What is in `cache` may be lost, what is in `state` not.
 * Source: XDG Base Directory Specification 0.8, where a relative path is not valid; on Windows the folder of programs'
 * local data.
 */
export function userDirectory(
  kind: 'cache' | 'state',
  env: Environment,
  { home, platform }: { readonly home: string; readonly platform: NodeJS.Platform },
): string | undefined {
  const { isAbsolute, join } = platform === 'win32' ? win32 : posix;
  const chosen = env[`XDG_${kind.toUpperCase()}_HOME`];
  if (chosen && isAbsolute(chosen)) return chosen;
  if (platform === 'win32' && env['LOCALAPPDATA']) return env['LOCALAPPDATA'];
  const base = env['HOME'] || home;
  return isAbsolute(base) ? join(base, ...(kind === 'cache' ? ['.cache'] : ['.local', 'state'])) : undefined;
}
