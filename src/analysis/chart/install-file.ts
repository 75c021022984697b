// What an IstioOperator file asks of one gateway, against what runs. Source: istio operator/pkg/apis/v1alpha1,
// istio.io/docs/reference/config/istio.operator.v1alpha1: `components` go before `values`; manifests/profiles and
// manifests/helm-profiles: what a file does not say, its profile does.

import type { Gateway } from '#core/fleet.ts';
import { field } from '#core/json.ts';
import type { Known } from '#core/known.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { anything, boolean, list, mapOf, number, object, optional, type Schema, text } from '#core/schema.ts';
import type { AccessLogFormat } from '#model/access-log.ts';
import { type MeshSettings, objectSettings, tlsSettings } from '#model/mesh-settings.ts';
import type { InstallSetting } from '#model/preview.ts';
import { isMap } from './values.ts';

export interface InstallSpec {
  readonly profile?: string;
  readonly tag?: string | number;
  readonly meshConfig?: { readonly accessLogFile?: string; readonly accessLogEncoding?: string } & MeshSettings;
  readonly components?: { readonly ingressGateways?: readonly Component[] };
  readonly values?: { readonly gateways?: Readonly<Record<string, ServiceSpec | undefined>> };
}

interface Component {
  readonly name?: string;
  readonly enabled?: boolean;
  readonly k8s?: { readonly service?: ServiceSpec; readonly overlays?: readonly Overlay[] };
}

interface ServiceSpec {
  readonly type?: string;
  readonly externalTrafficPolicy?: string;
  readonly ports?: readonly { readonly port: number; readonly [name: string]: unknown }[];
}

interface Overlay {
  readonly kind?: string;
  readonly name?: string;
  readonly patches?: readonly { readonly path?: string; readonly value?: unknown }[];
}

const service = optional(
  object<ServiceSpec>({
    type: optional(text),
    externalTrafficPolicy: optional(text),
    ports: optional(
      list(object<{ port: number }>({ port: number }) as Schema<NonNullable<ServiceSpec['ports']>[number]>),
    ),
  }),
);

const textOrNumber: Schema<string | number> = (value, path) =>
  typeof value === 'number' ? undefined : text(value, path);

export const installSpec: Schema<InstallSpec> = object<InstallSpec>({
  profile: optional(text),
  tag: optional(textOrNumber),
  meshConfig: optional(
    object<{ accessLogFile?: string; accessLogEncoding?: string }>({
      accessLogFile: optional(text),
      accessLogEncoding: optional(text),
    }),
  ),
  components: optional(
    object<NonNullable<InstallSpec['components']>>({
      ingressGateways: optional(
        list(
          object<Component>({
            name: optional(text),
            enabled: optional(boolean),
            k8s: optional(
              object<NonNullable<Component['k8s']>>({
                service,
                overlays: optional(
                  list(
                    object<Overlay>({
                      kind: optional(text),
                      name: optional(text),
                      patches: optional(
                        list(object<{ path?: string; value?: unknown }>({ path: optional(text), value: anything })),
                      ),
                    }),
                  ),
                ),
              }),
            ),
          }),
        ),
      ),
    }),
  ),
  values: optional(
    object<NonNullable<InstallSpec['values']>>({
      gateways: optional(mapOf(service)),
    }),
  ),
});

/** What runs; a reason where it may not be read. */
export interface Running {
  readonly gateway: Gateway;
  readonly service: Known<KubeObject | undefined>;
  readonly workload: Known<KubeObject | undefined>;
  /** As the pods tell it, each once. */
  readonly versions: readonly string[];
  /** Undefined where no pod tells. */
  readonly formats: readonly AccessLogFormat[] | undefined;
  /** Of each istiod. */
  readonly mesh: Known<readonly MeshSettings[]>;
}

export type Path = readonly (string | number)[];

/** With the place of each in the file. */
export type PlacedSetting = Omit<InstallSetting, 'type' | 'place'> & { readonly path: Path };

