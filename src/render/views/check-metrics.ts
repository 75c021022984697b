// `check -o openmetrics`, for the textfile collector of the node exporter or an exec probe.
// Source: prometheus.io/docs/specs/om/open_metrics_spec (gauge families, label escaping, # EOF).

import type { Answer } from '#command/command.ts';
import { type CheckResult, severities } from '#model/finding.ts';

export function checkMetrics(items: readonly CheckResult[], { gateway }: Answer<CheckResult>, now: Date): string {
  const place = { namespace: gateway.namespace, gateway: gateway.name };
  const findings = items.flatMap(({ id, name, findings: own }) =>
    severities.map((severity) =>
      sample(
        'istio_ingress_check_findings',
        { ...place, id, name, severity },
        own.filter((one) => one.severity === severity && !one.known).length,
      ),
    ),
  );
  const evaluated = items.map(({ id, name, outcome }) =>
    sample('istio_ingress_check_evaluated', { ...place, id, name }, outcome === 'not-evaluated' ? 0 : 1),
  );
  return [
    ...family('istio_ingress_check_findings', 'Findings of each check by severity.', findings),
    ...family(
      'istio_ingress_check_evaluated',
      '0 where a check could not be evaluated: its findings are then not known.',
      evaluated,
    ),
    ...family('istio_ingress_check_timestamp_seconds', 'When the checks were made.', [
      sample('istio_ingress_check_timestamp_seconds', place, Math.floor(now.getTime() / 1000)),
    ]),
    '# EOF\n',
  ].join('\n');
}

const family = (name: string, help: string, samples: readonly string[]): string[] => [
  `# TYPE ${name} gauge`,
  `# HELP ${name} ${help}`,
  ...samples,
];

function sample(name: string, labels: Readonly<Record<string, string>>, value: number): string {
  const text = Object.entries(labels).map(([label, of]) => `${label}="${escaped(of)}"`);
  return `${name}{${text.join(',')}} ${value}`;
}

const escaped = (value: string): string =>
  value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
