// What `status` needs of listeners, from an answer masked to names and error states: which updates Envoy rejected.

import { field, type JsonObject, objectIn, textIn } from '#core/json.ts';
import type { RejectedContent } from '#model/gathered.ts';
import type { RejectedResource } from '#model/status.ts';
import { dumpElements, readRejection } from './elements.ts';

/**
 * A rejected listener that was never active has its name only in `failed_configuration`, where the request asked for
 * that.
 */
export function readRejectedListeners(json: unknown): RejectedResource[] {
  const all = dumpElements(json, 'Listeners').flatMap(({ element }): RejectedResource[] => {
    const rejection = readRejection(element);
    return rejection ? [{ kind: 'listener', name: nameOf(element), ...rejection }] : [];
  });
  // An update of an active listener that is rejected stands there twice, once without a name.
  const named = new Set(all.flatMap(({ name, details }) => (name === '' ? [] : [details])));
  return all.filter(({ name, details }) => name !== '' || !named.has(details));
}

const failedOf = (element: JsonObject): JsonObject | undefined => {
  const error = objectIn(element, 'error_state');
  return error && objectIn(error, 'failed_configuration');
};

function nameOf(element: JsonObject): string {
  const failed = failedOf(element);
  return textIn(element, 'name') || (failed && textIn(failed, 'name')) || '';
}

/** From an answer that is not masked. */
export function readRejectedContents(json: unknown): RejectedContent[] {
  return dumpElements(json, 'Listeners').flatMap(({ element }) => {
    const failed = failedOf(element);
    if (!failed) return [];
    const active = JSON.stringify(field(element.fields, 'active_state') ?? '');
    return [{ kind: 'listener', name: nameOf(element), failed: JSON.stringify(failed.fields), active }];
  });
}
