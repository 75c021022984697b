import { defineCheck } from '#analysis/check/check.ts';
import { step } from '#core/shell.ts';

export default defineCheck({
  id: 'KII005',
  section: 'pods',
  severity: 'error',
  name: 'pod-silent',
  title: "every pod's Envoy answers",
  reason: 'What such a pod serves cannot be seen: every other check is silent about it.',
  remedy:
    'The message says whether it was the API server, the node or Envoy. Ask again; an Envoy whose main thread hangs has to be restarted.',
  needs: ['statuses', 'gateway'],
  find: ({ statuses, gateway: { namespace } }) =>
    statuses.flatMap(({ pod, failure }) =>
      failure === undefined
        ? []
        : [{ text: failure, pods: [pod.name], next: [step`kubectl -n ${namespace} describe pod ${pod.name}`] }],
    ),
});
