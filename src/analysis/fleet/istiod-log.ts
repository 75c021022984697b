// What istiod's log tells of the gateway's pods: pushes to them, when they came and went, what they rejected. Source: istio
// pilot/pkg/xds/discovery.go and delta.go, pkg/xds/server.go, 1.20 to 1.31; log.go of istio pkg/log for the lines.

import type { PodRef } from '#core/fleet.ts';
import { field } from '#core/json.ts';
import { rejectionReason } from '#core/rejection-reason.ts';
import type { Moment } from '#model/timeline.ts';
import { split } from './updates.ts';

export interface IstiodLine {
  /** RFC 3339. */
  readonly at: string;
  readonly istiod: string;
  readonly text: string;
}

interface Told {
  readonly at: string;
  readonly istiod: string;
  readonly kind: 'push' | 'connection' | 'rejection';
  /** Of the gateway. */
  readonly pod: string;
  readonly what: string;
  /** Of a push: CDS, EDS, LDS, RDS or another. */
  readonly type?: string | undefined;
}

/** What follows each other within so long is one moment. */
const togetherMs = 5_000;

export class IstiodLog {
  /** By `NAME.NAMESPACE`, which are istiod's names of them. */
  readonly #pods: ReadonlyMap<string, string>;
  /** By istiod. */
  readonly #triggers = new Map<string, string>();
  readonly #told: Told[] = [];

  constructor(pods: readonly PodRef[]) {
    this.#pods = new Map(pods.map(({ name, namespace }) => [`${name}.${namespace}`, name]));
  }

  /** In the order of time. */
  read({ at, istiod, text }: IstiodLine): void {
    const message = messageOf(text);
    if (message === undefined) return;
    const trigger = triggerOf(message);
    if (trigger !== undefined) this.#triggers.set(istiod, trigger);
    const read = readMessage(message, this.#triggers.get(istiod));
    const pod = this.#pods.get(read?.node ?? '');
    if (read && pod !== undefined) this.#told.push({ at, istiod, pod, ...read });
  }

  moments(): Moment[] {
    const alike = Map.groupBy(this.#told, ({ istiod, kind, what }) => JSON.stringify([istiod, kind, what]));
    const together = [...alike.values()].flatMap((some) => split(some, ({ at }) => Date.parse(at), togetherMs));
    return together.flatMap(momentsOf);
  }
}

/** Of the scopes that tell of proxies, whether lines are written as text or as JSON. */
function messageOf(text: string): string | undefined {
  const [, message] = /^\S+\t(?:info|warn|error)\t(?:ads|delta)\t(.*)$/s.exec(text) ?? [];
  if (message !== undefined || !text.startsWith('{')) return message;
  const json = asJson(text);
  const [scope, told] = [field(json, 'scope'), field(json, 'msg')];
  return (scope === 'ads' || scope === 'delta') && typeof told === 'string' ? told : undefined;
}

function asJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** istiod names one of several objects; before a push that has no object it names reasons. */
function triggerOf(message: string): string | undefined {
  const [, kind, name] =
    /^Push debounce stable\[\d+\] \d+ for (config|reason) (.{1,500}?): \S+ since last/.exec(message) ?? [];
  if (name === undefined) return undefined;
  return kind === 'reason' ? `reason ${name}` : name.replace(/^([^/ ]+)\//, '$1 ').replace(/ configs$/, '');
}

interface Read extends Pick<Told, 'kind' | 'what' | 'type'> {
  readonly node: string;
}

function readMessage(message: string, trigger: string | undefined): Read | undefined {
  // A push that a proxy asked for belongs to its connection: "PUSH request".
  const [, type, pushed] = /^([A-Z]+): PUSH(?: INC)? for node:(\S+) resources:/.exec(message) ?? [];
  if (pushed !== undefined) {
    const before = trigger === undefined ? '' : `; what had changed last: ${trigger}`;
    return { kind: 'push', node: pushed, what: before, type };
  }
  const [, come] = /^ADS: new (?:delta )?connection for node:(\S+)-\d+$/.exec(message) ?? [];
  if (come !== undefined) return { kind: 'connection', node: come, what: 'connected to istiod' };
  const [, gone, why] = /^ADS: "[^"]*" (\S+)-\d+ terminated(?: with (?:error: )?(.*))?$/s.exec(message) ?? [];
  if (gone !== undefined)
    return { kind: 'connection', node: gone, what: `disconnected from istiod${why === undefined ? '' : `: ${why}`}` };
  // The code of gRPC before the reason says nothing: "Internal:".
  const [, rejected, node = '', said] =
    /^ADS:([A-Z]+): ACK ERROR (\S+)-\d+ (?:[A-Z][A-Za-z]+:)?(.*)$/s.exec(message) ?? [];
  return said === undefined
    ? undefined
    : { kind: 'rejection', node, what: `${rejected} is rejected: ${rejectionReason(said)}` };
}

/** Pods that were sent the same types are one. */
function momentsOf(some: readonly Told[]): Moment[] {
  const byPod = [...Map.groupBy(some, ({ pod }) => pod).values()];
  const byTypes = Map.groupBy(byPod, (ofPod) =>
    [...new Set(ofPod.flatMap(({ type }) => type ?? []))].sort().join(', '),
  );
  return [...byTypes].map(([types, ofPods]) => momentOf(types, ofPods.flat()));
}

function momentOf(types: string, some: readonly Told[]): Moment {
  const { istiod, kind, what } = some[0] as Told;
  const times = some.map(({ at }) => at).sort();
  const [at = '', until] = [times[0], times.at(-1)];
  return {
    at,
    until: until === at ? undefined : until,
    kind,
    what: kind === 'push' ? `istiod pushed ${types}${what}` : what,
    by: istiod,
    pods: [...new Set(some.map(({ pod }) => pod))].sort(),
    count: undefined,
  };
}
