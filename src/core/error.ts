// The one error class of the tool. Its text is for the person on call: what was attempted on what, why it failed, what
// next.

export const errorCodes = [
  'usage', // the command line is wrong
  'kubeconfig', // no, unreadable or contradictory kubeconfig
  'credentials', // the API server does not accept who we are, or a credential plugin failed
  'unreachable', // no connection to the API server, node or pod
  'untrusted', // TLS: the peer's certificate does not verify
  'forbidden', // RBAC
  'not-found', // a namespace, workload, pod or context that does not exist
  'not-ready', // it exists and cannot answer yet (no pod ready, container waiting)
  'refused', // nothing listens on the pod's port
  'timeout', // a deadline passed
  'broken', // the connection ended in the middle
  'bad-answer', // an answer that cannot be read
  'too-large', // an answer over a limit
  'api', // any other answer of the API server that is not a success
  'unsupported', // this proxy, istiod or API server cannot do it
  'differs', // pods differ and one answer was asked for
  'machine', // this computer: a full disk, a directory or file that is not there
  'interrupted', // Ctrl-C, SIGTERM
  'internal', // a defect of this tool
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export type Hint = string | readonly string[];

export interface ErrorDetails {
  /** The next step the user can take, without a final stop: a line, or several. A line end in one is none of ours. */
  readonly hint?: Hint | undefined;
  readonly cause?: unknown;
}

/**
 * Message form: `cannot <do> <what on which namespace/pod:port>: <why>`, lower case, no final stop.
 * Decisions are made by `code`, never by the text.
 */
export class ToolError extends Error {
  readonly code: ErrorCode;
  readonly hint: Hint | undefined;

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'ToolError';
    this.code = code;
    this.hint = details.hint;
  }
}

/** None where there is no hint. */
export const hintLines = ({ hint = [] }: { readonly hint?: Hint | undefined }): readonly string[] =>
  typeof hint === 'string' ? [hint] : hint;

/** The hint as one text, for documents. */
export const hintText = ({ hint }: { readonly hint?: Hint | undefined }): string | undefined =>
  typeof hint === 'string' ? hint : hint?.join('\n');

/** What the operating system means: errno(3). */
const machineErrors: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk',
  EDQUOT: 'the quota of the disk is used up',
  EFBIG: 'the file would be larger than is allowed',
  EROFS: 'the file system is read-only',
  EIO: 'the disk, or what it stands for, fails',
  EACCES: 'that is not allowed',
  EPERM: 'that is not allowed',
  ENOENT: 'it does not exist',
  ENAMETOOLONG: 'the name is too long',
  ENOTDIR: 'a part of the path is no directory',
  EISDIR: 'it is a directory',
  EEXIST: 'it is there already',
  ELOOP: 'its links go round in circles',
  EMFILE: 'too many files are open (ulimit -n)',
  ENFILE: 'too many files are open',
  EBADF: 'it is closed, or not for that',
  ENOMEM: 'there is no memory left',
};

function machineError(error: unknown, attempted: string): ToolError | undefined {
  const { code = '', syscall, path } = (error ?? {}) as NodeJS.ErrnoException;
  const why = syscall === 'uv_cwd' ? 'the working directory is not there any more' : machineErrors[code];
  if (why === undefined || syscall === undefined) return undefined;
  const what = path === undefined ? '' : ` ${path}`;
  return new ToolError('machine', `cannot ${attempted}: ${why} (${code}: ${syscall}${what})`, { cause: error });
}

/** Of a file that could not be read or written: what the operating system means, else what the error says. */
export function reasonOf(error: unknown): string {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return machineErrors[code] ?? message;
}

/** The ToolError inside `error`, what the operating system refused, or one that says that this is a defect of ours. */
export function asToolError(error: unknown, attempted: string): ToolError {
  if (error instanceof ToolError) return error;
  const ofMachine = machineError(error, attempted);
  if (ofMachine !== undefined) return ofMachine;
  const why = error instanceof Error ? error.message : String(error);
  return new ToolError('internal', `cannot ${attempted}: ${why}`, {
    hint: 'this is a defect of kubectl istio-ingress: please report it with the command line',
    cause: error,
  });
}
