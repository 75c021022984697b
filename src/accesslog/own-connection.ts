// What this tool itself has sent through a gateway is nobody's traffic. `explain --send` names itself as User-Agent. A
// handshake of `certs` and `check` ends before a request, and Envoy writes no line of it, unless no filter chain takes its
// server name: that is then the one made up for a wildcard.

import type { AccessEntry } from '#model/access-log.ts';
import type { Ranges } from './byte-table.ts';
import { standsAt } from './quick-line.ts';

const own = 'kubectl-istio-ingress';

export const isOwnConnection = ({ userAgent, serverName }: Pick<AccessEntry, 'userAgent' | 'serverName'>): boolean =>
  userAgent?.startsWith(`${own}/`) === true || serverName?.startsWith(`${own}.`) === true;

const ownAgent = new Uint8Array(Buffer.from(`${own}/`));

/** Of the bytes of a User-Agent. */
export const isOwnAgent = (bytes: Buffer, range: Ranges): boolean => standsAt(ownAgent, bytes, range[0] as number);
