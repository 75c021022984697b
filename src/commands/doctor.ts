// `doctor`: can everything be reached, as whom, with which rights, and which rule is missing?

import { answer, defineCommand } from '#command/command.ts';
import { sourceOptions } from '#command/source-options.ts';
import { askDoctor } from '#questions/doctor.ts';
import { doctorView } from '#render/views/doctor.ts';

export default defineCommand({
  name: 'doctor',
  group: 'tool',
  summary: 'Can I reach everything, as whom, and which rights are missing?',
  details: `The tool reads the kubeconfig, asks the API server for its version and for every right that the tool can use, and finds the gateway. Then it
asks one pod and every istiod for a little. Of a snapshot it says what its maker could and could not read. Exit code 0: everything works;
1: answers have gaps; 2: nothing can be answered.`,
  examples: [
    { args: 'doctor', describe: 'a line for each thing, and the missing rule as YAML' },
    { args: 'doctor --as system:serviceaccount:tools:runbook', describe: 'the same for somebody else' },
  ],
  flags: {},
  run: async (context, flags) => {
    const { gateway, from } = sourceOptions(flags, context.env);
    const opened = context.source();
    // A snapshot tells what its maker could and could not read.
    const chosenBy = from === undefined ? undefined : (await opened).chosenBy;
    return answer({ view: doctorView, ...(await askDoctor({ opened, gateway: { ...gateway, ...chosenBy } })) });
  },
});
