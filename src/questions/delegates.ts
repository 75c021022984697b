// Envoy names the root VirtualService for the routes of its delegates; whose they are the objects tell.

import { delegateNamer, delegates } from '#analysis/istio/delegates.ts';
import type { ToolError } from '#core/error.ts';
import { type Tried, triedTo } from '#core/known.ts';
import type { Source } from '#core/source.ts';
import type { Route } from '#model/route.ts';

/** The same route, with its delegate where that is certain. */
export type NamesDelegate = (route: Route) => Route;

/** Undefined where no VirtualService delegates. */
export async function readDelegates(source: Source): Promise<Tried<NamesDelegate | undefined>> {
  const listed = await triedTo(source.list('virtualservices'));
  return 'failed' in listed ? listed : { ok: delegates(listed.ok) ? delegateNamer(listed.ok) : undefined };
}

/** For few routes: asks for all VirtualServices only where one beside their roots delegates. */
export async function readDelegatesOf(source: Source, routes: readonly Route[]): Promise<NamesDelegate> {
  const roots = routes.flatMap(({ from }) => (from?.kind === 'VirtualService' ? [from.namespace] : []));
  const beside = await Promise.all(
    [...new Set(roots)].map((namespace) => triedTo(source.list('virtualservices', { namespace }))),
  );
  if (!beside.some((listed) => 'ok' in listed && delegates(listed.ok))) return asItIs;
  const read = await readDelegates(source);
  return ('ok' in read ? read.ok : undefined) ?? asItIs;
}

export interface Delegates {
  readonly named: NamesDelegate;
  /** Why some may be missing; empty where none are. */
  readonly notes: readonly string[];
}

/** Only who asks by object asks for them: without delegates the roots are right. */
export async function delegatesFor(
  source: Source,
  { vs, for: owner }: { readonly vs?: string | undefined; readonly for?: string | undefined },
): Promise<Delegates> {
  if (vs === undefined && owner === undefined) return { named: asItIs, notes: [] };
  const read = await readDelegates(source);
  return 'ok' in read ? { named: read.ok ?? asItIs, notes: [] } : { named: asItIs, notes: [noteOn(read.failed)] };
}

export const noteOn = ({ message }: ToolError): string =>
  `cannot tell which routes are of a delegate, so its root VirtualService stands for it: ${message}`;

const asItIs: NamesDelegate = (route) => route;
