// The runtime of a dump, as far as it tells: the layers that stand in the bootstrap. Files, RTDS and what somebody has
// set by `/runtime_modify` are in no dump. Source: envoy/config/bootstrap/v3/bootstrap.proto LayeredRuntime; envoy
// source/common/runtime/runtime_impl.cc ProtoLayer.

import { field, type JsonObject, objectIn, objectsIn, rootObject, textIn } from '#core/json.ts';
import type { Runtime, RuntimeValue } from '#model/runtime.ts';

/** Later layers go before earlier ones. Throws ToolError `bad-answer` with the path of what cannot be read. */
export function readRuntime(json: unknown): Runtime {
  const bootstraps = objectsIn(rootObject(json, 'the config dump'), 'configs')
    .filter((config) => textIn(config, '@type')?.endsWith('.BootstrapConfigDump'))
    .flatMap((config) => objectIn(config, 'bootstrap') ?? []);
  const layered = bootstraps.flatMap((bootstrap) => objectIn(bootstrap, 'layered_runtime') ?? []);
  const layers = layered.flatMap((runtime) => objectsIn(runtime, 'layers'));
  const all = new Map(layers.flatMap((layer) => entriesOf(objectIn(layer, 'static_layer'))));
  return new Map([...all].flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])));
}

/** Undefined: neither number nor fraction; what an earlier layer says of the key is gone all the same. */
type Entry = readonly [string, RuntimeValue | undefined];

const entriesOf = (layer: JsonObject | undefined): Entry[] =>
  layer ? Object.entries(layer.fields).flatMap(([key, value]) => walk(key, value)) : [];

/** A tree is flattened: `{a: {b: 1}}` is the key `a.b`. */
function walk(key: string, value: unknown): Entry[] {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
    const fraction = readFraction(value);
    return fraction
      ? [[key, fraction]]
      : Object.entries(value).flatMap(([name, inner]) => walk(`${key}.${name}`, inner));
  }
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  return [[key, typeof number === 'number' && number >= 0 ? Math.floor(number) : undefined]];
}

const denominators: Readonly<Record<string, number>> = { HUNDRED: 100, TEN_THOUSAND: 10_000, MILLION: 1_000_000 };

function readFraction(value: object): RuntimeValue | undefined {
  const numerator = field(value, 'numerator');
  const denominator = denominators[String(field(value, 'denominator') ?? 'HUNDRED')];
  return typeof numerator === 'number' && denominator !== undefined ? { numerator, denominator } : undefined;
}
