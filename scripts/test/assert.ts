// uvu's assertions, counted, and without two ways in which they pass for nothing: fixtures that differ in indentation
// or line ends, and promises where `throws` looks for an exception.

import * as uvu from 'uvu/assert';

export const made = { count: 0 };

type Check = (...args: never[]) => unknown;

/** The function, and the functions that hang on it (`is.not`, `not.equal`). */
function counted<F extends Check>(check: F): F {
  const counting =
    (one: Check) =>
    (...args: never[]): unknown => {
      made.count += 1;
      return one(...args);
    };
  const members = Object.entries(check).map(([name, member]) => [name, counting(member as Check)]);
  return Object.assign(counting(check), Object.fromEntries(members)) as unknown as F;
}

function exact(check: typeof uvu.fixture): typeof uvu.fixture {
  return (actual, expected, message) => {
    check(actual, expected, message);
    if (actual !== expected) throw new Error('Expected value to match in indentation and line ends too');
  };
}

function synchronous<F extends (block: () => unknown, ...rest: never[]) => unknown>(check: F): F {
  const checking = (block: () => unknown, ...rest: never[]): void => {
    let returned: unknown;
    const keep = (): unknown => {
      returned = block();
      return returned;
    };
    const failed = failureOf(() => check(keep, ...rest));
    if (returned instanceof Promise) {
      returned.catch(() => {});
      throw new Error('a promise does not throw: use rejection() of test/support');
    }
    if (failed !== undefined) throw failed;
  };
  return checking as unknown as F;
}

function failureOf(block: () => void): unknown {
  try {
    block();
    return undefined;
  } catch (thrown) {
    return thrown;
  }
}

export const { Assertion } = uvu;
export const ok = counted(uvu.ok);
export const is = counted(uvu.is);
export const equal = counted(uvu.equal);
export const unreachable = counted(uvu.unreachable);
export const type = counted(uvu.type);
export const instance = counted(uvu.instance);
export const match = counted(uvu.match);
export const snapshot = counted(exact(uvu.snapshot));
export const fixture = counted(exact(uvu.fixture));
export const throws = counted(synchronous(uvu.throws as never) as typeof uvu.throws);
export const not = counted(
  Object.assign((...args: Parameters<typeof uvu.not>) => uvu.not(...args), uvu.not, {
    throws: synchronous(uvu.not.throws as never),
  }),
);
