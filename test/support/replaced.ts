// An object with methods of a test in the place of its own.

/** A copy would lack what is private. */
export const replaced = <T extends object>(target: T, own: Partial<T>): T =>
  new Proxy(target, {
    get: (_, name) => {
      const found = Reflect.get(own, name) ?? Reflect.get(target, name);
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
