// Lines of Envoy's own log as Istio's agent has Envoy write them: time, level, `envoy LOGGER FILE:LINE`, message and
// thread between tabs; or JSON with `envoy LOGGER` in `scope`. Source: istio pkg/envoy/proxy.go, its --log-format.

/**
 * `logger`: a line of Envoy. `other`: one of the agent, or of an access log. `more`: it goes on with what the line
 * before it began, or is in a format that is not known.
 */
export type ProxyLine =
  | { readonly kind: 'logger'; readonly logger: string }
  | { readonly kind: 'other' }
  | { readonly kind: 'more' };

const other: ProxyLine = { kind: 'other' };
const more: ProxyLine = { kind: 'more' };

export function readProxyLine(text: string): ProxyLine {
  if (text.startsWith('{')) return readJsonLine(text);
  // An access log's own format begins with the start time in brackets.
  if (text.startsWith('[')) return other;
  const [, scope] = /^\d{4}-\d\d-\d\dT[\d:.]+Z\t\w+\t(.*)$/s.exec(text) ?? [];
  return scope === undefined ? more : ofScope(scope);
}

function ofScope(scope: string): ProxyLine {
  const [, logger] = /^envoy (\S+)/.exec(scope) ?? [];
  return logger === undefined ? other : { kind: 'logger', logger };
}

function readJsonLine(text: string): ProxyLine {
  try {
    const { scope } = JSON.parse(text) as { readonly scope?: unknown };
    return typeof scope === 'string' ? ofScope(scope) : other;
  } catch {
    return more;
  }
}
