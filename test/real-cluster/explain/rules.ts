// Rules of VirtualServices, drawn at random from what Istio's API offers.

import type { Random } from './random.ts';
import { headers, methods, parameters, parameterValues, paths, regexes, valueRegexes, values } from './words.ts';

export interface Destination {
  readonly host: string;
  readonly port: number;
  readonly subset?: string;
}

type Json = Readonly<Record<string, unknown>>;

export function rule(
  random: Random,
  name: string,
  destinations: readonly Destination[],
  hosts: readonly string[],
): Json {
  const fault = random.maybe(0.08, () => faultOf(random));
  return {
    name,
    ...(random.chance(0.9) ? { match: random.some(3, (index) => matchOf(random, `m${index}`, hosts)) } : {}),
    ...actionOf(random, destinations),
    ...(fault ? { fault } : {}),
    ...(random.chance(0.1) ? { corsPolicy: corsOf(random) } : {}),
  };
}

function matchOf(random: Random, name: string, hosts: readonly string[]): Json {
  const uri = random.maybe(0.85, () => uriOf(random));
  return {
    name,
    ...(uri ? { uri, ...(random.chance(0.2) ? { ignoreUriCase: true } : {}) } : {}),
    ...(random.chance(0.15) ? { method: textOf(random, methods, ['GET|POST', 'P.*']) } : {}),
    ...(random.chance(0.08) ? { scheme: { exact: random.pick(['http', 'https']) } } : {}),
    ...(random.chance(0.1) ? { authority: textOf(random, hosts, ['[ab]\\..*', '.*:[0-9]+', '.*test']) } : {}),
    ...(random.chance(0.3) ? { headers: named(random, headers, values, valueRegexes) } : {}),
    ...(random.chance(0.15) ? { withoutHeaders: named(random, headers, values, valueRegexes) } : {}),
    ...(random.chance(0.2) ? { queryParams: named(random, parameters, parameterValues, ['[0-9]+', 'a.*', '.*']) } : {}),
    ...(random.chance(0.05) ? { port: random.pick([80, 443, 8444]) } : {}),
  };
}

const uriOf = (random: Random): Json =>
  random.pick([
    { exact: random.pick(paths) },
    { prefix: random.pick(paths) },
    { prefix: random.pick(paths) },
    { regex: random.pick(regexes) },
  ]);

/** A StringMatch; without anything it asks only that there is a value. */
function textOf(random: Random, words: readonly string[], patterns: readonly string[]): Json {
  const word = random.pick(words.filter((one) => one !== ''));
  return random.pick([
    { exact: word },
    { prefix: word.slice(0, 1 + random.below(word.length)) },
    { regex: random.pick(patterns) },
  ]);
}

function named(random: Random, names: readonly string[], words: readonly string[], patterns: readonly string[]): Json {
  return Object.fromEntries(
    random.some(2, () => [random.pick(names), random.chance(0.25) ? {} : textOf(random, words, patterns)]),
  );
}

function actionOf(random: Random, destinations: readonly Destination[]): Json {
  const kind = random.below(10);
  if (kind < 2) return { redirect: redirectOf(random) };
  if (kind < 4)
    return {
      directResponse: { status: random.pick([200, 403, 418, 503]), body: { string: `said ${random.below(100)}` } },
    };
  const rewrite = random.maybe(0.4, () => rewriteOf(random));
  return {
    route: routesOf(random, destinations),
    ...(rewrite ? { rewrite } : {}),
    ...(random.chance(0.2) ? { timeout: '20s' } : {}),
    ...(random.chance(0.1) ? { headers: { request: { set: { 'x-set': 'yes' }, remove: ['x-client'] } } } : {}),
    ...(random.chance(0.05)
      ? { mirrors: [{ destination: target(random.pick(destinations)), percentage: { value: 50 } }] }
      : {}),
  };
}

const target = ({ host, port, subset }: Destination): Json => ({
  host,
  port: { number: port },
  ...(subset === undefined ? {} : { subset }),
});

function routesOf(random: Random, destinations: readonly Destination[]): Json[] {
  if (random.chance(0.7)) return [{ destination: target(random.pick(destinations)) }];
  return random.some(3, () => ({
    destination: target(random.pick(destinations)),
    weight: random.pick([1, 9, 50, 90]),
    ...(random.chance(0.2) ? { headers: { request: { set: { ':authority': 'set.explain.test' } } } } : {}),
  }));
}

const rewriteOf = (random: Random): Json => ({
  ...random.pick([
    { uri: random.pick(['/', '/new', '/new/']) },
    {
      uriRegexRewrite: {
        match: random.pick(['^/([^/]+)/(.*)$', '/api', '[0-9]+']),
        rewrite: random.pick(['/\\2/of/\\1', '/\\0', '/n']),
      },
    },
    {},
  ]),
  ...(random.chance(0.4) ? { authority: 'rewritten.explain.test' } : {}),
});

const redirectOf = (random: Random): Json => ({
  ...random.pick([{ uri: random.pick(['/new', '/new?x=1', '%PREFIX()%/new', '/']) }, {}]),
  ...(random.chance(0.5) ? { authority: random.pick(['to.explain.test', 'to.explain.test:8443']) } : {}),
  ...random.pick([
    { port: 8443 },
    { derivePort: 'FROM_PROTOCOL_DEFAULT' },
    { derivePort: 'FROM_REQUEST_PORT' },
    {},
    {},
  ]),
  ...random.pick([{ scheme: 'https' }, { scheme: 'http' }, {}]),
  ...random.pick([{ redirectCode: random.pick([301, 302, 303, 307, 308]) }, {}]),
});

const faultOf = (random: Random): Json => ({
  ...(random.chance(0.8)
    ? {
        abort: {
          ...random.pick([
            { httpStatus: random.pick([418, 500, 503]) },
            { grpcStatus: random.pick(['UNAVAILABLE', 'NOT_FOUND']) },
          ]),
          percentage: { value: random.pick([100, 100, 30]) },
        },
      }
    : {}),
  ...(random.chance(0.4) ? { delay: { fixedDelay: '0.01s', percentage: { value: 50 } } } : {}),
});

const corsOf = (random: Random): Json => ({
  allowOrigins: random.some(2, () =>
    random.pick([
      { exact: 'https://a.explain.test' },
      { exact: '*' },
      { prefix: 'https://' },
      { prefix: '*' },
      { regex: '.*explain.*' },
      { regex: '.*' },
    ]),
  ),
  allowMethods: ['GET', 'POST'],
  ...(random.chance(0.3) ? { allowHeaders: ['x-client'], maxAge: '60s', allowCredentials: random.chance(0.5) } : {}),
  ...random.pick([{ unmatchedPreflights: 'FORWARD' }, { unmatchedPreflights: 'IGNORE' }, {}]),
});
