// `/server_info` → model. Source: envoy/admin/v3/server_info.proto; node metadata: pilot/pkg/model/context.go
// NodeMetadata.

import { durationIn, enumIn, field, objectIn, rootObject, textIn } from '#core/json.ts';
import type { ProxyInfo } from '#model/proxy.ts';

export function readServerInfo(json: unknown): ProxyInfo {
  const info = rootObject(json, 'server_info');
  // `<commit>/<version>/<state of the tree>/<build>/<TLS library>`
  const version = textIn(info, 'version') ?? '';
  const options = objectIn(info, 'command_line_options');
  const metadata = field(field(info.fields, 'node'), 'metadata');
  const istioVersion = field(metadata, 'ISTIO_VERSION');
  const istiod = field(field(metadata, 'PROXY_CONFIG'), 'discoveryAddress');
  const uptimeMs = durationIn(info, 'uptime_current_epoch');
  return {
    envoyVersion: version.split('/')[1] ?? version,
    istioVersion: typeof istioVersion === 'string' ? istioVersion : undefined,
    state: enumIn(info, 'state') ?? 'unknown',
    uptimeSeconds: uptimeMs === undefined ? undefined : Math.floor(uptimeMs / 1000),
    logLevel: (options && textIn(options, 'log_level')) || undefined,
    componentLogLevel: (options && textIn(options, 'component_log_level')) || undefined,
    ...(typeof istiod === 'string' ? { istiodAddress: istiod } : {}),
  };
}
