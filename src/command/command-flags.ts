// Every flag that a command takes: its own, those of the cluster and the gateway that it reads, and everybody's.

import { type Command, type OutputFormat, outputFormats } from './command.ts';
import type { Flags } from './flag.ts';
import { commonFlags, directoryFlags, gatewayFlags, kubeFlags, outputFlags } from './flags.ts';

/** Its own first. */
export function flagsOf(command: Command): Flags {
  return {
    ...command.flags,
    ...outputFlagsOf(command),
    ...(command.usesCluster === false
      ? {}
      : { ...gatewayFlags, ...(command.needsLive ? {} : directoryFlags), ...kubeFlags }),
    ...commonFlags,
  };
}

/** What `-o` takes. */
export const formatsOf = ({ outputs, usesCluster }: Command): readonly OutputFormat[] =>
  outputs ?? (usesCluster === false ? [] : outputFormats.filter((format) => format !== 'envoy'));

function outputFlagsOf(command: Command): Flags {
  const offered = formatsOf(command);
  if (offered.length === 0) return {};
  return {
    output: {
      ...outputFlags.output,
      describe: offered.map((format) => (format === 'jsonpath' ? 'jsonpath=TEMPLATE' : format)).join(', '),
    },
  };
}
