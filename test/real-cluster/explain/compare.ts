// A prediction, as `explain -o json` has it, held against what came back and what the gateway wrote down.

import type { Logged } from './access-log.ts';
import type { Seen } from './exchange.ts';

/** The fields of an outcome of `explain -o json` that a request shows. */
export interface Predicted {
  readonly kind: string;
  readonly share: number;
  readonly route?: { readonly name: string };
  readonly code?: number;
  readonly flag?: string;
  readonly cluster?: string;
  readonly path?: string;
  readonly host?: string;
  readonly location?: string;
  readonly body?: string;
  readonly grpcStatus?: number;
}

export interface Truth {
  readonly seen: Seen;
  /** Undefined for a connection that never was a request. */
  readonly logged: Logged | undefined;
}

/** Empty where one of the outcomes is what happened; else why each of them is not. */
export function contradictions(outcomes: readonly Predicted[], truth: Truth): string[] {
  const why = outcomes.filter(({ share }) => share > 0).map((outcome) => contradictionsOf(outcome, truth));
  return why.some((one) => one.length === 0) ? [] : why.map((one) => one.join(', '));
}

function contradictionsOf(outcome: Predicted, { seen, logged }: Truth): string[] {
  const pairs = expected(outcome).map(([name, wanted]): [Fact, unknown, unknown] => [
    name,
    wanted,
    actual(name, { seen, logged }),
  ]);
  return pairs
    .filter(([name, wanted, is]) => wanted !== is && isShown(name, wanted, { seen, logged }))
    .map(([name, wanted, is]) => `${name} is ${String(is)}, not ${String(wanted)}`);
}

/** A route that is answered before it has a part in it is logged all the same; what Envoy cannot read has no line. */
function isShown(name: Fact, wanted: unknown, { seen, logged }: Truth): boolean {
  if (name === 'body') return seen.body !== undefined || seen.code === undefined;
  if (name === 'path' || name === 'host') return wanted !== undefined;
  return name !== 'route' || (logged !== undefined && logged.details !== 'path_normalization_failed');
}

type Fact = 'code' | 'route' | 'cluster' | 'path' | 'host' | 'location' | 'body' | 'flag' | 'grpcStatus';

function expected(outcome: Predicted): [Fact, unknown][] {
  const route: [Fact, unknown][] = [['route', outcome.route?.name || '-']];
  const grpc: [Fact, unknown][] = outcome.grpcStatus === undefined ? [] : [['grpcStatus', outcome.grpcStatus]];
  switch (outcome.kind) {
    case 'forward':
      return [['code', 200], ...route, ['cluster', outcome.cluster], ['path', outcome.path], ['host', outcome.host]];
    case 'redirect':
      return [['code', outcome.code], ...grpc, ['location', outcome.location], ...route];
    case 'respond':
      return [
        ['code', outcome.code],
        ...grpc,
        ...(outcome.body === undefined || outcome.grpcStatus !== undefined
          ? []
          : [['body', outcome.body] as [Fact, unknown]]),
        ...route,
      ];
    case 'abort':
    case 'preflight':
      return [['code', outcome.code], ...grpc, ...route];
    case 'tcp':
      return [['code', 200]];
    case 'fail':
      return outcome.code === undefined
        ? [['code', undefined]]
        : [['code', outcome.code], ...grpc, ['flag', outcome.flag ?? '-'], ...route];
    default:
      return [['code', `what is ${outcome.kind}`]];
  }
}

function actual(fact: Fact, { seen, logged }: Truth): unknown {
  switch (fact) {
    case 'code':
      return seen.code;
    case 'location':
    case 'grpcStatus':
      return seen[fact];
    case 'body':
      return seen.body;
    case 'path':
    case 'host':
      return seen.echo?.[fact];
    case 'flag':
      // A delay of a fault is a flag of its own beside the reason, and so is a stream that ends before its request.
      return (logged?.flags ?? '-').replace(/^DI,|,DI$|,DPE$/, '');
    case 'route':
    case 'cluster':
      return logged?.[fact];
  }
}
