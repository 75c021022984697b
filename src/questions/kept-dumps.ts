// Dumps that an answer keeps beside its rows, for `-o envoy`: without private keys and other credentials.

import { withoutSecrets } from '#dump/redaction.ts';

export const keptDumps = (dumps: readonly unknown[]): Promise<readonly unknown[]> =>
  Promise.all(dumps.map((dump) => withoutSecrets(dump)));
