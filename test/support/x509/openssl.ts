// Certificates that openssl makes at test time; keys and all are thrown away with the directory.

import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** `OpenSSL 3.0.19 27 Jan 2026`; undefined where there is none, or another program of that name (LibreSSL). */
export const opensslVersion: string | undefined = /^OpenSSL 3\.\S+ .*?\d{4}/.exec(
  spawnSync('openssl', ['version'], { encoding: 'utf8' }).stdout ?? '',
)?.[0];

/** A file name of its own for each text in `files`. */
export interface Workshop {
  readonly path: (name: string) => string;
  readonly write: (name: string, text: string) => string;
  readonly read: (name: string) => string;
  readonly run: (...args: readonly string[]) => string;
  readonly end: () => void;
}

export function workshop(): Workshop {
  const directory = mkdtempSync(join(tmpdir(), 'kii-x509-'));
  const path = (name: string): string => join(directory, name);
  return {
    path,
    write: (name, text) => {
      writeFileSync(path(name), text);
      return path(name);
    },
    read: (name) => readFileSync(path(name), 'utf8'),
    run: (...args) => execFileSync('openssl', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] }),
    end: () => rmSync(directory, { recursive: true }),
  };
}
