// Lines of a gateway's container that are no access log: pilot-agent's, Envoy's own, Go's runtime, and what continues
// them. Source: istio pkg/log (zap, tab-separated or JSON), envoy source/common/common/logger.h (default format), klog.

const level = '(?:trace|debug|info|warn|warning|error|critical|fatal|none|off)';

const patterns: readonly RegExp[] = [
  // 2026-11-23T12:06:14.798305Z\tinfo\tads\t…
  new RegExp(`^\\d{4}-\\d\\d-\\d\\dT[\\d:.]+(?:Z|[+-]\\d\\d:?\\d\\d)\\t${level}\\t`),
  // [2026-11-23 12:06:14.798][15][warning][config] […]
  new RegExp(`^\\[\\d{4}-\\d\\d-\\d\\d [\\d:.,]+\\]\\[\\d+\\]\\[${level}\\]`),
  // 2026/11/23 12:06:14 …
  /^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /,
  // I1123 12:06:14.798305       1 file.go:12] …
  /^[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ \S+\] /,
  // {"level":"info","time":"…","scope":"…","msg":"…"}
  new RegExp(`^\\{"(?:level|severity)":"${level}"`),
  /^\s/,
  /^$/,
];

export const isOtherLine = (line: string): boolean => patterns.some((pattern) => pattern.test(line));
