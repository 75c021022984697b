// The exit codes of the binary; README's table is generated from this object.

export const exitCode = { ok: 0, findings: 1, failed: 2, partial: 3, interrupted: 130 } as const;

export type ExitCode = (typeof exitCode)[keyof typeof exitCode];

/** What each exit code means to a script. */
export const exitCodeMeaning: Readonly<Record<ExitCode, string>> = {
  0: 'done, and nothing is wrong (an empty answer is an answer)',
  1: 'done, and there are findings (`check`, `diff`, `preview`, `doctor`, `certs --fail-within` and `--expect`, `explain --expect` and `--send`, `wait` timed out, `logs --fail-on`)',
  2: 'wrong usage, or it could not be done',
  3: 'answered, but not by every pod; or what was asked for (`--fail-on`, `--fail-within`, `--expect`, `wait`, `--only`) could not be judged',
  130: 'interrupted',
};
