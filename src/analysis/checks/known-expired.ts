import { defineCheck } from '#analysis/check/check.ts';
import { hasExpired } from '#analysis/check/known-findings.ts';

export default defineCheck({
  id: 'KII070',
  section: 'configuration',
  severity: 'error',
  name: 'known-expired',
  title: 'no entry of --known has expired',
  reason: 'Somebody wanted the finding to be gone by then.',
  remedy: 'Correct what it is about and delete the entry, or give it a new day and a reason.',
  needs: ['knownFindings'],
  find: ({ knownFindings, now }) =>
    knownFindings
      .filter((entry) => hasExpired(entry, now))
      .map(({ id, subject, until, reason, line }) => ({
        text: `the entry of ${id} for "${subject}" in line ${line} has expired on ${until}: ${reason}`,
        next: ['correct what it is about and delete the entry, or give it a new day'],
      })),
});
