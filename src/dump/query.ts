// Answers `GET /config_dump?resource=&mask=&name_regex=&include_eds` from a recorded whole dump, as Envoy 1.30 and
// newer does. Source: envoy/source/server/admin/config_dump_handler.cc; checked byte for byte against Envoy 1.40
// (test/dump/query.test.ts). A mask is checked against the fields in dump-shape.ts; below those, a field that no
// element has is taken for a field not set.

import { RE2JS } from 're2js';
import { objectsIn, rootObject } from '#core/json.ts';
import { elementType, type Fields, fieldsOf, nameOf, sections } from './dump-shape.ts';

export interface DumpAnswer {
  readonly status: 200 | 400 | 404;
  readonly contentType: 'application/json' | 'text/plain';
  readonly body: string;
}

type Json = { readonly [key: string]: unknown };
type Mask = ReadonlyMap<string, Mask>;

const wrong = (status: 400 | 404, body: string): DumpAnswer => ({ status, contentType: 'text/plain', body });

/** `dump` is the parsed body of `config_dump?include_eds`; it is not changed. Throws `bad-answer` where it is none. */
export function queryDump(dump: unknown, query: URLSearchParams): DumpAnswer {
  // An empty value is as good as none (envoy#32794).
  const given = (name: string): string | undefined => query.get(name) || undefined;
  const names = nameMatcher(given('name_regex'));
  if (typeof names === 'string') return wrong(400, names);
  const mask = given('mask')?.split(',').filter(Boolean);
  const all = objectsIn(rootObject(dump, 'the config dump'), 'configs').map(({ fields }) => fields as Json);
  const configs = all.filter((config) => query.has('include_eds') || sectionOf(config) !== 'EndpointsConfigDump');
  const resource = given('resource');
  return resource === undefined ? queryAll(configs, mask, names) : queryResource(configs, resource, mask, names);
}

const sectionOf = (config: Json): string => String(config['@type']).split('.').at(-1) as string;

function queryAll(
  configs: readonly Json[],
  mask: readonly string[] | undefined,
  names: (name: string) => boolean,
): DumpAnswer {
  const kept = configs.flatMap((config) => {
    const section = withMatchingNames(config, names);
    if (!mask) return [section];
    // A section where one path is no field of it is left out as a whole.
    const known = sections[sectionOf(config)] ?? {};
    return mask.every((path) => isPath(path.split('.'), section, known))
      ? [trimmed(section, maskTree(mask.map((path) => path.split('.'))))]
      : [];
  });
  if (mask && kept.length === 0)
    return wrong(400, `FieldMask ${mask.join(',')} could not be successfully applied to any configs.`);
  return found(kept);
}

function queryResource(
  configs: readonly Json[],
  resource: string,
  mask: readonly string[] | undefined,
  names: (name: string) => boolean,
): DumpAnswer {
  const holder = configs.find((config) => Object.hasOwn(sections[sectionOf(config)] ?? {}, resource));
  if (!holder) return wrong(404, `${resource} not found in config dump`);
  const kind = sections[sectionOf(holder)]?.[resource];
  if (kind !== 'list')
    return wrong(400, `${resource} is not a repeated field. Use ?mask=${resource} to get only this field`);
  const elements = elementsIn(withMatchingNames(holder, names), resource);
  if (mask && !elements.every((element) => isElementMask(mask, element, fieldsOf(resource)))) {
    // The text is protobuf's debug form of the mask, with a marker against its being parsed.
    return wrong(
      400,
      `FieldMask goo.gle/debugonly  \n${mask.map((path) => `paths: "${path}"\n`).join('')} could not be successfully used.`,
    );
  }
  const tree = mask && maskTree(mask.map((path) => path.split('.')));
  const type = `type.googleapis.com/envoy.admin.v3.${sectionOf(holder)}.${elementType(resource)}`;
  return found(elements.map((element) => ({ '@type': type, ...(tree ? trimmed(element, tree) : element) })));
}

