// Credential plugins (`exec:` in a kubeconfig), run once for all that the tool asks. Source:
// kubernetes.io/docs/reference/access-authn-authz/authentication, client-go credential plugins; client-go
// plugin/pkg/client/auth/exec.

import { statSync } from 'node:fs';
import { platform } from 'node:os';
import { isatty } from 'node:tty';
import type { Cluster } from '@kubernetes/client-node';
import spawn from 'cross-spawn';
import { ToolError } from '#core/error.ts';
import { field } from '#core/json.ts';
import { limits } from '#core/limits.ts';
import { onWindowsPath } from './windows-path.ts';

/** `users[].user.exec`, as it stands in the kubeconfig. */
export interface ExecSpec {
  readonly apiVersion?: string | undefined;
  readonly command?: string | undefined;
  readonly args?: readonly (string | undefined)[] | undefined;
  readonly env?: readonly { readonly name: string | undefined; readonly value: string | undefined }[] | undefined;
  readonly interactiveMode?: string | undefined;
  readonly installHint?: string | undefined;
  readonly provideClusterInfo?: boolean | undefined;
  /** What the cluster's `extensions` have for plugins. */
  readonly clusterConfig?: unknown;
}

export interface ExecCredential {
  readonly token: string | undefined;
  readonly certificate: string | undefined;
  readonly key: string | undefined;
  /** Milliseconds since 1970; never, where the plugin gives none. */
  readonly expiresAt: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** Runs the plugin to its end; what it says on stderr (a code to type in a browser) goes to the user at once. */
export async function runExecPlugin(
  spec: ExecSpec,
  cluster: Cluster,
  env: Environment,
  signal: AbortSignal,
): Promise<ExecCredential> {
  const { command } = spec;
  if (!command) throw failed('', 'the kubeconfig names no command');
  checkVersion(command, spec);
  const canAsk = spec.interactiveMode !== 'Never' && isatty(0);
  if (spec.interactiveMode === 'Always' && !canAsk)
    throw failed(command, 'it asks on a terminal, and stdin is not one');
  const info = execInfo(spec, cluster, canAsk);
  const own = Object.fromEntries((spec.env ?? []).map(({ name = '', value = '' }) => [name, value]));
  if ('' in own) throw failed(command, 'a variable of its env has no name');
  const output = await run(spec, { ...env, ...own, KUBERNETES_EXEC_INFO: JSON.stringify(info) }, canAsk, signal);
  return readCredential(command, output, info.apiVersion);
}

const group = 'client.authentication.k8s.io';

function checkVersion(command: string, { apiVersion, interactiveMode }: ExecSpec): void {
  if (apiVersion !== `${group}/v1` && apiVersion !== `${group}/v1beta1`)
    throw failed(
      command,
      `its apiVersion is ${apiVersion ?? 'missing'}, not ${group}/v1 or v1beta1`,
      'write the kubeconfig anew with the tool that made it',
    );
  const isKnown = ['Never', 'IfAvailable', 'Always'].includes(
    interactiveMode ?? (apiVersion.endsWith('/v1') ? '' : 'IfAvailable'),
  );
  if (!isKnown)
    throw failed(command, `its interactiveMode is ${interactiveMode ?? 'missing'}, not Never, IfAvailable or Always`);
}

function execInfo(spec: ExecSpec, cluster: Cluster, interactive: boolean): { readonly apiVersion: string } {
  const described = {
    server: cluster.server,
    'tls-server-name': cluster.tlsServerName,
    'insecure-skip-tls-verify': cluster.skipTLSVerify || undefined,
    'certificate-authority-data': cluster.caData,
    'proxy-url': cluster.proxyUrl,
    config: spec.clusterConfig,
  };
  return {
    apiVersion: spec.apiVersion ?? '',
    ...{ kind: 'ExecCredential', spec: { interactive, ...(spec.provideClusterInfo ? { cluster: described } : {}) } },
  };
}

function run(
  { command = '', args, installHint }: ExecSpec,
  env: Environment,
  canAsk: boolean,
  signal: AbortSignal,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const notFound = (): void => reject(failed(command, 'it is not installed, or not on the PATH', installHint));
    const file = platform() === 'win32' ? onWindowsPath(command, env, isFile) : command;
    if (file === undefined) return notFound();
    // Node's own error quotes the whole of what may be a secret.
    if ([file, ...(args ?? []), ...Object.values(env)].some((text) => text?.includes('\0')))
      return reject(failed(command, 'a NUL is in its command, arguments or variables', installHint));
    const child = spawn(file, args?.map((arg) => arg ?? '') ?? [], {
      env,
      signal,
      stdio: [canAsk ? 'inherit' : 'ignore', 'pipe', 'inherit'],
    });
    let output = '';
    const giveUp = (why: string): void => {
      reject(failed(command, why, installHint));
      child.stdout?.destroy();
      child.kill();
    };
    const timer = setTimeout(
      () => giveUp(`it did not end within ${limits.pluginMs / 60_000} minutes`),
      limits.pluginMs,
    );
    child.stdout?.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > limits.pluginBytes)
        giveUp(`it printed more than ${limits.pluginBytes / 1024 / 1024} MiB, and a credential is a few KiB`);
    });
    child.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      if (signal.aborted) reject(signal.reason);
      else if (error.code === 'ENOENT') notFound();
      else reject(failed(command, whyNotRun(error), installHint));
    });
    child.on('close', (code, killedBy) => {
      clearTimeout(timer);
      if (code === 0) resolve(output);
      else
        reject(
          failed(
            command,
            killedBy ? `it was ended by ${killedBy}` : `it ended with ${code}; its own message is above`,
            installHint,
          ),
        );
    });
  });
}

