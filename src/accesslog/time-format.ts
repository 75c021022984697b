// Times that a format wrote with strftime's letters → RFC 3339. What has no zone is UTC, which START_TIME always is.
// Source: envoy source/common/common/utility.cc DateFormatter (`%f`, `%3f` and `%s` are its own), strftime(3).

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

const expanded: Readonly<Record<string, string>> = { T: '%H:%M:%S', F: '%Y-%m-%d', R: '%H:%M', D: '%m/%d/%y' };

/** Groups by strftime's letters. */
const patterns: Readonly<Record<string, string>> = {
  Y: '(?<Y>\\d{4})',
  y: '(?<y>\\d{2})',
  m: '(?<m>\\d{2})',
  d: '(?<d>\\d{2})',
  e: '\\s?(?<d>\\d{1,2})',
  H: '(?<H>\\d{2})',
  M: '(?<M>\\d{2})',
  S: '(?<S>\\d{2})',
  f: '(?<f>\\d+)',
  s: '(?<s>\\d+)',
  b: `(?<b>${months.join('|')})`,
  h: `(?<b>${months.join('|')})`,
  z: '(?<z>[+-]\\d{2}:?\\d{2}|Z)',
  Z: '\\S+',
  a: '\\w{3}',
  A: '\\w+',
};

type Groups = Readonly<Record<string, string | undefined>>;

/** Undefined for a format with letters that are not known here; then the time stays as it was written. */
export function timeReader(format: string): ((text: string) => string | undefined) | undefined {
  const long = format.replace(/%([TFRD])/g, (_, letter: string) => expanded[letter] ?? '');
  const parts = long.split(/(%(?:E?\d?[a-zA-Z]|%))/);
  const sources = parts.map((part) =>
    /^%./.test(part) ? sourceOf(part) : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  if (sources.includes(undefined) || new Set(names(sources)).size < names(sources).length) return undefined;
  const expression = new RegExp(`^${sources.join('')}$`);
  return (text) => {
    const groups = expression.exec(text)?.groups;
    return groups && isoOf(groups);
  };
}

const names = (sources: readonly (string | undefined)[]): string[] =>
  [...sources.join('').matchAll(/\(\?<(\w)>/g)].map(([, name]) => name as string);

function sourceOf(part: string): string | undefined {
  return part === '%%' ? '%' : patterns[part.at(-1) ?? ''];
}

function isoOf(groups: Groups): string | undefined {
  const fraction = (groups['f'] ?? '').padEnd(3, '0').slice(0, 3) || '000';
  if (groups['s'] !== undefined) return dated(new Date(Number(groups['s']) * 1000 + Number(fraction)));
  const year = groups['Y'] ?? (groups['y'] && `20${groups['y']}`);
  const month = groups['m'] ?? (groups['b'] && String(months.indexOf(groups['b']) + 1).padStart(2, '0'));
  const day = groups['d']?.padStart(2, '0');
  if (!year || !month || !day) return undefined;
  const zone = groups['z']?.replace(/^(...):?(..)$/, '$1:$2') ?? 'Z';
  return dated(
    new Date(
      `${year}-${month}-${day}T${groups['H'] ?? '00'}:${groups['M'] ?? '00'}:${groups['S'] ?? '00'}.${fraction}${zone}`,
    ),
  );
}

const dated = (date: Date): string | undefined => (Number.isNaN(date.getTime()) ? undefined : date.toISOString());