export function compareInstall(spec: InstallSpec, running: Running): PlacedSetting[] {
  const { name } = running.gateway;
  const components = spec.components?.ingressGateways ?? [];
  const index = components.findIndex((one) => one.name === name && one.enabled !== false);
  const component = components[index];
  const base: Path = ['spec', 'components', 'ingressGateways'];
  const inValues = spec.values?.gateways?.[name];
  const [asked, path]: [ServiceSpec | undefined, Path] = component?.k8s?.service
    ? [component.k8s.service, [...base, index, 'k8s', 'service']]
    : [inValues, ['spec', 'values', 'gateways', name]];
  return [
    ...versionSetting(spec, running),
    ...(component
      ? overlaySettings(component, [...base, index], running)
      : [setting('gateway', base, `no ingress gateway ${name}`, gatewayOf(components, running))]),
    ...(asked ? serviceSettings(asked, path, running.service) : []),
    ...logSettings(spec, running),
    ...meshSettings(spec, running),
  ];
}

/** Profiles have the usual one, or not. */
function gatewayOf(components: readonly Component[], { gateway: { kind, name } }: Running): Known<string> {
  const isSaid = name !== 'istio-ingressgateway' || components.some((one) => one.name === name);
  return isSaid
    ? { known: `${kind} ${name}` }
    : { missing: `the file does not name ${name}, and its profile may have it` };
}

const setting = (name: string, path: Path, asked: unknown, runs: Known<unknown>): PlacedSetting => {
  const shown = show(asked);
  if ('missing' in runs)
    return { setting: name, path, asked: shown, runs: undefined, isSame: undefined, why: runs.missing };
  return {
    setting: name,
    path,
    asked: shown,
    runs: show(ofKeys(asked, runs.known)),
    isSame: isWithin(asked, runs.known),
    why: undefined,
  };
};

/** Of the keys that are asked for. */
const ofKeys = (asked: unknown, runs: unknown): unknown =>
  isMap(asked) && isMap(runs) ? Object.fromEntries(Object.keys(asked).map((key) => [key, runs[key]])) : runs;

