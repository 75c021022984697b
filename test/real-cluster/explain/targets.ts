// Parts of request targets: odd pieces of paths, and queries.

import type { Random } from './random.ts';
import { parameters, parameterValues } from './words.ts';

/** What may stand in a request target and is treated in a way of its own somewhere. */
const odd = [
  '//',
  '/./',
  '/../',
  '/%2e%2e/',
  '/.%2E/x',
  '/%2F',
  '/%5c',
  '\\',
  '/a%41',
  '/%7Eu',
  '/%25',
  '/%zz',
  ';p=1',
  '/"',
  '/<>',
  '/{x}',
  '/|',
  '/^',
  '/`',
  '/[1]',
  '/%C3%BC',
  "/'",
  '/%00',
  '/..',
  '/..;p=1/',
  '/.;p=1',
  '/.',
  '/...',
  '/%',
  '/%2',
];

export const oddPath = (random: Random): string => random.pick(odd) + random.pick(['', 'x', '/api']);

export function queryOf(random: Random): string {
  if (random.chance(0.6)) return '';
  const pairs = random.some(
    3,
    () => `${random.pick(parameters)}${random.chance(0.8) ? `=${random.pick(parameterValues)}` : ''}`,
  );
  return `?${pairs.join(random.chance(0.9) ? '&' : '&&')}`;
}
