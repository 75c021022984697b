import { defineCheck } from '#analysis/check/check.ts';
import { notReady } from '#analysis/fleet/pod-problems.ts';
import { step } from '#core/shell.ts';

export default defineCheck({
  id: 'KII002',
  section: 'pods',
  severity: 'error',
  name: 'pod-not-ready',
  title: 'every pod is ready',
  reason: 'Services leave pods out that are not ready; one that never got a configuration does not become ready.',
  remedy: "Read the pod's events and the log of its last run.",
  needs: ['gateway'],
  find: ({ gateway: { namespace, pods } }) =>
    notReady(pods).map((one) => ({ ...one, next: [step`kubectl -n ${namespace} describe pod ${one.pods[0] ?? ''}`] })),
});
