// Writes src/questions/preview/object-fields.json (committed): the fields of the objects that a preview reads, as
// src/questions/preview/object-fields.ts reads them. Run by hand when a version in scripts/fields/go.mod changes; needs Go
// and its module proxy.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseAllDocuments } from 'yaml';
import { kinds, type Resource } from '#core/kinds.ts';
import { type Downloaded, withGoModule } from './go-module.ts';

const root = join(import.meta.dirname, '..');

/** What is used of a CustomResourceDefinition's schema. */
interface Schema {
  readonly type?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema;
  readonly enum?: readonly string[];
  readonly format?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string }[];
  readonly 'x-kubernetes-preserve-unknown-fields'?: boolean;
  readonly 'x-kubernetes-int-or-string'?: boolean;
}

const custom: readonly (readonly [module: string, file: string, resources: readonly Resource[]])[] = [
  [
    'istio.io/api',
    'kubernetes/customresourcedefinitions.gen.yaml',
    ['gateways', 'virtualservices', 'destinationrules'],
  ],
  ['github.com/cert-manager/cert-manager', 'deploy/crds/cert-manager.io_certificates.yaml', ['certificates']],
];

/** Their .proto files are made of the Go types, with the names that JSON has. */
const builtIn: readonly (readonly [module: string, file: string])[] = [
  ['k8s.io/api', 'core/v1/generated.proto'],
  ['k8s.io/apimachinery', 'pkg/apis/meta/v1/generated.proto'],
];

/** What the API server adds to every definition; `metadata` is that of all objects. */
const objectSchema: Readonly<Record<string, Schema>> = {
  apiVersion: { type: 'string' },
  kind: { type: 'string' },
  metadata: { type: 'ObjectMeta' },
};

const scalars: Readonly<Record<string, string>> = {
  string: 'text',
  bytes: 'base64',
  integer: 'integer',
  int32: 'integer',
  int64: 'integer',
  number: 'number',
  boolean: 'boolean',
  bool: 'boolean',
  // With properties an object is a type of its own.
  object: 'anything',
};

const modules = downloaded();
const messages = new Map(builtIn.flatMap(([module, file]) => messagesIn(readFileSync(pathOf(module, file), 'utf8'))));
/** Each type stands once: by its text its place. */
const types = new Map<string, number>();
function downloaded(): ReadonlyMap<string, Downloaded> {
  const wanted = [...custom, ...builtIn].map(([module]) => module);
  const found = withGoModule(join(root, 'scripts/fields'), ({ download }) => download(...wanted));
  return new Map(found.map((one) => [one.path, one]));
}

function pathOf(module: string, file: string): string {
  const found = modules.get(module);
  if (found === undefined) throw new Error(`${module} was not downloaded`);
  return join(found.directory, file);
}

/** Of its newest version. */
function customType(resource: Resource, file: string): string {
  const { group, versions } = kinds[resource];
  const documents = parseAllDocuments(readFileSync(file, 'utf8')).map((one) => one.toJS() as Definition | null);
  const definition = documents.find((one) => one?.metadata.name === `${resource}.${group}`);
  const schema = definition?.spec.versions.find(({ name }) => name === versions[0])?.schema.openAPIV3Schema;
  if (schema === undefined) throw new Error(`${file} has no ${resource}.${group} of ${versions[0]}`);
  const { spec = {} } = schema.properties ?? {};
  return typeOf({
    type: 'object',
    properties: { ...objectSchema, spec, status: { 'x-kubernetes-preserve-unknown-fields': true } },
  });
}

interface Definition {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly versions: readonly { readonly name: string; readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

function typeOf(schema: Schema): string {
  const { type = '', properties, items, additionalProperties } = schema;
  if (schema.enum) return `%${schema.enum.join('|')}`;
  if (items) return `[]${typeOf(items)}`;
  if (additionalProperties) return `{}${typeOf(additionalProperties)}`;
  if (properties) return objectType(schema, properties);
  if (schema['x-kubernetes-preserve-unknown-fields'] || schema['x-kubernetes-int-or-string']) return 'anything';
  if (isDuration(schema)) return 'duration';
  if (schema.format === 'byte') return 'base64';
  return `${scalars[type] ?? messageType(type)}${rangeOf(schema)}`;
}

const isDuration = ({ 'x-kubernetes-validations': rules = [] }: Schema): boolean =>
  rules.some(({ rule }) => rule === "duration(self) >= duration('1ms')");

const rangeOf = ({ minimum, maximum }: Schema): string =>
  minimum === undefined && maximum === undefined ? '' : `<${minimum ?? ''}..${maximum ?? ''}>`;

function objectType(schema: Schema, properties: Readonly<Record<string, Schema>>): string {
  const { required = [], oneOf, allOf = [] } = schema;
  const fields = Object.entries(properties).map(
    ([name, one]) => `${name}${required.includes(name) ? '!' : ''}=${typeOf(one)}`,
  );
  const choices = [...(oneOf ? [oneOf] : []), ...allOf.flatMap((one) => (one.oneOf ? [one.oneOf] : []))];
  return placed(
    fields,
    choices.map((some) => some.flatMap((one) => one.required ?? [])),
  );
}

function placed(fields: readonly string[], choices: readonly (readonly string[])[] = []): string {
  const text = [fields.join(','), ...choices.map((names) => names.join('|'))].join(';');
  if (!types.has(text)) types.set(text, types.size);
  return `#${types.get(text)}`;
}

/** By the last part of its name; those of JSON's scalars are no objects there. */
function messageType(name: string): string {
  const short = name.slice(name.lastIndexOf('.') + 1);
  if (short === 'IntOrString') return 'anything';
  if (short === 'Time' || short === 'MicroTime') return 'text';
  if (short === 'FieldsV1') return 'anything';
  const fields = messages.get(short);
  if (fields === undefined) throw new Error(`no module has the message ${name}`);
  const typed = fields.map(([field, label, type]) => {
    const own = field === 'stringData' ? 'hidden' : (scalars[type] ?? messageType(type));
    return `${field}=${label === 'repeated' ? '[]' : label === 'map' ? '{}' : ''}${own}`;
  });
  return placed(short === 'Service' || short === 'Secret' ? ['apiVersion=text', 'kind=text', ...typed] : typed);
}

type MessageField = readonly [name: string, label: string, type: string];

function messagesIn(text: string): [string, MessageField[]][] {
  return [...text.matchAll(/^message (\w+) \{$(.*?)^\}$/gms)].map(([, name = '', body = '']) => [
    name,
    [...body.matchAll(/^ {2}(?:(optional|repeated) ([\w.]+)|(map)<string, ([\w.]+)>) (\w+) = \d+/gm)].map(
      ([, label, type, map, value, field = '']) => [field, label ?? map ?? '', type ?? value ?? ''],
    ),
  ]);
}

const table = {
  sources: [...modules].map(([path, { version }]) => `${path}@${version}`),
  kinds: Object.fromEntries(
    (
      [
        ...custom.flatMap(([module, file, resources]) =>
          resources.map((resource) => [resource, customType(resource, pathOf(module, file))]),
        ),
        ...(['services', 'secrets'] as const).map((resource) => [resource, messageType(kinds[resource].kind)]),
      ] as [string, string][]
    ).map(([resource, type]) => [resource, Number(type.slice(1))]),
  ),
  types: [...types.keys()],
};
writeFileSync(join(root, 'src/questions/preview/object-fields.json'), `${JSON.stringify(table, null, 1)}\n`);
