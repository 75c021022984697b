// Local ports for the ports of one pod, until the signal aborts: the admin port for what reads, or any port as plain TCP.

import { raceAbort } from '#core/concurrency.ts';
import type { ToolError } from '#core/error.ts';
import type { PodRef } from '#core/fleet.ts';
import type { Source } from '#core/source.ts';
import { type Forwarded, openDoor, openForward } from './local-ports.ts';
import { type PodTarget, podTarget } from './pod-target.ts';

const adminPort = 15000;

export interface Forwarding {
  /** A source that finds the gateway anew: pods are replaced meanwhile. */
  open(): Promise<Source>;
  readonly signal: AbortSignal;
  /** A port is open: `local` is the one that was found where 0 was asked for. */
  opened(ports: Forwarded, pod: PodRef): Promise<void>;
  /** Called for a request or connection that failed; the ports stay open. */
  failed(error: ToolError): void;
  moved(from: PodRef, to: PodRef): void;
}

/** Only GET of paths that read. Rejects with the signal's reason. */
export const forwardAdmin = (forwarding: Forwarding, local: number): Promise<never> =>
  withTarget(forwarding, async (target) => {
    const pod = await target.pod();
    const door = await openDoor(target, local, forwarding.failed);
    try {
      await forwarding.opened({ local: door.port, remote: adminPort }, pod);
      return await untilAborted(forwarding.signal);
    } finally {
      door.close();
    }
  });

/** Plain TCP, unfiltered. `source` has to stay open meanwhile. Rejects with the signal's reason. */
export const forwardRaw = (source: Source, forwarding: Forwarding, all: readonly Forwarded[]): Promise<never> =>
  withTarget(forwarding, async (target) => {
    const pod = await target.pod();
    const opened: { close(): void }[] = [];
    try {
      for (const ports of all) {
        const forward = await openForward(target, source, ports, forwarding);
        opened.push(forward);
        await forwarding.opened({ local: forward.port, remote: ports.remote }, pod);
      }
      return await untilAborted(forwarding.signal);
    } finally {
      for (const forward of opened) forward.close();
    }
  });

const untilAborted = (signal: AbortSignal): Promise<never> => raceAbort(new Promise<never>(() => {}), signal);

async function withTarget({ open, moved }: Forwarding, serve: (target: PodTarget) => Promise<never>): Promise<never> {
  const target = podTarget({ open, moved });
  try {
    return await serve(target);
  } finally {
    await target.close();
  }
}
