// What a route does to the headers of a request before the service gets it. Source: envoy
// source/common/router/header_parser.cc evaluateHeaders, config_impl.cc finalizeRequestHeaders.

import { headerOf, type Request } from '#model/request.ts';
import type { HeaderOperations } from '#model/route.ts';

/** `value` undefined: nobody knows it beforehand. */
interface Value {
  readonly value: string | undefined;
}

/** The values of one header after all operations, in order; those of a later one find what an earlier one has left. */
export function headerAfter(name: string, operations: readonly HeaderOperations[], request: Request): Value[] {
  const sent: Value[] = request.unknownHeaders?.has(name)
    ? [{ value: undefined }]
    : (request.headers.get(name) ?? [headerOf(request, name)].flatMap((one) => one ?? [])).map((value) => ({ value }));
  return operations.reduce((values, one) => applied(name, one, values, request), sent);
}

/** First what is removed, then what is overwritten, then what is added. */
function applied(name: string, { remove, set }: HeaderOperations, before: Value[], request: Request): Value[] {
  const left = remove.includes(name) ? [] : before;
  const own = set
    .filter((one) => one.name === name)
    .map(({ value, action }) => ({ action, value: formatted(value, request) }))
    .filter(({ value, action }) => value !== '' || action !== 'append');
  const isThere = left.length > 0;
  const over = own.filter(({ action }) => action === 'overwrite' || (action === 'overwrite-if-present' && isThere));
  const added = own.filter(({ action }) => action === 'append' || (action === 'add-if-absent' && !isThere));
  const last = over.at(-1);
  return [...(last ? [{ value: last.value }] : left), ...added.map(({ value }) => ({ value }))];
}

/** Undefined for a format whose value is not known beforehand. */
function formatted(format: string, request: Request): string | undefined {
  let isKnown = true;
  const text = format.replace(/%%|%REQ\(([^):?]+)\)%|%[^%]*%?/g, (token, name: string | undefined) => {
    if (token === '%%') return '%';
    const value = name === undefined ? undefined : headerOf(request, name.toLowerCase());
    if (value === undefined) isKnown = false;
    return value ?? '';
  });
  return isKnown ? text : undefined;
}
