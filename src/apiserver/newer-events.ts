// events.k8s.io/v1, of which k9s reads Events: those of v1 with other names of fields.
// Source: kubernetes/pkg/apis/events/v1/conversion.go.

import { kinds } from '#core/kinds.ts';
import type { ResourceType } from './resource-type.ts';

const names: ReadonlyMap<string, string> = new Map([
  ['involvedObject', 'regarding'],
  ['message', 'note'],
  ['reportingComponent', 'reportingController'],
  ['source', 'deprecatedSource'],
  ['firstTimestamp', 'deprecatedFirstTimestamp'],
  ['lastTimestamp', 'deprecatedLastTimestamp'],
  ['count', 'deprecatedCount'],
]);

export const newerEvents: ResourceType = {
  ...kinds.events,
  resource: 'events',
  group: 'events.k8s.io',
  fieldName: (name) => names.get(name) ?? name,
};