function withMatchingNames(config: Json, names: (name: string) => boolean): Json {
  const fields = Object.entries(config).flatMap(([field, value]) => {
    if (!Array.isArray(value) || sectionOf(config) === 'BootstrapConfigDump') return [[field, value]];
    const kept = elementsIn(config, field).filter(
      (element) => isNeverLoaded(field, element) || names(nameOf(field, element)),
    );
    return kept.length > 0 ? [[field, kept]] : [];
  });
  return Object.fromEntries(fields);
}

const elementsIn = (config: Json, field: string): Json[] =>
  objectsIn(rootObject(config, `the ${sectionOf(config)} of the config dump`), field).map(
    ({ fields }) => fields as Json,
  );

/** Envoy shows a listener that it rejected and never had, whatever the name asked for. */
const isNeverLoaded = (field: string, element: Json): boolean =>
  field === 'dynamic_listeners' &&
  !('active_state' in element || 'warming_state' in element || 'draining_state' in element);

/** The matcher, or the text of the error. RE2 has to match the whole name. */
function nameMatcher(expression: string | undefined): ((name: string) => boolean) | string {
  if (expression === undefined) return () => true;
  try {
    const compiled = RE2JS.compile(expression);
    return (name) => compiled.matches(name);
  } catch (error) {
    return `INVALID_ARGUMENT: Error while parsing name_regex from ${expression}: ${(error as Error).message}`;
  }
}

/** With `resource`, a mask is relative to the element and may go on inside its one Any; it may not stop at the Any. */
function isElementMask(mask: readonly string[], element: Json, fields: Fields): boolean {
  return mask.every((path) => {
    const [first = '', ...rest] = path.split('.');
    const inner = fields[first];
    if (typeof inner !== 'object') return isPath([first, ...rest], element, fields);
    return rest.length > 0 && (element[first] === undefined || isPath(rest, element[first], inner));
  });
}

/**
 * FieldMaskUtil::GetFieldDescriptors: a path may go through messages, and neither through lists nor maps nor an Any.
 */
function isPath([first, ...rest]: readonly string[], value: unknown, fields?: Fields): boolean {
  if (first === undefined || first === '' || (fields && !Object.hasOwn(fields, first))) return false;
  if (rest.length === 0) return true;
  const kind = fields?.[first];
  const inner = (value as Json | undefined)?.[first];
  if (kind === 'list' || kind === 'scalar' || isMap(first) || Array.isArray(inner)) return false;
  if (inner === undefined) return true;
  return typeof inner === 'object' && !('@type' in (inner as Json)) && isPath(rest, inner);
}

const isMap = (field: string): boolean =>
  /^(typed_)?filter_metadata$|^typed_(per_filter_config|extension_protocol_options)$/.test(field);

/** A path that ends keeps the whole field, also where another path goes deeper. */
function maskTree(paths: readonly (readonly string[])[]): Mask {
  const byField = Map.groupBy(paths, ([first]) => first as string);
  return new Map(
    [...byField].map(([field, below]) => [
      field,
      below.some((path) => path.length === 1) ? new Map() : maskTree(below.map((path) => path.slice(1))),
    ]),
  );
}

function trimmed(message: Json, mask: Mask): Json {
  const fields = Object.entries(message).flatMap(([field, value]) => {
    if (field === '@type') return [[field, value]];
    const inner = mask.get(field);
    if (!inner) return [];
    return [[field, inner.size === 0 ? value : trimmed(value as Json, inner)]];
  });
  return Object.fromEntries(fields);
}

/** Protobuf's printer: one space a level, empty lists left out, `<` and `>` escaped, a newline at the end. */
function found(configs: readonly Json[]): DumpAnswer {
  const text = JSON.stringify(configs.length > 0 ? { configs } : {}, null, 1);
  const escaped = text.replace(
    /[<>\u007f-\u009f\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return { status: 200, contentType: 'application/json', body: `${escaped}\n` };
}
