// What of a chart's values the template reads, with the types that its objects need. Nobody has checked them before.

import { anything, list, mapOf, number, object, optional, type Schema, text, wrongField } from '#core/schema.ts';
import { isSince, portKeyOf, type TemplateVersion } from './template.ts';
import { isMap, type Values } from './values.ts';

export interface GatewayHosts {
  readonly default?: string;
  readonly domains?: readonly string[];
  readonly disableDefaultHosts?: unknown;
  readonly extraFQDNs?: readonly string[];
}

export interface Destination {
  readonly host: string;
  readonly port?: { readonly number?: number };
}

export interface HttpRoute {
  readonly route?: readonly { readonly destination: Destination }[];
  readonly [field: string]: unknown;
}

/** Of flags any type counts: see `isTrue`. */
export interface Stanza {
  readonly enabled?: unknown;
  readonly staging?: unknown;
  readonly mlstaging?: unknown;
  readonly gatewayHosts?: GatewayHosts | readonly string[];
  readonly existingGatewayName?: string;
  readonly routeHosts?: readonly string[];
  readonly httproutes?: readonly HttpRoute[];
  /** It counts as soon as the key is there: of null the Gateway is for every gateway. */
  readonly selectors?: Readonly<Record<string, string>>;
  readonly base_cors_policy?: unknown;
  readonly custom_cors_policy?: Values;
  readonly destinationrulehosts?: readonly string[];
}

export interface ChartValues {
  readonly chartName?: string;
  /** `mesh`, or `tls` up to 0.4. */
  readonly proxy:
    | { readonly public_port?: number; readonly certmanager?: { readonly domains?: readonly string[] } }
    | undefined;
  readonly ingress: Stanza | undefined;
}

/** A host or name that stands in the template's YAML without quotes. */
const plainText: Schema<string> = (value, path) =>
  text(value, path) ??
  (isPlain(value as string) ? undefined : wrongField(path, value, 'a name that YAML reads as text without quotes'));

const plainOrEmpty: Schema<string | undefined> = (value, path) =>
  value === '' ? undefined : optional(plainText)(value, path);

/** It is followed by a domain. */
const firstLabels: Schema<string> = (value, path) =>
  text(value, path) ??
  (/^(?:[A-Za-z0-9][\w.-]*)?$/.test(value as string) ? undefined : wrongField(path, value, 'the beginning of a host'));

export const isPlain = (word: string): boolean =>
  /^[A-Za-z0-9][\w./-]*$/.test(word) &&
  !/^(?:[\d._eE+-]+|0[xob][\da-f_]+|y|n|yes|no|on|off|true|false|null)$/i.test(word);

/** The template writes it as it is: a text of digits is a number in the object. */
const port: Schema<number> = (value, path) => {
  const asNumber = typeof value === 'string' && /^\d+$/.test(value) ? Number(value) : value;
  return number(asNumber, path) ?? (isPort(asNumber as number) ? undefined : wrongField(path, value, 'a port'));
};

const isPort = (value: number): boolean => Number.isInteger(value) && value > 0 && value < 65_536;

const plainTexts = optional(list(plainText));
const texts = optional(list(text));

const gatewayHosts = optional(
  object<GatewayHosts>({
    default: optional(firstLabels),
    domains: plainTexts,
    disableDefaultHosts: anything,
    extraFQDNs: texts,
  }),
);

const httpRoute = object<HttpRoute>({
  route: optional(
    list(
      object({
        destination: object<Destination>({
          host: text,
          port: optional(object<{ number?: number }>({ number: optional(number) })),
        }),
      }),
    ),
  ),
});

/** A route without any field has no place in the template's YAML. */
const httpRouteOfFields: Schema<HttpRoute> = (value, path) =>
  httpRoute(value, path) ??
  (Object.keys(value as object).length > 0
    ? undefined
    : `${path.replace(/^\./, '')} is empty: a route needs a destination, redirect or directResponse`);

const stanza = (version: TemplateVersion): Schema<Stanza> =>
  object<Stanza>({
    enabled: anything,
    staging: anything,
    mlstaging: anything,
    // A list where a map is wanted is the template's own failure.
    gatewayHosts: isSince(version, '0.4') ? listOr(gatewayHosts) : texts,
    existingGatewayName: plainOrEmpty,
    routeHosts: texts,
    httproutes: optional(list(httpRouteOfFields)),
    selectors: isSince(version, '1.0.1') ? optional(mapOf(text)) : anything,
    base_cors_policy: anything,
    custom_cors_policy: isSince(version, '1.0.3') ? optional(mapOf(anything)) : anything,
    destinationrulehosts: isSince(version, '1.2') ? plainTexts : anything,
  } as Parameters<typeof object<Stanza>>[0]);

const listOr =
  <T>(schema: Schema<T>): Schema<T> =>
  (value, path) =>
    Array.isArray(value) ? undefined : schema(value, path);

/** Undefined where all has the types that it needs, else what is wrong, beginning with the field. */
export function wrongValue(values: Values, version: TemplateVersion): string | undefined {
  const proxy = object({
    public_port: optional(port),
    certmanager: optional(object({ domains: plainTexts })),
  });
  return object({
    chartName: plainOrEmpty,
    [portKeyOf(version)]: optional(proxy),
    ingress: optional(stanza(version)),
  } as Parameters<typeof object>[0])(values, '');
}

/** After `wrongValue` has found nothing. */
export function chartValuesOf(values: Values, version: TemplateVersion): ChartValues {
  const proxy = values[portKeyOf(version)] as ChartValues['proxy'];
  const { chartName, ingress } = values as Pick<ChartValues, 'chartName' | 'ingress'> & { readonly chartName?: string };
  const publicPort = proxy?.public_port;
  return {
    ...(chartName ? { chartName } : {}),
    proxy: isMap(proxy) && publicPort !== undefined ? { ...proxy, public_port: Number(publicPort) } : proxy,
    ingress,
  };
}
