// Where a plugin is on Windows: in a directory of the PATH. Windows itself looks in the working directory first, which may
// be a stranger's; kubectl refuses what is found there. Source: Go os/exec LookPath and ErrDot.

import { win32 } from 'node:path';

type Environment = Readonly<Record<string, string | undefined>>;

/** What stands as a path is it. Undefined where no directory has the command. */
export function onWindowsPath(
  command: string,
  env: Environment,
  isFile: (path: string) => boolean,
): string | undefined {
  if (/[\\/:]/.test(command)) return command;
  const endings = variable(env, 'PATHEXT') ?? '.COM;.EXE;.BAT;.CMD';
  const names = [...(command.includes('.') ? [command] : []), ...split(endings).map((ending) => command + ending)];
  return split(variable(env, 'PATH') ?? '')
    .filter((directory) => win32.isAbsolute(directory))
    .flatMap((directory) => names.map((name) => win32.join(directory, name)))
    .find(isFile);
}

const split = (list: string): string[] =>
  list
    .split(';')
    .map((one) => one.trim().replace(/^"(.*)"$/, '$1'))
    .filter((one) => one !== '');

/** Names of variables are alike in capitals and small letters. */
const variable = (env: Environment, name: string): string | undefined =>
  Object.entries(env).find(([key]) => key.toUpperCase() === name)?.[1];
