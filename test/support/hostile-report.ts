// A report whose every text ends with what would be markup, a script or a hidden character somewhere.

import type { Report } from '#model/report.ts';

const hostile = [
  '</script><script>pwned=1</script>',
  '<!--<script>',
  '"><img src=x onerror=pwned=1>',
  "'-(pwned=1)-'",
  '\u2028\u2029\u202e\u0000\ud800',
  'javascript:pwned=1',
].join('');

/** Stand for a choice or a time, and are typed so. */
const choices =
  /^(?:kind|severity|outcome|section|change|part|component|at|until|from|to|first|last|takenAt|notAfter|startedAt|id|time|here|there|updated)$/;

export const poisoned = (report: Report): Report =>
  JSON.parse(
    JSON.stringify(report, (key, value: unknown) =>
      typeof value === 'string' && !choices.test(key) ? `${value}${hostile}` : value,
    ),
  ) as Report;
