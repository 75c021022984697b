// A gRPC status in any of the ways that Envoy writes one → its name. Source: envoy source/common/grpc/status.h,
// docs …/access_log/usage.rst %GRPC_STATUS% (CAMEL_STRING, SNAKE_STRING, NUMBER), %TRAILER(GRPC-STATUS)%.

/** By number. */
const names = [
  'OK',
  'Canceled',
  'Unknown',
  'InvalidArgument',
  'DeadlineExceeded',
  'NotFound',
  'AlreadyExists',
  'PermissionDenied',
  'ResourceExhausted',
  'FailedPrecondition',
  'Aborted',
  'OutOfRange',
  'Unimplemented',
  'Internal',
  'Unavailable',
  'DataLoss',
  'Unauthenticated',
] as const;

const plain = (text: string): string => text.replaceAll('_', '').toLowerCase();

const byText = new Map<string, string>([
  ...names.map((name) => [plain(name), name] as const),
  ...names.map((name, number) => [String(number), name] as const),
  // gRPC's own spelling.
  ['cancelled', 'Canceled'],
]);

/** `14`, `Unavailable` and `UNAVAILABLE` → `Unavailable`; what is no status stays as it is. */
export const grpcStatusName = (text: string): string => byText.get(plain(text)) ?? text;
