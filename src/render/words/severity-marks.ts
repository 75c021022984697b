// How bad a finding is, by a sign and its colour.

import type { Severity } from '#model/finding.ts';
import type { Tone } from '#render/format/tone.ts';

export const severityMarks: Readonly<Record<Severity, { readonly mark: string; readonly tone: Tone | undefined }>> = {
  error: { mark: '✗', tone: 'bad' },
  warning: { mark: '!', tone: 'warning' },
  info: { mark: 'i', tone: undefined },
};
