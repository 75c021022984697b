// `certs --pem`: the one chain that is asked for, or why there is not exactly one.

import { ToolError } from '#core/error.ts';
import { step, stepText } from '#core/shell.ts';

/** What one pod holds of one secret that was asked for. */
export interface PodPem {
  readonly secret: string;
  readonly pod: string;
  /** The whole bundle; empty where it is not loaded or cannot be seen. */
  readonly pem: string;
}

/**
 * Throws `usage` where several secrets are meant, `not-ready` where none is loaded and `differs` where pods hold
 * different ones.
 */
export function onePem(pems: readonly PodPem[]): string {
  const secrets = [...new Set(pems.map(({ secret }) => secret))];
  const [secret] = secrets;
  if (secrets.length !== 1) {
    throw new ToolError(
      'usage',
      `cannot print one chain: ${secrets.length === 0 ? 'no certificate' : `${secrets.length} secrets`} of that name`,
      {
        hint:
          secrets.length === 0
            ? 'see which there are: kubectl istio-ingress certs'
            : `choose one: ${secrets.slice(0, 6).join(', ')}`,
      },
    );
  }
  const [first, other] = [...new Map(pems.map((one) => [one.pem, one])).values()];
  if (first && other) {
    throw new ToolError(
      'differs',
      `cannot print one chain of ${secret}: ${first.pod} and ${other.pod} hold different ones`,
      {
        hint: `choose one with --pod ${first.pod}, or see both with --text`,
      },
    );
  }
  if (first === undefined || first.pem === '') {
    throw new ToolError(
      'not-ready',
      `cannot print the chain of ${secret}: Envoy holds no certificate of that name that can be read`,
      {
        hint: stepText(step`kubectl istio-ingress secrets --name ${secret ?? ''}`),
      },
    );
  }
  return first.pem;
}
