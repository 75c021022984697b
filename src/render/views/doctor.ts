// How `doctor` looks: a line for each thing that has to be so, then the rule that is missing, to be applied as it
// stands.

import type { Answer, Style, View } from '#command/command.ts';
import { hintLines, hintText } from '#core/error.ts';
import type { AccessCheck } from '#model/access-check.ts';
import type { MissingRight } from '#model/right.ts';
import { padText, wrapText } from '#render/format/text.ts';
import { paint, type Tone } from '#render/format/tone.ts';

const signs: Readonly<Record<AccessCheck['state'], readonly [sign: string, tone: Tone]>> = {
  ok: ['✓', 'good'],
  note: ['–', 'faint'],
  warning: ['!', 'warning'],
  failed: ['✗', 'bad'],
};

const nameWidth = 13;

export const doctorView: View<AccessCheck> = {
  kind: 'Doctor',
  table: (items, answer, style) => [...items.flatMap((item) => renderCheck(item, style)), ...renderMissing(answer)],
  json: (item) => ({ ...item, hint: hintText(item) }),
  name: ({ name, state }) => `${name.toLowerCase().replace(' ', '-')}/${state}`,
};

function renderCheck({ name, state, says, hint }: AccessCheck, style: Style): string[] {
  const [sign, tone] = signs[state];
  const lines = [says, ...hintLines({ hint })].flatMap((text) =>
    wrapText(text, Math.max(30, style.columns - nameWidth - 2)),
  );
  return lines.map((line, index) =>
    index === 0
      ? `${paint(sign, tone, style.color)} ${padText(name, nameWidth)}${line}`
      : `${' '.repeat(nameWidth + 2)}${line}`,
  );
}

function renderMissing({ extra = {} }: Answer<AccessCheck>): string[] {
  const { missing = [], user } = extra as { readonly missing?: readonly MissingRight[]; readonly user?: string };
  if (missing.length === 0) return [];
  const byNamespace = [...Map.groupBy(missing, ({ namespace }) => namespace)];
  return [
    '',
    `# What ${user ?? 'the user of this context'} lacks; bind it with a RoleBinding, or a ClusterRoleBinding for the ClusterRole.`,
    ...byNamespace.flatMap(roleYaml),
  ];
}

function roleYaml(
  [namespace, missing]: readonly [string | undefined, readonly MissingRight[]],
  index: number,
): string[] {
  const list = (values: readonly string[]): string =>
    `[${values.map((value) => (value === '' ? '""' : value)).join(', ')}]`;
  return [
    ...(index === 0 ? [] : ['---']),
    'apiVersion: rbac.authorization.k8s.io/v1',
    `kind: ${namespace === undefined ? 'ClusterRole' : 'Role'}`,
    'metadata:',
    '  name: istio-ingress-missing',
    ...(namespace === undefined ? [] : [`  namespace: ${namespace}`]),
    'rules:',
    ...missing.flatMap(({ group, resources, verbs }) => [
      `  - apiGroups: ${list([group])}`,
      `    resources: ${list(resources)}`,
      `    verbs: ${list(verbs)}`,
    ]),
  ];
}
