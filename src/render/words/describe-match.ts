// The whole match of a route in words, in Envoy's terms. Two different matches are never described alike: values are
// quoted where they could be taken for something else.

import {
  describeOthers,
  type Fraction,
  type HeaderMatch,
  type PathMatch,
  type QueryMatch,
  type RouteMatch,
  type StringMatch,
} from '#model/match.ts';

export const separator = ' · ';

/** `prefix /two · method = GET · header x-client = beta · not (query debug present)`. */
export function describeMatch(match: RouteMatch): string {
  return [
    describePath(match.path),
    ...match.headers.map(describeHeader),
    ...match.query.map(describeQuery),
    match.grpc ? 'gRPC' : '',
    match.fraction === undefined ? '' : describeFraction(match.fraction),
    ...describeOthers(match).map((condition) => `also ${condition}`),
  ]
    .filter((part) => part !== '')
    .join(separator);
}

function describePath(path: PathMatch): string {
  switch (path.kind) {
    case 'prefix':
    case 'exact':
    case 'path-separated-prefix':
      return `${path.kind} ${quoteValue(path.value)}${path.caseSensitive ? '' : ', any case'}`;
    case 'regex':
    case 'template':
      return `${path.kind} ${quoteValue(path.value)}`;
    case 'connect':
      return 'CONNECT';
    case 'unknown':
      return `unknown match ${path.type}`;
  }
}

/** Envoy keeps method, host and scheme as headers whose names begin with a colon; those go without the word header. */
export function describeHeader(header: HeaderMatch): string {
  const name = header.name.startsWith(':') ? header.name.slice(1) : `header ${quoteValue(header.name)}`;
  const text = `${name} ${describeHeaderValue(header.value)}${header.treatMissingAsEmpty ? ', missing is empty' : ''}`;
  return header.invert ? `not (${text})` : text;
}

function describeHeaderValue(value: HeaderMatch['value']): string {
  switch (value.kind) {
    case 'present':
      return value.present ? 'present' : 'absent';
    case 'range':
      return `>= ${value.start} and < ${value.end}`;
    default:
      return describeString(value);
  }
}

function describeQuery(query: QueryMatch): string {
  const { value } = query;
  const text = value.kind === 'present' ? (value.present ? 'present' : 'absent') : describeString(value);
  return `query ${quoteValue(query.name)} ${text}`;
}

function describeString(value: StringMatch): string {
  switch (value.kind) {
    case 'exact':
      return `= ${quoteValue(value.value)}${value.ignoreCase ? ', any case' : ''}`;
    case 'prefix':
    case 'suffix':
    case 'contains':
      return `${value.kind} ${quoteValue(value.value)}${value.ignoreCase ? ', any case' : ''}`;
    case 'regex':
      return `regex ${quoteValue(value.value)}`;
    case 'unknown':
      return `unknown match ${value.type}`;
  }
}

function describeFraction(fraction: Fraction): string {
  const share = `${(fraction.numerator / fraction.denominator) * 100}% of requests`;
  return fraction.runtimeKey === undefined ? share : `${share} (runtime ${fraction.runtimeKey})`;
}

/** As it is where nothing in it could be read as the end of the value. */
export const quoteValue = (value: string): string => (/^[^\s",·]+$/.test(value) ? value : JSON.stringify(value));
