// The link by which kubectl completes a plugin: it asks a program called kubectl_complete-NAME, and krew installs one
// program only. Source: kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins.

import { existsSync, lstatSync, readlinkSync, symlinkSync, writeFileSync } from 'node:fs';
import { platform } from 'node:os';
import { delimiter, join } from 'node:path';
import { ToolError } from '#core/error.ts';

const program = 'kubectl-istio_ingress';
const completer = 'kubectl_complete-istio_ingress';

export interface Link {
  readonly path: string;
  readonly wasThere: boolean;
}

/**
 * Makes the link beside the program that kubectl finds, relative: it stays right when krew puts another version there.
 * Throws `not-found` where the PATH has no such program, `unsupported` where the directory is not ours to change.
 */
export function installLink(
  env: Readonly<Record<string, string | undefined>>,
  link: typeof symlinkSync = symlinkSync,
): Link {
  const directory = (env['PATH'] ?? '')
    .split(delimiter)
    .find((one) => one !== '' && existsSync(join(one, nameOf(program, '.exe'))));
  if (directory === undefined) {
    throw new ToolError('not-found', `cannot install the completion: no ${program} is on the PATH`, {
      hint: `kubectl finds neither the plugin nor its completion then: put ${program} into a directory of $PATH`,
    });
  }
  const path = join(directory, nameOf(completer, '.cmd'));
  if (isOurs(path)) return { path, wasThere: true };
  if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) {
    throw new ToolError(
      'unsupported',
      `cannot install the completion: ${path} is there, and is not a link to ${program}`,
      {
        hint: `see what it is, remove it, and try again`,
      },
    );
  }
  make(path, directory, link);
  return { path, wasThere: false };
}

const isWindows = platform() === 'win32';

const nameOf = (name: string, ending: string): string => (isWindows ? `${name}${ending}` : name);

function isOurs(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (isWindows) return found !== undefined;
  return found?.isSymbolicLink() === true && readlinkSync(path) === program;
}

function make(path: string, directory: string, link: typeof symlinkSync): void {
  try {
    // Windows wants a right for links that users rarely have.
    if (isWindows) writeFileSync(path, `@"%~dp0${program}.exe" __complete %*\r\n`);
    else link(program, path);
  } catch (error) {
    throw new ToolError(
      'unsupported',
      `cannot install the completion: cannot write to ${directory} (${(error as NodeJS.ErrnoException).code})`,
      {
        hint: `as somebody who may: ln -s ${program} ${path}`,
        cause: error,
      },
    );
  }
}
