// istiod's debug port over HTTP to a pod. Source: istio/pilot/pkg/xds/debug.go.

import type { IstiodDebug } from '#core/admin.ts';
import { ToolError } from '#core/error.ts';
import type { Pod } from '#core/fleet.ts';
import type { PodHttp } from '#core/stream.ts';

export const debugPort = 15014;

export function debugOf(pod: Pod, http: PodHttp): IstiodDebug {
  return {
    pod,
    get: async (path) => {
      const { status, body } = await http.request('GET', `/${path}`);
      if (status === 200) return body;
      const isOff = status === 404 && path.startsWith('debug/');
      throw new ToolError(
        'bad-answer',
        `cannot read ${path} of ${pod.namespace}/${pod.name}:${debugPort}: istiod answered ${status}${isOff ? ', as it does where ENABLE_DEBUG_ON_HTTP is false' : ''}`,
      );
    },
  };
}
