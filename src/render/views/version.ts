// How `version` looks: a line for each version that runs somewhere.

import type { View } from '#command/command.ts';
import type { ComponentVersion } from '#model/version.ts';
import { type Column, renderTable } from '#render/format/table.ts';

const columns: readonly Column<ComponentVersion>[] = [
  { title: 'COMPONENT', cell: ({ component }) => component },
  { title: 'VERSION', cell: ({ version }) => version },
  { title: 'ENVOY', cell: ({ envoyVersion }) => envoyVersion ?? '—' },
  { title: 'PODS', cell: describeWhere, narrow: 'wrap' },
];

/** Names where there are few, or where this line is the exception. */
function describeWhere({ pods, component }: ComponentVersion): string {
  if (component === 'client') return '—';
  return pods.length > 3 ? `${pods.length} pods` : pods.join(', ');
}

const wideColumns = columns.map((column) =>
  column.title === 'PODS' ? { ...column, cell: ({ pods }: ComponentVersion) => pods.join(', ') || '—' } : column,
);

export const versionView: View<ComponentVersion> = {
  kind: 'Version',
  table: (items, _, style) => renderTable(style.wide ? wideColumns : columns, items, style),
  name: ({ component, version }) => `${component}/${version}`,
};
