// docs/checks.md, from the checks themselves.

import { stanzaRules } from '#analysis/chart/findings.ts';
import type { Check } from '#analysis/check/check.ts';
import { sections } from '#model/finding.ts';
import { refusedObject, repeatedObject } from '#questions/preview/given-findings.ts';

const severityWord = { error: 'error', warning: 'warning', info: 'for information' } as const;

const intro = [
  `A finding that follows from another one stands under that (\`causedBy\` in JSON), and goes with it.

A secret that Envoy has rejected stands in its dump all the same. Where there are doubts that a host is served what Envoy holds (a chain in
the wrong order, a key that does not fit, a Secret that is newer than what was taken, a rejection), a TLS handshake tells: for 20 hosts on 3
pods at most, one at a time on each, never for what is passed through. The answer says for which; \`--no-handshake\` leaves them out, and what
was left out is *not judged*.

istiod and Envoy forget a rejected listener or route configuration as soon as another one is taken. What Gateways, VirtualServices and EnvoyFilters
ask for is translated as istiod does it, and held against what pods in sync serve. KII013 says so where the translation has no doubt, the object was
changed after the pods took what they serve, and half a minute has gone by; the pods' logs or istiod's around the change tell Envoy's reason.

\`--for\` asks for what concerns the owner: of Secrets, pods of Services and handshakes those of the owner's hosts, and of every pod what it
serves: one may lack the owner's filter chain alone.`,
  `## Findings that are known

\`check --known FILE\` takes a list, in YAML or JSON:

\`\`\`yaml
- id: KII039              # or the name, connection-reuse
  subject: "*svc1*"       # a pattern: an object (NS/NAME, Gateway NS/NAME), a host, a secret, a pod, or the whole text
  until: 2027-01-31       # the last day
  reason: the two Gateways are merged in January, TICKET-1
\`\`\`

What an entry matches is counted, not repeated, and no part of the exit code, until the end of that day (UTC). After that the entry is a finding
itself (KII070), and what it was for is one again. What is wrong in the file is said with its line.`,
];

export function checksPage(checks: readonly Check[]): string {
  const sorted = checks.toSorted((a, b) => (a.id < b.id ? -1 : 1));
  const inSection = sections.map((section) =>
    [`## ${section}`, ...sorted.filter((check) => check.section === section).map(checkEntry)].join('\n\n'),
  );
  const objects = [
    `## objects

What \`kubectl istio-ingress preview\` finds in the objects that it is given, as they are written: as of the definitions of Istio and Kubernetes
that this tool has.`,
    ...[refusedObject, repeatedObject].map(ruleEntry),
  ].join('\n\n');
  const values = [
    `## values

What \`kubectl istio-ingress preview --values\` finds in the \`ingress:\` stanza of a chart's values, before anything is deployed. It answers
with those of the checks above that the objects would bring, too.`,
    ...stanzaRules.map(ruleEntry),
  ].join('\n\n');
  const head = [
    '# Checks',
    '<!-- Written by npm run gen from src/analysis/checks. -->',
    'What `kubectl istio-ingress check` looks at. `--only` and `--skip` take ids, names and sections. A check whose facts could not be had',
    'is *not evaluated*, and says why; it does not pass.',
  ];
  return `${[`${head[0]}\n\n${head[1]}\n\n${head[2]}\n${head[3]}`, ...intro, ...inSection, objects, values].join('\n\n')}\n`;
}

const checkEntry = ({ avoid, needs, ...about }: Check): string =>
  entry(about, [
    ...(avoid === undefined ? [] : [`*What not to do:* ${avoid}`]),
    `*Looks at:* ${needs.map(wordsOf).join(', ')}`,
  ]);

const ruleEntry = (rule: About): string => entry(rule, []);

type About = Pick<Check, 'id' | 'name' | 'severity' | 'title' | 'reason' | 'remedy'>;

function entry({ id, name, severity, title, reason, remedy }: About, more: readonly string[]): string {
  const rest = [`*Why:* ${reason}`, `*What to do:* ${remedy}`, ...more];
  return [`### ${id} ${name}`, `${title} (${severityWord[severity]})`, ...rest.map((line) => `- ${line}`)]
    .join('\n\n')
    .replaceAll(/\n\n(?=- )/g, '\n')
    .replace('\n- ', '\n\n- ');
}

const wordsOf = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
