// Config dumps as literals: a section, the answer to `?resource=`, and the same in istioctl's spelling.

const adminType = (name: string): string => `type.googleapis.com/envoy.admin.v3.${name}`;

/** A dump of one section: `section('Listeners', { dynamic_listeners: […] })`. */
export const section = (name: string, lists: object): object => ({
  configs: [{ '@type': adminType(`${name}ConfigDump`), ...lists }],
});

/** What `?resource=` answers: `asked('ListenersConfigDump.DynamicListener', …)`. */
export const asked = (type: string, ...elements: object[]): object => ({
  configs: elements.map((element) => ({ '@type': adminType(type), ...element })),
});

/** An Any: `any('config.route.v3.RouteConfiguration', {…})`. */
export const any = (type: string, message: object = {}): object => ({
  '@type': `type.googleapis.com/envoy.${type}`,
  ...message,
});

/** As istioctl writes it. Keys with dots are names of filters, not fields. */
export function camelCased(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelCased);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key.includes('.') ? key : key.replace(/_([a-z])/g, (_, c: string) => c.toUpperCase()),
      camelCased(inner),
    ]),
  );
}
