// Times that a format wrote with strftime's letters → RFC 3339. What has no zone is UTC, which START_TIME always is.
// Source: envoy source/common/common/utility.cc DateFormatter (`%f`, `%3f` and `%s` are its own), abseil
// absl/time/format.h (`%E3S`, `%E*S`, `%Ez`, `%E4Y`, `%ET` are), strftime(3).

const months = 'January February March April May June July August September October November December'.split(' ');
const shortMonths = months.map((name) => name.slice(0, 3));

const expanded: Readonly<Record<string, string>> = {
  T: '%H:%M:%S',
  F: '%Y-%m-%d',
  R: '%H:%M',
  D: '%m/%d/%y',
  r: '%I:%M:%S %p',
  c: '%a %b %e %H:%M:%S %Y',
};

/** Groups by strftime's letters. */
const patterns: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})',
  y: '(?<y>\\d{2})',
  m: '(?<m>\\d{2})',
  d: '(?<d>\\d{2})',
  e: '\\s?(?<d>\\d{1,2})',
  H: '(?<H>\\d{2})',
  k: '\\s?(?<H>\\d{1,2})',
  I: '(?<I>\\d{2})',
  l: '\\s?(?<I>\\d{1,2})',
  p: '(?<p>[AP]M)',
  M: '(?<M>\\d{2})',
  S: '(?<S>\\d{2})',
  s: '(?<s>\\d+)',
  b: `(?<b>${shortMonths.join('|')})`,
  h: `(?<b>${shortMonths.join('|')})`,
  B: `(?<B>${months.join('|')})`,
  z: '(?<z>[+-]\\d{2}:?\\d{2}|Z)',
  Z: '\\S+',
  a: '\\w{3}',
  A: '\\w+',
};

type Groups = Readonly<Record<string, string | undefined>>;

/** Undefined for a format with letters that are not known here, or without a day; the time stays as it was written. */
export function timeReader(format: string): ((text: string) => string | undefined) | undefined {
  const long = format.replace(/%([TFRDrc])/g, (_, letter: string) => expanded[letter] ?? '');
  const parts = long.split(/(%(?:E?[\d*]?[a-zA-Z]|%))/);
  const sources = parts.map((part) =>
    /^%./.test(part) ? sourceOf(part) : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  const groups = namesIn(sources);
  if (sources.includes(undefined) || new Set(groups).size < groups.length || !tellsDay(groups)) return undefined;
  const expression = new RegExp(`^${sources.join('')}$`);
  return (text) => {
    const found = expression.exec(text)?.groups;
    return found && isoOf(found);
  };
}

const namesIn = (sources: readonly (string | undefined)[]): string[] =>
  [...sources.join('').matchAll(/\(\?<(\w)>/g)].map(([, name]) => name as string);

const tellsDay = (groups: readonly string[]): boolean =>
  groups.includes('s') || ['Yy', 'mbB', 'd'].every((letters) => groups.some((group) => letters.includes(group)));

function sourceOf(part: string): string | undefined {
  const [, isOfAbseil, width = '', letter = ''] = /^%(E?)([\d*]?)(.)$/.exec(part) ?? [];
  if (letter === '%') return '%';
  if (letter === 'f') return digits(width === '' ? '9' : width);
  if (isOfAbseil && letter === 'S' && width !== '') return patterns['S'] + seconds(width);
  return isOfAbseil && letter === 'T' ? 'T' : patterns[letter];
}

/** As many as the format says; without them the ones of `%s%3f` would be those of the seconds. */
const digits = (width: string): string => `(?<f>\\d${width === '*' ? '+' : `{${width}}`})`;

/** Behind the seconds: none where it says 0, or where `*` finds none but zeros. */
const seconds = (width: string): string =>
  width === '0' ? '' : width === '*' ? `(?:\\.${digits(width)})?` : `\\.${digits(width)}`;

function isoOf(groups: Groups): string | undefined {
  const fraction = (groups['f'] ?? '').padEnd(3, '0').slice(0, 3) || '000';
  if (groups['s'] !== undefined) return dated(new Date(Number(groups['s']) * 1000 + Number(fraction)));
  const year = groups['Y'] ?? (groups['y'] && `20${groups['y']}`);
  const month = groups['m'] ?? monthOf(shortMonths, groups['b']) ?? monthOf(months, groups['B']);
  const day = groups['d']?.padStart(2, '0');
  if (!year || !month || !day) return undefined;
  const zone = groups['z']?.replace(/^(...):?(..)$/, '$1:$2') ?? 'Z';
  return dated(
    new Date(
      `${year}-${month}-${day}T${hourOf(groups)}:${groups['M'] ?? '00'}:${groups['S'] ?? '00'}.${fraction}${zone}`,
    ),
  );
}

const monthOf = (names: readonly string[], name: string | undefined): string | undefined =>
  name && String(names.indexOf(name) + 1).padStart(2, '0');

/** 12 AM is midnight. */
function hourOf({ H, I, p }: Groups): string {
  const hour = H ?? (I && String((Number(I) % 12) + (p === 'PM' ? 12 : 0)));
  return (hour ?? '00').padStart(2, '0');
}

const dated = (date: Date): string | undefined => (Number.isNaN(date.getTime()) ? undefined : date.toISOString());
