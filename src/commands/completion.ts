// `completion`: what makes Tab work, for the binary in a shell and for kubectl.

import { defineCommand, type Outcome } from '#command/command.ts';
import { installLink } from '#completion/link.ts';
import { completionScripts, type Shell } from '#completion/scripts.ts';

export default defineCommand({
  name: 'completion',
  group: 'tool',
  summary: 'Make Tab complete commands, flags, and names that the cluster has',
  details: `install: kubectl completes "kubectl istio-ingress" by a program beside the plugin; this makes it, a link. kubectl's own
completion has to be there: source <(kubectl completion bash).
bash, zsh, fish: prints what the shell runs to complete kubectl-istio_ingress itself.
Hosts, pods, secrets and so on are asked of the cluster, and shown where they come within 300 ms.`,
  examples: [
    { args: 'completion install', describe: 'for kubectl istio-ingress, once' },
    { args: 'completion bash', describe: 'for kubectl-istio_ingress: source <(kubectl-istio_ingress completion bash)' },
  ],
  arguments: [
    { name: 'what', describe: 'install, or the shell: bash, zsh or fish', choices: ['install', 'bash', 'zsh', 'fish'] },
  ],
  flags: {},
  outputs: [],
  usesCluster: false,
  run: async ({ env }, _, [what = '']) =>
    what === 'install' ? installed(env) : { text: { document: completionScripts[what as Shell] } },
});

function installed(env: Parameters<typeof installLink>[0]): Outcome {
  const { path, wasThere } = installLink(env);
  return {
    text: [
      `${path} ${wasThere ? 'is there already' : 'is made'}: kubectl 1.26 and newer complete kubectl istio-ingress, once kubectl's own completion is there`,
    ],
  };
}
