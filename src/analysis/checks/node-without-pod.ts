import { defineCheck } from '#analysis/check/check.ts';
import { step } from '#core/shell.ts';

export default defineCheck({
  id: 'KII001',
  section: 'pods',
  severity: 'error',
  name: 'node-without-pod',
  title: 'every node that should have a gateway pod has one',
  reason: 'A load balancer that sends requests to every node sends some to this one, and they fail.',
  remedy: "Read the pod's events: the scheduler says what it lacks (cpu, a taint, a port of the host).",
  needs: ['gateway'],
  find: ({ gateway: { kind, name, namespace, nodesWithoutPod } }) =>
    [...Map.groupBy(nodesWithoutPod, ({ reason }) => reason)].map(([reason, nodes]) => ({
      text: `${nodes.length > 3 ? `${nodes.length} nodes have` : `${nodes.map(({ node }) => node).join(', ')} ${nodes.length === 1 ? 'has' : 'have'}`} no gateway pod: ${reason}`,
      next: [
        kind === 'DaemonSet'
          ? step`kubectl -n ${namespace} describe daemonset ${name}`
          : step`kubectl -n ${namespace} get events`,
      ],
    })),
});
