// A kubeconfig's bytes → its entries, as kubectl's decoder takes or refuses them: the first document alone, of the types
// that client-go tools/clientcmd/api/v1/types.go has, also in entries that nobody chose. What this tool does not read
// (preferences, extensions) is not judged: nothing is lost with it.

import { ToolError } from '#core/error.ts';
import { anything, boolean, list, mapOf, object, optional, pathIn, type Schema } from '#core/schema.ts';
import { readYamlDocuments } from '#files/kube-yaml.ts';
import type { ExecSpec } from './exec-plugin.ts';

export interface ClusterFields {
  readonly server?: string;
  readonly 'certificate-authority'?: string;
  readonly 'certificate-authority-data'?: string;
  readonly 'tls-server-name'?: string;
  readonly 'proxy-url'?: string;
  readonly 'insecure-skip-tls-verify'?: boolean;
  readonly extensions?: readonly ({ readonly name: string | undefined; readonly extension: unknown } | undefined)[];
}

export interface UserFields {
  readonly token?: string;
  readonly tokenFile?: string;
  readonly 'client-certificate'?: string;
  readonly 'client-certificate-data'?: string;
  readonly 'client-key'?: string;
  readonly 'client-key-data'?: string;
  readonly username?: string;
  readonly password?: string;
  readonly as?: string;
  readonly 'as-uid'?: string;
  readonly 'as-groups'?: readonly string[];
  readonly 'as-user-extra'?: Readonly<Record<string, readonly string[]>>;
  readonly 'auth-provider'?: { readonly name: string | undefined; readonly config: unknown };
  readonly exec?: ExecSpec;
}

export interface ContextFields {
  readonly cluster?: string;
  readonly user?: string;
  readonly namespace?: string;
}

/** Go takes null in a list for an entry without anything. */
export type Entry<K extends string, T> = ({ readonly name?: string } & { readonly [key in K]?: T }) | null | undefined;

export interface KubeconfigFields {
  readonly apiVersion?: string;
  readonly kind?: string;
  readonly 'current-context'?: string;
  readonly clusters?: readonly Entry<'cluster', ClusterFields>[];
  readonly users?: readonly Entry<'user', UserFields>[];
  readonly contexts?: readonly Entry<'context', ContextFields>[];
}

const word: Schema<string> = (value, path) =>
  typeof value === 'string'
    ? undefined
    : `${path} is not a text${typeof value === 'object' ? '' : ': put it in quotes'}`;

const text = optional(word);
const texts = optional(list(word));
const truth = optional(boolean);

/** As Go's encoding/json reads bytes: with line breaks and no other spaces, and padded. */
const base64 = optional<string>(
  (value, path) => word(value, path) ?? (isBase64(value) ? undefined : `${path} is not base64`),
);

const isBase64 = (value: unknown): boolean =>
  /^([A-Za-z\d+/]{4})*([A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(String(value).replace(/[\r\n]/g, ''));

const only = (wanted: string): Schema<string | undefined> =>
  optional((value, path) => (value === wanted || value === '' ? undefined : `${path} is not ${wanted}`));

const entries = <K extends string, T>(key: K, fields: Schema<T>) =>
  optional(list(optional(object({ name: text, [key]: optional(fields) })))) as Schema<
    readonly Entry<K, T>[] | undefined
  >;

const schema = object<KubeconfigFields>({
  apiVersion: only('v1'),
  kind: only('Config'),
  'current-context': text,
  clusters: entries(
    'cluster',
    object<ClusterFields>({
      server: text,
      'certificate-authority': text,
      'certificate-authority-data': base64,
      'tls-server-name': text,
      'proxy-url': text,
      'insecure-skip-tls-verify': truth,
      extensions: optional(list(optional(object({ name: text, extension: anything })))),
    }),
  ),
  users: entries(
    'user',
    object<UserFields>({
      token: text,
      tokenFile: text,
      'client-certificate': text,
      'client-certificate-data': base64,
      'client-key': text,
      'client-key-data': base64,
      username: text,
      password: text,
      as: text,
      'as-uid': text,
      'as-groups': texts,
      'as-user-extra': optional(mapOf(list(word))),
      'auth-provider': optional(object({ name: text, config: optional(mapOf(text)) })),
      exec: optional(
        object({
          apiVersion: text,
          command: text,
          args: optional(list(text)),
          env: optional(list(object({ name: text, value: text }))),
          interactiveMode: text,
          installHint: text,
          provideClusterInfo: truth,
        }),
      ),
    }),
  ),
  contexts: entries('context', object<ContextFields>({ cluster: text, user: text, namespace: text })),
});

/** Throws ToolError `kubeconfig` with file and line, and no word of what stands there. */
export function readKubeconfigFile(bytes: Buffer, file: string): KubeconfigFields {
  const refused = (line: number, why: string): ToolError =>
    new ToolError('kubeconfig', `cannot read the kubeconfig ${file}:${line}: ${why}`);
  const [document] = readYamlDocuments(bytes, true);
  if (document?.value === undefined && !document?.mistake) return {};
  if (document.mistake) throw refused(document.mistake.line, document.mistake.message);
  const wrong = schema(document.value, '');
  if (wrong === undefined) return document.value as KubeconfigFields;
  const why = wrong.replace(/^\./, '').replace(/ is .*, not /s, ' is not ');
  throw refused(document.lineOf(pathIn(wrong)), why.replace(/^it is not an object/, 'it is no kubeconfig'));
}
