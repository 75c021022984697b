// The way into pods: port-forward, and where RBAC forbids that, exec. What is forbidden for one pod of a namespace is
// forbidden for all.

import { ToolError } from '#core/error.ts';
import type { PodRef } from '#core/fleet.ts';
import type { PodHttp } from '#core/stream.ts';

export interface WayIn {
  /** Port-forward first. Both are closed with what is returned. `exec` is opened only where it is needed. */
  over(pod: PodRef, forward: PodHttp, exec: () => Promise<PodHttp>): PodHttp;
}

/** `onExec` is called once, before the first answer that comes through exec is handed over. */
export function wayIn(onExec: () => void): WayIn {
  const forbidden = new Map<string, ToolError>();
  let isTold = false;
  const tell = (): void => {
    if (!isTold) onExec();
    isTold = true;
  };
  return {
    over: ({ namespace }, forward, openExec) => {
      let exec: Promise<PodHttp> | undefined;
      const byExec: PodHttp['request'] = async (method, path) => {
        exec ??= openExec();
        const answer = await (await exec).request(method, path).catch((error: unknown) => {
          // Both rules are missing; the error names port-forward's, which is the one to ask for.
          throw isForbidden(error) ? forbidden.get(namespace) : error;
        });
        tell();
        return answer;
      };
      return {
        request: async (method, path) => {
          if (forbidden.has(namespace)) return byExec(method, path);
          try {
            return await forward.request(method, path);
          } catch (error) {
            if (!isForbidden(error)) throw error;
            forbidden.set(namespace, error);
            return byExec(method, path);
          }
        },
        close: () => {
          forward.close();
          void exec?.then((http) => http.close());
        },
      };
    },
  };
}

const isForbidden = (error: unknown): error is ToolError => error instanceof ToolError && error.code === 'forbidden';
