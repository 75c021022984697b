// Which fields Envoy's API messages have, and which of them Envoy marks as sensitive: proto-fields.json, written by
// `npm run gen:protos` from the descriptors of go-control-plane. The table is loaded when it is first asked for.
//
// A package holds its messages, and a message its fields: `NAME=NUMBER TYPE[!][ ONEOF]`, with a comma between them.
// `!` is udpa.annotations.sensitive. TYPE is a scalar, the full name of a message, or `%` and that of an enum; `[]`
// before it is a list, `{KEY}` a map. `~` in a name stands for the package itself, `@` for google.protobuf.

export interface Field {
  /** As in the .proto file, e.g. `inline_bytes`. */
  readonly name: string;
  readonly number: number;
  readonly kind: 'scalar' | 'enum' | 'message';
  /** `string`, `bytes`, `uint32`…, or the full name of the enum or message; of a map, that of its values. */
  readonly type: string;
  readonly isList: boolean;
  /** The scalar type of a map's keys. */
  readonly mapKey: string | undefined;
  readonly oneof: string | undefined;
  /** Envoy itself redacts the field, and all below it. */
  readonly isSensitive: boolean;
}

export interface Message {
  /** With its package, e.g. `envoy.config.route.v3.Route`. */
  readonly name: string;
  readonly fields: readonly Field[];
}

/**
 * A message by its full name or by the URL that `@type` holds. Undefined for one that Envoy's API of that version does
 * not have, and for google.protobuf's own.
 */
export type MessageOf = (typeUrl: string) => Message | undefined;

let loaded: Promise<MessageOf> | undefined;

/** Loads the table once for the process. */
export function loadMessages(): Promise<MessageOf> {
  loaded ??= import('./proto-fields.json', { with: { type: 'json' } }).then((module) => readerOf(module.default));
  return loaded;
}

/** A field by its name in the .proto file or in JSON (`inlineBytes`), which readers of proto3 JSON both accept. */
export function fieldOf(message: Message, name: string): Field | undefined {
  let fields = byName.get(message);
  if (fields === undefined) {
    fields = new Map(message.fields.flatMap((field) => [[jsonName(field.name), field] as const, [field.name, field]]));
    byName.set(message, fields);
  }
  return fields.get(name);
}

const byName = new WeakMap<Message, ReadonlyMap<string, Field>>();

/** gen:protos has checked that every field's JSON name is made of its name. */
const jsonName = (name: string): string => name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase());

interface Table {
  readonly packages: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

function readerOf({ packages }: Table): MessageOf {
  const messages = new Map<string, { readonly home: string; readonly text: string }>(
    Object.entries(packages).flatMap(([home, texts]) =>
      Object.entries(texts).map(([name, text]) => [`${home}.${name}`, { home, text }] as const),
    ),
  );
  const read = new Map<string, Message>();
  return (typeUrl) => {
    const known = read.get(typeUrl);
    if (known !== undefined) return known;
    const name = typeUrl.slice(typeUrl.lastIndexOf('/') + 1);
    const found = messages.get(name);
    if (found === undefined) return undefined;
    const message = { name, fields: found.text === '' ? [] : found.text.split(',').map(fieldReader(found.home)) };
    read.set(typeUrl, message);
    return message;
  };
}

const fieldReader =
  (home: string) =>
  (text: string): Field => {
    const groups = fieldText.exec(text)?.groups;
    if (groups === undefined) throw new Error(`proto-fields.json: cannot read the field ${text} of ${home}`);
    const { name = '', number, list, mapKey, isEnum, type = '', sensitive, oneof } = groups;
    return {
      name,
      number: Number(number),
      kind: isEnum ? 'enum' : /[~@.]/.test(type) ? 'message' : 'scalar',
      type: type.replace('~', `${home}.`).replace('@', 'google.protobuf.'),
      isList: list !== undefined,
      mapKey,
      oneof,
      isSensitive: sensitive !== undefined,
    };
  };

const fieldText =
  /^(?<name>\w+)=(?<number>\d+) (?<list>\[\])?(?:\{(?<mapKey>\w+)\})?(?<isEnum>%)?(?<type>[~@\w.]+)(?<sensitive>!)?(?: (?<oneof>\w+))?$/;
