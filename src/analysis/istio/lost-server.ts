// Whom a server that istiod leaves out has lost to, and why, for one of its hosts: in one wording.

import { describeObject, type ObjectRef } from '#model/resource.ts';
import { describeAge, type LostServer, plainHost } from './gateway-merge.ts';

export interface Winner {
  readonly gateway: ObjectRef;
  /** `Gateway NS/NAME has …`, with the reason for which istiod takes it. */
  readonly text: string;
}

/** One host that is taken loses the server all the others. `host`: lower case; undefined where no server name is wanted. */
export function winnerFor(host: string | undefined, { server, winner, duplicates }: LostServer): Winner {
  const taken = duplicates.find((one) => plainHost(one.host) === host) ?? duplicates[0];
  const has = taken?.winner ?? winner;
  const what = !taken
    ? `port ${server.port} for ${has.protocol}`
    : plainHost(taken.host) === host
      ? 'the host'
      : `${taken.host}, which it asks for as well`;
  const age = describeAge(has, server);
  return {
    gateway: has.gateway,
    text: `${describeObject(has.gateway)} has ${what}${age === '' ? '' : ` (${age})`}`,
  };
}

/** `loses its server https on port 443 with all hosts: Gateway NS/NAME has the host (older: …)` */
export function describeLoss(host: string | undefined, loss: LostServer): string {
  const { portName, port } = loss.server;
  return `loses its server ${portName === '' ? '' : `${portName} `}on port ${port} with all hosts: ${winnerFor(host, loss).text}`;
}
