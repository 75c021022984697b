// Quantities as Kubernetes writes them: `1Gi`, `512M`, `1.5e9`, `128974848`. Source: apimachinery
// pkg/api/resource/quantity.go, suffix.go.

const exponents: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    ['n', 'u', 'm', '', 'k', 'M', 'G', 'T', 'P', 'E'].map((unit, i) => [unit, 10 ** (3 * (i - 3))]),
  ),
  ...Object.fromEntries(['Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'].map((unit, i) => [unit, 1024 ** (i + 1)])),
};

/** Bytes, of a quantity of memory; undefined for what is no quantity. */
export function readQuantity(text: string): number | undefined {
  const [, number, unit = ''] = /^(\+?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)([a-zA-Z]*)$/.exec(text) ?? [];
  const factor = Object.hasOwn(exponents, unit) ? exponents[unit] : undefined;
  return number === undefined || factor === undefined ? undefined : Number(number) * factor;
}