const whyNotRun = ({ code, message }: NodeJS.ErrnoException): string =>
  code === 'EACCES' ? 'it is not executable, or a folder' : message;

function isFile(path: string): boolean {
  try {
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

async function readCredential(command: string, output: string, apiVersion: string): Promise<ExecCredential> {
  const answer = await parsed(command, output);
  const status = field(answer, 'status');
  // Go's decoder takes the kind that is asked for, where the answer has none.
  const isKind = ['ExecCredential', ''].includes((field(answer, 'kind') ?? '') as string);
  if (!isKind || typeof status !== 'object' || status === null || Array.isArray(status))
    throw failed(command, 'its output is not an ExecCredential with a status');
  const answered = field(answer, 'apiVersion');
  if (answered !== apiVersion)
    throw failed(
      command,
      `its answer has ${answered ? `the apiVersion ${String(answered)}` : 'no apiVersion'}, and the kubeconfig asks for ${apiVersion}`,
    );
  const text = (name: string): string | undefined => {
    const value = field(status, name);
    return typeof value === 'string' && value !== '' ? value : undefined;
  };
  const credential = { token: text('token'), certificate: text('clientCertificateData'), key: text('clientKeyData') };
  if (credential.token === undefined && credential.certificate === undefined)
    throw failed(command, 'it gave neither a token nor a certificate');
  if ((credential.certificate === undefined) !== (credential.key === undefined))
    throw failed(command, 'it gave a certificate without its key, or a key alone');
  return { ...credential, expiresAt: expiryIn(command, field(status, 'expirationTimestamp')) };
}

/** As Go's decoder, which takes RFC 3339 alone: any other time would be of whatever zone this machine has. */
function expiryIn(command: string, timestamp: unknown): number {
  if (timestamp === undefined || timestamp === null) return Number.POSITIVE_INFINITY;
  const isTime = typeof timestamp === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)$/.test(timestamp);
  const at = isTime ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(at)) throw failed(command, 'its expirationTimestamp is not a time as 2026-11-23T12:08:00Z');
  return at;
}

/** JSON, or YAML, which Go's decoder reads too. The output may hold a token: it never goes into an error. */
async function parsed(command: string, output: string): Promise<unknown> {
  if (output.trim() === '') throw failed(command, 'it printed nothing on stdout');
  try {
    return JSON.parse(output);
  } catch {
    const { readYamlDocuments } = await import('#files/kube-yaml.ts');
    const [document] = readYamlDocuments(Buffer.from(output));
    const isObject = typeof document?.value === 'object' && document.value !== null;
    if (!isObject) throw failed(command, whyUnread(output));
    return document.value;
  }
}

function whyUnread(output: string): string {
  const isBegun = output.trimStart().startsWith('{');
  if (isBegun) return 'its output begins as JSON and is none: it is cut off, or something stands behind it';
  return output.includes('{')
    ? 'its output has a text before the credential, which belongs on stderr'
    : 'its output is a text, not an ExecCredential in JSON';
}

const failed = (command: string, why: string, hint?: string): ToolError =>
  new ToolError('credentials', `cannot get credentials from the plugin ${command} of the kubeconfig: ${why}`, { hint });
