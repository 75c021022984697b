// The words that rules and requests are made of. Few, so that many requests meet many rules, and near misses are
// frequent.

export const paths = [
  '/',
  '/api',
  '/api/',
  '/api/v1',
  '/API/v1',
  '/items',
  '/items/1',
  '/item',
  '/a.b',
  '/x%20y',
  '/deep/er/way',
  '/v2/items/3',
  '/index.json',
];
export const regexes = [
  '/v[0-9]+/.*',
  '/items/[^/]+',
  '.*\\.json',
  '/(api|items)',
  '/api.*',
  '(?i)/api/.*',
  '/[a-z]{2,5}',
  '.*',
  '/a\\.b',
  '/\\w+/\\d+',
  '/(?:deep/)?er.*|/x.*',
];
export const headers = ['x-client', 'x-canary', 'x-level'];
export const values = ['beta', 'beta-7', 'BETA', 'a,b', 'a', 'b', '7', ''];
export const valueRegexes = ['beta.*', '[a-z]+-[0-9]', '\\d+', '.*', '(?i)beta'];
export const parameters = ['v', 'w'];
export const parameterValues = ['1', 'abc', 'a%20b', ''];
export const methods = ['GET', 'GET', 'GET', 'POST', 'PUT', 'DELETE', 'OPTIONS', 'HEAD'];

/** Listener port by port of a Gateway, as the gateway's Service has them. */
export const listenerPorts: Readonly<Record<number, number>> = { 80: 8080, 443: 8443, 8444: 8444, 8445: 8445 };
