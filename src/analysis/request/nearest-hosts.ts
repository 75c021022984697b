// "SNI unknown: the nearest hosts are …".

import { distance } from 'fastest-levenshtein';
import { withoutPort } from '#core/host.ts';

/**
 * The hosts that may have been meant, at most `most`, nearest first: a slip of the fingers away, or the same name under
 * another domain. Hosts of one company are alike by their domain alone, which counts for nothing.
 */
export function nearestHosts(host: string, existing: readonly string[], most = 5): string[] {
  const wanted = withoutPort(host.toLowerCase());
  const names = [...new Set(existing)];
  const alike = names.filter((name) => isRelated(wanted, name.toLowerCase()));
  // A first label that many have, such as www, tells nothing.
  const related = new Set(alike.length > most ? [] : alike);
  return names
    .map((name) => ({ name, far: distance(wanted, comparable(name.toLowerCase(), wanted)) }))
    .filter(({ name, far }) => far <= mostEdits || related.has(name))
    .sort((a, b) => a.far - b.far || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name);
}

/** Two letters swapped are two edits. */
const mostEdits = 2;

/** Who writes no domain means the first label. */
const comparable = (name: string, wanted: string): string => (wanted.includes('.') ? name : firstLabel(name));

const isRelated = (wanted: string, name: string): boolean =>
  firstLabel(wanted) === firstLabel(name) || wanted.endsWith(`.${name}`) || name.endsWith(`.${wanted}`);

const firstLabel = (host: string): string => host.split('.')[0] ?? '';
