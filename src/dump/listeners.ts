// Listeners of a dump → model. Source: envoy/admin/v3/config_dump.proto, envoy/config/listener/v3/listener.proto,
// envoy source/common/listener_manager/listener_manager_impl.cc dumpListenerConfigs.

import { booleanIn, contentOf, hasField, type JsonObject, objectIn, objectsIn, textIn } from '#core/json.ts';
import { memoizeByIdentity } from '#core/memoize.ts';
import { raw } from '#model/content.ts';
import type { Listener } from '#model/listener.ts';
import type { Rejection } from '#model/resource.ts';
import { describeAddress, readSocketAddress, type SocketAddress, takesIpv4 } from './address.ts';
import { type DumpElement, dumpElements, readRejection, typeOf } from './elements.ts';
import { readFilterChain } from './filter-chain.ts';
import { unevaluatedIn, withUnevaluated } from './proto-coverage.ts';

/**
 * In the dump's order, each state of a listener by itself: one that is replaced is there active and warming. Of an
 * answer masked to names, the address is the one in the name and there are no filter chains. Throws ToolError
 * `bad-answer` with the path of what cannot be read.
 */
export function readListeners(json: unknown): Listener[] {
  return dumpElements(json, 'Listeners').flatMap(readElement);
}

/** The first existing state goes on serving when Envoy rejects an update. */
const states = [
  ['active_state', 'active'],
  ['warming_state', 'warming'],
  ['draining_state', 'draining'],
] as const;

function readElement({ element, state }: DumpElement): Listener[] {
  const rejected = readRejection(element);
  const name = textIn(element, 'name') ?? '';
  if (state === 'static') return [readListener(element, { name, state, rejected })];
  const holders = states.flatMap(([key, at]) => {
    const holder = objectIn(element, key);
    return holder ? [{ holder, state: at }] : [];
  });
  if (holders.length === 0) return [readWithoutState(element, name, rejected)];
  return holders.map(({ holder, state: at }, index) =>
    readListener(holder, { name, state: at, rejected: index === 0 ? rejected : undefined }),
  );
}

/**
 * Without any state a listener was rejected and never served, or a mask left its states out. What was rejected is not
 * what Envoy holds: only its name and address are read. It has no name of its own where Envoy could not tell which
 * listener failed.
 */
function readWithoutState(element: JsonObject, name: string, rejected: Rejection | undefined): Listener {
  const error = objectIn(element, 'error_state');
  const failed = error && objectIn(error, 'failed_configuration');
  return {
    ...readPlace(failed, name),
    state: rejected ? 'warming' : 'active',
    rejected,
    lastUpdated: undefined,
    filterChains: [],
    defaultFilterChain: undefined,
    hasMatcherTree: false,
    listenerFilters: [],
  };
}

/** `holder`: what has the `listener` and the time of its update. */
function readListener(holder: JsonObject, known: Pick<Listener, 'name' | 'state' | 'rejected'>): Listener {
  const listener = objectIn(holder, 'listener') ?? { ...holder, fields: {} };
  return {
    ...known,
    ...readPlace(listener, known.name),
    lastUpdated: textIn(holder, 'last_updated'),
    ...readContent(listener),
  };
}

type Content = Pick<
  Listener,
  | 'filterChains'
  | 'defaultFilterChain'
  | 'hasMatcherTree'
  | 'listenerFilters'
  | 'takesWithoutProxyHeader'
  | 'unevaluated'
  | typeof raw
>;

const readContent = memoizeByIdentity(contentOf, (listener): Content => {
  const defaultChain = objectIn(listener, 'default_filter_chain');
  return {
    filterChains: objectsIn(listener, 'filter_chains').map(readFilterChain),
    defaultFilterChain: defaultChain && readFilterChain(defaultChain),
    hasMatcherTree: hasField(listener, 'filter_chain_matcher'),
    ...withUnevaluated(unevaluatedIn('Listener', listener)),
    listenerFilters: objectsIn(listener, 'listener_filters').map(describeListenerFilter),
    ...(objectsIn(listener, 'listener_filters').some(isWithoutHeader) ? { takesWithoutProxyHeader: true } : {}),
    [raw]: listener.fields,
  };
});

function isWithoutHeader(filter: JsonObject): boolean {
  const config = objectIn(filter, 'typed_config');
  return config !== undefined && booleanIn(config, 'allow_requests_without_proxy_protocol') === true;
}

/** Envoy goes by the type, and the name is free: where it does not tell the type, that stands behind it. */
function describeListenerFilter(filter: JsonObject): string {
  const name = textIn(filter, 'name') ?? '';
  const type = typeOf(objectIn(filter, 'typed_config')).replace(/^.*\./, '');
  const plain = (text: string): string => text.replaceAll('_', '').toLowerCase();
  return type === '' || plain(name).includes(plain(type)) ? name : `${name} (${type})`;
}

function readPlace(
  listener: JsonObject | undefined,
  elementName: string,
): Pick<Listener, 'name' | 'address' | 'port' | 'transport' | 'ipv4Compat' | 'additionalAddresses'> {
  const address = listener && objectIn(listener, 'address');
  const described = address ? describeAddress(address) : '';
  const name = (listener && textIn(listener, 'name')) || elementName || described;
  const socket = address ? readSocketAddress(address) : addressOfName(name);
  const additional = listener
    ? objectsIn(listener, 'additional_addresses').flatMap((one) => objectIn(one, 'address') ?? [])
    : [];
  return {
    name,
    address: socket?.host ?? described,
    port: socket?.port ?? 0,
    ...(socket?.transport === undefined ? {} : { transport: socket.transport }),
    ...([address ?? [], additional].flat().some(takesIpv4) ? { ipv4Compat: true as const } : {}),
    additionalAddresses: additional.map(describeAddress),
  };
}

/**
 * istiod names listeners by their address: `0.0.0.0_8443`, `::_8443`, `udp_0.0.0.0_8443`. Source:
 * pilot/pkg/networking/core/listener.go getListenerName.
 */
function addressOfName(name: string): SocketAddress | undefined {
  const [, udp, host, port] = /^(udp_)?(.+)_(\d+)$/.exec(name) ?? [];
  if (host === undefined) return undefined;
  return { host, port: Number(port), ...(udp === undefined ? {} : { transport: 'UDP' as const }) };
}
