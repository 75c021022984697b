// What `status` needs of listeners, from an answer masked to names and error states: which updates Envoy rejected.

import { objectIn, textIn } from '#core/json.ts';
import type { RejectedResource } from '#model/status.ts';
import { dumpElements, readRejection } from './elements.ts';

/**
 * A rejected listener that never was active has no name of its own: `failed_configuration` tells it, where it was asked
 * for.
 */
export function readRejectedListeners(json: unknown): RejectedResource[] {
  return dumpElements(json, 'Listeners').flatMap(({ element }) => {
    const rejection = readRejection(element);
    if (!rejection) return [];
    const error = objectIn(element, 'error_state');
    const failed = error && objectIn(error, 'failed_configuration');
    const name = textIn(element, 'name') || (failed && textIn(failed, 'name')) || '';
    return [{ kind: 'listener', name, ...rejection }];
  });
}
