// Whether an advisory is known of a package that the lock file names: `npm audit`, for CI.  npm run advisories
// 1 where one is; 0 and "not judged" where no registry with advisories can be asked.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The exit code, and what is said. `report` is what `npm audit --json` prints. */
export function judgeAudit(report: string): { readonly exitCode: 0 | 1; readonly lines: readonly string[] } {
  const audit = parsed(report);
  const packages = Object.values(audit?.vulnerabilities ?? {});
  if (audit?.vulnerabilities === undefined)
    return { exitCode: 0, lines: [`not judged: ${audit?.message ?? 'the registry gives no advisories'}`] };
  if (packages.length === 0) return { exitCode: 0, lines: ['no advisory is known of any package in the lock file'] };
  return { exitCode: 1, lines: packages.map(describe) };
}

interface Vulnerability {
  readonly name: string;
  readonly severity: string;
  readonly range: string;
  /** An advisory, or the name of the package that brings it. */
  readonly via: readonly (string | { readonly title: string; readonly url: string })[];
}

interface Audit {
  readonly vulnerabilities?: Readonly<Record<string, Vulnerability>>;
  /** Where npm could not ask. */
  readonly message?: string;
}

function parsed(report: string): Audit | undefined {
  try {
    return JSON.parse(report) as Audit;
  } catch {
    return undefined;
  }
}

function describe({ name, severity, range, via }: Vulnerability): string {
  const why = via.map((one) => (typeof one === 'string' ? `through ${one}` : `${one.title} (${one.url})`));
  return `${severity}: ${name} ${range}: ${why.join('; ')}`;
}

if (import.meta.main) {
  const { stdout } = spawnSync('npm', ['audit', '--json', '--package-lock-only'], {
    cwd: join(import.meta.dirname, '..'),
    encoding: 'utf8',
    shell: process.platform === 'win32', // npm is a .cmd there
  });
  const { exitCode, lines } = judgeAudit(stdout ?? '');
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  process.exitCode = exitCode;
}
