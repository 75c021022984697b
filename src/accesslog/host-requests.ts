// Which requests each host got: how many, how many errors, and the commonest of them. In bounded memory: clients may ask
// for any host and any path.

import { withoutPort } from '#core/host.ts';
import { type AccessEntry, isOfWhole, urlOfEntry } from '#model/access-log.ts';
import { isError } from './failure.ts';
import { isOwnConnection } from './own-connection.ts';

interface Counted {
  requests: number;
  errors: number;
}

/** Method, URL without its query, and the server name of the connection. */
export interface CommonRequest {
  readonly method: string;
  readonly url: string;
  readonly authority: string;
  readonly sni: string | undefined;
  readonly requests: number;
  readonly errors: number;
}

interface OneHost extends Counted {
  readonly ways: Map<string, Counted & Omit<CommonRequest, keyof Counted>>;
}

const mostHosts = 5000;
const mostWays = 50_000;

export class HostRequests {
  readonly #hosts = new Map<string, OneHost>();
  #ways = 0;
  /** Requests for hosts beyond those that are counted. */
  uncounted = 0;

  add(entry: AccessEntry): void {
    const named = entry.authority ?? entry.serverName;
    if (named === undefined || isOwnConnection(entry) || !isOfWhole(entry)) return;
    const host = this.#hostOf(withoutPort(named).toLowerCase());
    if (host === undefined) {
      this.uncounted++;
      return;
    }
    const failed = isError(entry);
    count(host, failed);
    const way = this.#wayOf(host, entry);
    if (way) count(way, failed);
  }

  /** By name. */
  get counts(): ReadonlyMap<string, Readonly<Counted>> {
    return this.#hosts;
  }

  /** The commonest first; of those alike, the ones that fail. */
  commonest(name: string, most: number): CommonRequest[] {
    const ways = this.#hosts.get(name)?.ways.values() ?? [];
    return [...ways].sort((a, b) => b.requests - a.requests || b.errors - a.errors).slice(0, most);
  }

  #hostOf(name: string): OneHost | undefined {
    const known = this.#hosts.get(name);
    if (known || this.#hosts.size >= mostHosts) return known;
    const made: OneHost = { requests: 0, errors: 0, ways: new Map() };
    this.#hosts.set(name, made);
    return made;
  }

  #wayOf({ ways }: OneHost, entry: AccessEntry): Counted | undefined {
    const { method, authority, path, serverName: sni } = entry;
    if (method === undefined || authority === undefined || path === undefined) return undefined;
    const url = urlOfEntry({ ...entry, path: path.replace(/[?#].*$/s, '') }) ?? '';
    const key = JSON.stringify([method, url, sni]);
    const known = ways.get(key);
    if (known || this.#ways >= mostWays) return known;
    this.#ways++;
    const made = { method, url, authority, sni, requests: 0, errors: 0 };
    ways.set(key, made);
    return made;
  }
}

function count(counted: Counted, failed: boolean): void {
  counted.requests++;
  if (failed) counted.errors++;
}
