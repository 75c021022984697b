// Which random numbers have met a fraction: a request has one number, and a fraction takes it where
// `random % denominator < numerator`. Denominators are 1, 100, 10,000 and 1,000,000, each a multiple of those before it.
// Source: envoy source/common/protobuf/utility.cc evaluateFractionalPercent; envoy/type/v3/percent.proto.

interface Taking {
  readonly numerator: number;
  readonly denominator: number;
}

/** Those that are taken: by denominator, the largest numerator. */
export type RandomNumbers = ReadonlyMap<number, number>;

export const withTaken = (taken: RandomNumbers, { numerator, denominator }: Taking): RandomNumbers =>
  new Map(taken).set(denominator, Math.max(taken.get(denominator) ?? 0, Math.min(numerator, denominator)));

/** So many are told from each other by any fraction. */
export const allNumbers = 1_000_000;

/** How many of `allNumbers` nothing has taken. */
export const numbersLeft = (taken: RandomNumbers): number =>
  countLeft(
    allNumbers,
    [...taken].sort(([a], [b]) => b - a),
  );

/** Below `end`; the largest denominator comes first. */
function countLeft(end: number, [first, ...rest]: readonly (readonly [number, number])[]): number {
  if (first === undefined) return end;
  const [denominator, numerator] = first;
  const leftIn = (part: number): number => countLeft(part, rest) - countLeft(Math.min(part, numerator), rest);
  return Math.floor(end / denominator) * leftIn(denominator) + leftIn(end % denominator);
}
