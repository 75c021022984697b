// docs/checks.md, from the checks themselves.

import type { Check } from '#analysis/check/check.ts';
import { sections } from '#model/finding.ts';

const severityWord = { error: 'error', warning: 'warning', info: 'for information' } as const;

export function checksPage(checks: readonly Check[]): string {
  const sorted = checks.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const inSection = sections.map((section) =>
    [`## ${section}`, ...sorted.filter((check) => check.section === section).map(checkEntry)].join('\n\n'),
  );
  const head = [
    '# Checks',
    '<!-- Written by npm run gen from src/analysis/checks. -->',
    'What `kubectl istio-ingress check` looks at. `--only` and `--skip` take ids, names and sections. A check whose facts could not be had',
    'is *not evaluated*, and says why; it does not pass.',
  ];
  return `${[`${head[0]}\n\n${head[1]}\n\n${head[2]}\n${head[3]}`, ...inSection].join('\n\n')}\n`;
}

function checkEntry({ id, name, severity, title, reason, remedy, avoid, needs }: Check): string {
  const rest = [
    `*Why:* ${reason}`,
    `*What to do:* ${remedy}`,
    ...(avoid === undefined ? [] : [`*What not to do:* ${avoid}`]),
    `*Looks at:* ${needs.map(wordsOf).join(', ')}`,
  ];
  return [`### ${id} ${name}`, `${title} (${severityWord[severity]})`, ...rest.map((line) => `- ${line}`)]
    .join('\n\n')
    .replaceAll(/\n\n(?=- )/g, '\n')
    .replace('\n- ', '\n\n- ');
}

const wordsOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
