// A kubeconfig's bytes → plain data, as kubectl reads them: YAML 1.1 of its first document. Source: sigs.k8s.io/yaml
// (YAMLToJSON) over its goyaml.v2 (decode.go, resolve.go, readerc.go), which client-go's clientcmd decodes with.

import { parseAllDocuments, type Tags } from 'yaml';

/** Throws an Error whose first line names the place of the mistake; the lines after it may hold a token. */
export function readKubeconfigYaml(bytes: Buffer): unknown {
  const options = { version: '1.1', merge: true, uniqueKeys: false, logLevel: 'silent', customTags } as const;
  const [first] = parseAllDocuments(decoded(bytes), options);
  if (first === undefined) return undefined;
  const [mistake] = first.errors;
  if (mistake !== undefined) throw mistake;
  return first.toJS();
}

/** goyaml.v2 leaves times and numbers of base 60 as text, and takes !!binary for the text that it encodes. */
const customTags = (tags: Tags): Tags => [
  ...tags.filter(
    (tag) => typeof tag === 'string' || !['intTime', 'floatTime', 'timestamp', 'binary'].includes(nameOf(tag)),
  ),
  { tag: 'tag:yaml.org,2002:binary', resolve: (text: string) => Buffer.from(text, 'base64').toString('utf8') },
];

const nameOf = ({ tag, format }: { readonly tag: string; readonly format?: string }): string =>
  format === 'TIME' ? (tag.endsWith(':int') ? 'intTime' : 'floatTime') : tag.replace(/^.*:/, '');

/** By its byte order mark: UTF-16 of either order, else UTF-8. */
function decoded(bytes: Buffer): string {
  const [first, second] = bytes;
  if (first === 0xff && second === 0xfe) return bytes.subarray(2).toString('utf16le');
  if (first === 0xfe && second === 0xff)
    return Buffer.from(bytes.subarray(2, bytes.length & ~1))
      .swap16()
      .toString('utf16le');
  return bytes.toString('utf8').replace(/^\uFEFF/, '');
}