const show = (value: unknown): string => {
  if (value === undefined || value === null) return 'nothing';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** What Kubernetes fills in by itself counts for nothing. */
function isWithin(asked: unknown, runs: unknown): boolean {
  if (asked === undefined || asked === null) return runs === undefined || runs === null;
  if (Array.isArray(asked))
    return (
      Array.isArray(runs) && asked.length === runs.length && asked.every((one, index) => isWithin(one, runs[index]))
    );
  if (isMap(asked)) return isMap(runs) && Object.entries(asked).every(([key, value]) => isWithin(value, runs[key]));
  return asked === runs;
}

function versionSetting({ tag }: InstallSpec, { gateway: { pods }, versions }: Running): PlacedSetting[] {
  if (tag === undefined) return [];
  const images = [...new Set(pods.flatMap((pod) => pod.images))].filter((image) =>
    /(proxyv2|istio-proxy)[:@]/.test(image),
  );
  const tags = [...new Set(images.map((image) => /:([^:/@]+)(?:@|$)/.exec(image)?.[1] ?? image))].sort();
  const runs = tags.length > 0 ? tags : versions;
  const path: Path = ['spec', 'tag'];
  if (runs.length === 0) return [setting('version', path, String(tag), { missing: 'no pod tells its version' })];
  // Of a version without its image nobody knows which build of it this is.
  const isSame = runs.every((one) => one === String(tag) || (tags.length === 0 && String(tag).startsWith(`${one}-`)));
  return [{ setting: 'version', path, asked: String(tag), runs: runs.join(' and '), isSame, why: undefined }];
}

/** Patches of the gateway's workload; an empty value takes something away. */
function overlaySettings({ k8s }: Component, path: Path, { gateway, workload }: Running): PlacedSetting[] {
  const patches = (k8s?.overlays ?? []).flatMap(({ kind, name, patches: own = [] }, at) =>
    name === gateway.name && (kind === 'Deployment' || kind === 'DaemonSet')
      ? own.map((patch, number) => ({ ...patch, where: [...path, 'k8s', 'overlays', at, 'patches', number] }))
      : [],
  );
  const kind = patches.findLast((patch) => patch.path === 'kind');
  const others = patches.filter((patch) => patch.path !== 'kind' && /^[\w.-]+$/.test(patch.path ?? ''));
  return [
    setting('kind', kind?.where ?? path, kind?.value ?? 'Deployment', { known: gateway.kind }),
    ...others.map(({ path: of = '', value, where }) => {
      const at = (found: unknown): unknown => of.split('.').reduce(field, found);
      return setting(of, where, value, 'known' in workload ? { known: at(workload.known) } : workload);
    }),
  ];
}

function serviceSettings(asked: ServiceSpec, path: Path, runs: Known<KubeObject | undefined>): PlacedSetting[] {
  const spec: Known<unknown> = 'known' in runs ? { known: runs.known?.['spec'] } : runs;
  const inSpec = (name: string): Known<unknown> => ('known' in spec ? { known: field(spec.known, name) } : spec);
  const plain = (['type', 'externalTrafficPolicy'] as const).flatMap((name) =>
    asked[name] === undefined ? [] : [setting(`Service ${name}`, [...path, name], asked[name], inSpec(name))],
  );
  const ports = inSpec('ports');
  const there = 'known' in ports && Array.isArray(ports.known) ? ports.known : [];
  const isOf =
    (port: number): ((one: unknown) => boolean) =>
    (one) =>
      field(one, 'port') === port;
  const wanted = (asked.ports ?? []).map((one, index) => {
    const found: Known<unknown> = 'known' in ports ? { known: there.find(isOf(one.port)) } : ports;
    return setting(`Service port ${one.port}`, [...path, 'ports', index], one, found);
  });
  const more = asked.ports ? there.filter((one) => !asked.ports?.some(({ port }) => isOf(port)(one))) : [];
  return [
    ...plain,
    ...wanted,
    ...more.map((one) => setting(`Service port ${field(one, 'port')}`, [...path, 'ports'], undefined, { known: one })),
  ];
}

/** Of a format of the mesh's own only the encoding is compared. */
function logSettings({ meshConfig = {}, profile }: InstallSpec, { formats }: Running): PlacedSetting[] {
  const { accessLogFile = profile === 'demo' ? '/dev/stdout' : '', accessLogEncoding = 'TEXT' } = meshConfig;
  const isLogged = accessLogFile === '/dev/stdout' || accessLogFile === '/dev/stderr';
  if (accessLogFile !== '' && !isLogged) return [];
  const path: Path = meshConfig.accessLogEncoding
    ? ['spec', 'meshConfig', 'accessLogEncoding']
    : ['spec', 'meshConfig'];
  if (formats === undefined) return [setting('access log', path, accessLogEncoding, { missing: 'no pod answered' })];
  const runs = [...new Set(formats.map(({ kind }) => kind.toUpperCase()))].sort().join(' and ');
  return [setting('access log', path, isLogged ? accessLogEncoding : 'none', { known: runs || 'none' })];
}

/** Those that the file names; of several istiods the first that has it otherwise. */
const meshSettings = ({ meshConfig = {} }: InstallSpec, { mesh }: Running): PlacedSetting[] =>
  [...objectSettings, ...tlsSettings]
    .filter((name) => meshConfig[name] !== undefined)
    .map((name) => {
      const asked = meshConfig[name];
      const path = ['spec', 'meshConfig', name];
      if ('missing' in mesh) return setting(name, path, asked, mesh);
      const all = mesh.known.map((one) => setting(name, path, asked, { known: one[name] }));
      return all.find(({ isSame }) => isSame !== true) ?? (all[0] as PlacedSetting);
    });
