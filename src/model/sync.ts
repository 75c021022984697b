// What istiod knows of a proxy's xDS state (`/debug/syncz`), of one replica and merged over all.
// Source: pilot/pkg/xds/debug.go SyncStatus, Istio 1.9 (flat nonces) and from 1.23 on (`resources`).

/** ECDS, of extensions such as Wasm plugins, comes only where there are some. */
export const xdsTypes = ['CDS', 'LDS', 'EDS', 'RDS', 'SDS', 'ECDS'] as const;
export type XdsType = (typeof xdsTypes)[number];

/**
 * Where the error's text is kept as istiod has it, with up to 4 KB of the rejected configuration. A symbol: no document
 * prints it.
 */
export const wholeError = Symbol('whole error');

export interface TypeSync {
  readonly state: 'SYNCED' | 'STALE' | 'NACK' | 'NOT SENT';
  /** The proxy's error text; only with NACK, and only from Istio 1.23 on. */
  readonly error: string | undefined;
  readonly [wholeError]?: string | undefined;
  /** When istiod last sent this type; RFC 3339. */
  readonly sentAt: string | undefined;
}

/** Types that a connected proxy has not taken. istiod sends no type of which it has nothing; clusters it always has. */
export const openTypes = (types: ProxySync['types']): readonly XdsType[] =>
  xdsTypes.filter((type) => {
    const state = types[type]?.state;
    return state === 'NOT SENT' ? type === 'CDS' : state !== undefined && state !== 'SYNCED';
  });

/** One proxy as one istiod sees it. */
export interface ProxySync {
  /** Pod name and namespace. */
  readonly pod: string;
  readonly namespace: string;
  readonly istioVersion: string | undefined;
  readonly types: Readonly<Partial<Record<XdsType, TypeSync>>>;
}

/** One gateway pod over all istiods. */
export type PodSync =
  /** `istiod`: the replica's pod name; more than one while a proxy reconnects. */
  | {
      readonly state: 'connected';
      readonly istiods: readonly string[];
      readonly istioVersion: string | undefined;
      readonly types: ProxySync['types'];
    }
  /** Every istiod answered and none knows it. */
  | { readonly state: 'not-connected' }
  /** Not every istiod answered: nobody can say. */
  | { readonly state: 'unknown'; readonly why: string };
