// Ages as kubectl has them. Source: apimachinery/pkg/util/duration/duration.go, HumanDuration.

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;
const year = 365 * day;

/** `long`, and what is left of it in `short`, unless that is none. */
function inTwo(ms: number, [long, longName]: readonly [number, string], [short, shortName]: readonly [number, string]) {
  const rest = Math.floor((ms % long) / short);
  return `${Math.floor(ms / long)}${longName}${rest === 0 ? '' : `${rest}${shortName}`}`;
}

/** With two units where one would say little. */
export function humanDuration(ms: number): string {
  if (ms <= -2 * second) return '<invalid>';
  if (ms < 0) return '0s';
  if (ms < 2 * minute) return `${Math.floor(ms / second)}s`;
  if (ms < 10 * minute) return inTwo(ms, [minute, 'm'], [second, 's']);
  if (ms < 3 * hour) return `${Math.floor(ms / minute)}m`;
  if (ms < 8 * hour) return inTwo(ms, [hour, 'h'], [minute, 'm']);
  if (ms < 2 * day) return `${Math.floor(ms / hour)}h`;
  if (ms < 8 * day) return inTwo(ms, [day, 'd'], [hour, 'h']);
  if (ms < 2 * year) return `${Math.floor(ms / day)}d`;
  if (ms < 8 * year) return inTwo(ms, [year, 'y'], [day, 'd']);
  return `${Math.floor(ms / year)}y`;
}

export const ageOf = (time: string | undefined, now: Date): string =>
  time === undefined ? '<unknown>' : humanDuration(now.getTime() - Date.parse(time));
