// What the gateway wrote down: route, cluster and flags of each request, told apart by its User-Agent.

export interface Logged {
  readonly code: number;
  readonly flags: string;
  readonly details: string;
  readonly cluster: string;
  readonly route: string;
}

/** Istio's own text format. Paths may hold quotes, so the line is read from both ends. */
const line = /" (\d+) (\S+) (\S+) (?:\S+) ".*" "(kii-[^"]*)" "[^"]*" "[^"]*" "[^"]*" (\S+) \S+ \S+ \S+ \S+ (\S+)$/;

export function readAccessLog(text: string): Map<string, Logged> {
  return new Map(
    text.split('\n').flatMap((written): [string, Logged][] => {
      const [, code, flags = '', details = '', userAgent = '', cluster = '', route = ''] =
        line.exec(written.trimEnd()) ?? [];
      return code === undefined ? [] : [[userAgent, { code: Number(code), flags, details, cluster, route }]];
    }),
  );
}
