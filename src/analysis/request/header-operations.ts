// What a route does to the headers of a request before the service gets it. Source: envoy
// source/common/router/header_parser.cc evaluateHeaders, config_impl.cc finalizeRequestHeaders.

import { memoize } from '#core/memoize.ts';
import { headerOf, type Request } from '#model/request.ts';
import type { HeaderOperations } from '#model/route.ts';

/** `value` undefined: nobody knows it beforehand. */
interface Value {
  readonly value: string | undefined;
}

type Lookup = (name: string) => Value[];

/** The values of one header after all operations, in order; those of a later one find what an earlier one has left. */
export const headerAfter = (name: string, operations: readonly HeaderOperations[], request: Request): Value[] =>
  operations.reduce<Lookup>(
    // Formats, too, find nothing of what their own operation removes.
    (before, one) =>
      memoize((each) => applied(each, one, (other) => (one.remove.includes(other) ? [] : before(other)))),
    (each) => headerSent(each, request),
  )(name);

function headerSent(name: string, request: Request): Value[] {
  if (request.unknownHeaders?.has(name)) return [{ value: undefined }];
  return (request.headers.get(name) ?? [headerOf(request, name)].flatMap((one) => one ?? [])).map((value) => ({
    value,
  }));
}

/** First what is removed, which `leftOf` knows, then what is overwritten, then what is added. */
function applied(name: string, { set }: HeaderOperations, leftOf: Lookup): Value[] {
  const left = leftOf(name);
  const own = set
    .filter((one) => one.name === name)
    .map(({ value, action }) => ({ action, value: formatted(value, leftOf) }))
    .filter(({ value, action }) => value !== '' || action !== 'append');
  const isThere = left.length > 0;
  const over = own.filter(({ action }) => action === 'overwrite' || (action === 'overwrite-if-present' && isThere));
  const added = own.filter(({ action }) => action === 'append' || (action === 'add-if-absent' && !isThere));
  const last = over.at(-1);
  return [...(last ? [{ value: last.value }] : left), ...added.map(({ value }) => ({ value }))];
}

/** Undefined for a format whose value is not known beforehand. Source: envoy http_formatter.cc HeaderFormatter::findHeader. */
function formatted(format: string, valuesOf: Lookup): string | undefined {
  let isKnown = true;
  const text = format.replace(/%%|%REQ\(([^):?]+)\)%|%[^%]*%?/g, (token, name: string | undefined) => {
    if (token === '%%') return '%';
    const [first] = name === undefined ? [] : valuesOf(name.toLowerCase());
    if (first?.value === undefined) isKnown = false;
    return first?.value ?? '';
  });
  return isKnown ? text : undefined;
}
