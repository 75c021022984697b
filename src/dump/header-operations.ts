// What routes do to the headers of a request before the service gets it. Source: envoy/config/core/v3/base.proto
// HeaderValueOption; envoy source/common/router/header_parser.cc evaluateHeaders, config_impl.cc getHeaderParsers.

import { booleanIn, enumIn, type JsonObject, objectIn, objectsIn, textIn, textsIn } from '#core/json.ts';
import type { HeaderOperations } from '#model/route.ts';

export interface OperationLevels {
  /** In Envoy's order; the later one wins. */
  readonly operations: readonly HeaderOperations[];
  /** The route configuration's: what is nearer to the route comes later. */
  readonly mostSpecificWins: boolean;
}

/** Without `above` the holder is a route configuration. */
export function readOperationLevels(holder: JsonObject, above: OperationLevels | undefined): OperationLevels {
  const own = readOperations(holder);
  if (!above)
    return {
      operations: own ? [own] : [],
      mostSpecificWins: booleanIn(holder, 'most_specific_header_mutations_wins') ?? false,
    };
  if (!own) return above;
  const { operations, mostSpecificWins } = above;
  return { mostSpecificWins, operations: mostSpecificWins ? [...operations, own] : [own, ...operations] };
}

/** Undefined where the holder changes no header. */
export function readOperations(holder: JsonObject): HeaderOperations | undefined {
  const remove = textsIn(holder, 'request_headers_to_remove').map((name) => name.toLowerCase());
  const set = objectsIn(holder, 'request_headers_to_add').flatMap(readOption);
  return remove.length + set.length === 0 ? undefined : { remove, set };
}

const actions: Readonly<Record<string, HeaderOperations['set'][number]['action']>> = {
  APPEND_IF_EXISTS_OR_ADD: 'append',
  ADD_IF_ABSENT: 'add-if-absent',
  OVERWRITE_IF_EXISTS_OR_ADD: 'overwrite',
  OVERWRITE_IF_EXISTS: 'overwrite-if-present',
};

function readOption(option: JsonObject): HeaderOperations['set'] {
  const header = objectIn(option, 'header');
  const value = (header && textIn(header, 'value')) ?? '';
  if (!header || (value === '' && !(booleanIn(option, 'keep_empty_value') ?? false))) return [];
  // `append` is the older spelling; it counts where it is set.
  const append = booleanIn(option, 'append');
  const action = append === false ? 'overwrite' : actions[enumIn(option, 'append_action') ?? 'APPEND_IF_EXISTS_OR_ADD'];
  return [{ name: (textIn(header, 'key') ?? '').toLowerCase(), value, action: action ?? 'append' }];
}
