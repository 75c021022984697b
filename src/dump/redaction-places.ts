// What the name of a field says in a place of a document: whether it is secret, and what is known of what is below it.
// Decided once for each name in each place: a dump has a million fields, and few names.

import { type Field, fieldOf, type Message, type MessageOf } from './proto-fields.ts';
import { meaningOf, privateJwkMembers } from './secret-names.ts';

/**
 * Whose document it is. In one of Envoy everything below a `private_key` or `password` is secret; in a Kubernetes object
 * such an object says how a key is made (cert-manager's `privateKey`) or where it is.
 */
export type Origin = 'envoy' | 'kubernetes';

export interface Place {
  /** The message of the object, or of each value of a map; undefined in a Struct and for unknown types. */
  readonly message: Message | undefined;
  readonly isMap: boolean;
  /** The strings of this object are names of other things. */
  readonly holdsNames: boolean;
  /** By the names that were met. */
  readonly rules: Map<string, FieldRule>;
}

export interface FieldRule {
  readonly name: string;
  /** `credential data`: a credential where it is a text or a DataSource. */
  readonly is: 'harmless' | 'type' | 'secret' | 'credential' | 'credential data';
  /** The place of what is inside. */
  readonly below: Place;
  /** Another field of the object may make it secret, or say what it is. */
  readonly hangsOnOthers: boolean;
  /** A private member of a JSON Web Key, where the object is one. */
  readonly isJwkMember: boolean;
  /** The value of a `{key, value}`. */
  readonly isPairValue: boolean;
  /** The value of a `{type_url, value}`. */
  readonly isStruct: boolean;
  /** What a header or parameter is compared with, in a `{name, string_match}`. */
  readonly isCondition: boolean;
}

/** Keys of maps are without number. */
const mostKnown = 20_000;

const placeOf = (message: Message | undefined, isMap: boolean, holdsNames: boolean): Place => ({
  message,
  isMap,
  holdsNames,
  rules: new Map(),
});

const pairValues: ReadonlySet<string> = new Set(['value', 'raw_value', 'rawValue']);

/** Of Envoy's HeaderMatcher and QueryParameterMatcher, old spellings too; of an AuthorizationPolicy's conditions. */
const conditions = /^(?:string|exact|prefix|suffix|contains|safe_?regex)_?match$|^(?:not)?values$/i;

/** In an EnvoyFilter; no Kubernetes object has one of its own. */
const secretsOfEnvoy = /^(?:session_?ticket_?keys|generic_?secret)$/i;

/** The value of a TypedStruct is one. */
const struct = 'google.protobuf.Struct';

export class Places {
  readonly #origin: Origin;
  readonly #messageOf: MessageOf;
  readonly unknown = placeOf(undefined, false, false);
  readonly #unknownNames = placeOf(undefined, false, true);
  readonly #ofMessages = new Map<Message, Place[]>();
  #rules = 0;

  constructor(origin: Origin, messageOf: MessageOf) {
    this.#origin = origin;
    this.#messageOf = messageOf;
  }

  /** The place of an object whose type is given. */
  ofType(type: string): Place {
    return this.#placeOf(this.#messageOf(type), false, false);
  }

  ruleOf(place: Place, name: string): FieldRule {
    const known = place.rules.get(name);
    if (known !== undefined) return known;
    const rule = this.#decide(place, name);
    if (this.#rules++ < mostKnown) place.rules.set(name, rule);
    return rule;
  }

  /** The place of a `value` that is laid out as the message `type`; undefined for an unknown one. */
  ofStruct(type: unknown): Place | undefined {
    const message = typeof type === 'string' ? this.#messageOf(type) : undefined;
    return message && this.#placeOf(message, false, meaningOf('value').holdsNames);
  }

  #placeOf(message: Message | undefined, isMap: boolean, holdsNames: boolean): Place {
    if (message === undefined) return holdsNames ? this.#unknownNames : this.unknown;
    const known = this.#ofMessages.get(message) ?? [];
    const before = known.find((one) => one.isMap === isMap && one.holdsNames === holdsNames);
    if (before !== undefined) return before;
    const place = placeOf(message, isMap, holdsNames);
    this.#ofMessages.set(message, [...known, place]);
    return place;
  }

  #decide(place: Place, name: string): FieldRule {
    const { message, isMap } = place;
    const isValueOfMap = message !== undefined && isMap;
    const field = message && !isMap ? fieldOf(message, name) : undefined;
    const inside = isValueOfMap ? message : field && this.#messageIn(field);
    const isJwkMember = privateJwkMembers.has(name);
    const isPairValue = pairValues.has(name);
    const isStruct = name === 'value' && !isValueOfMap && (field?.type ?? struct) === struct;
    const isCondition = conditions.test(name);
    return {
      name,
      is: name === '@type' ? 'type' : isValueOfMap ? 'harmless' : this.#natureOf(name, field, place),
      below: this.#placeOf(inside, field?.mapKey !== undefined, meaningOf(name).holdsNames),
      hangsOnOthers: isJwkMember || isPairValue || isStruct || isCondition,
      isJwkMember,
      isPairValue,
      isStruct,
      isCondition,
    };
  }

  #natureOf(name: string, field: Field | undefined, place: Place): FieldRule['is'] {
    if (field?.isSensitive) return 'secret';
    const isOfEnvoy = field === undefined && (this.#origin === 'envoy' || secretsOfEnvoy.test(name));
    if (isOfEnvoy && !place.holdsNames && meaningOf(name).isSecretObject) return 'secret';
    if (!isNamedCredential(name, place)) return 'harmless';
    return field?.kind === 'message' ? 'credential data' : 'credential';
  }

  #messageIn({ kind, type }: Field): Message | undefined {
    return kind === 'message' ? this.#messageOf(type) : undefined;
  }
}

/** A field of one of Envoy's own messages is never called as a header. */
function isNamedCredential(name: string, { message, holdsNames }: Place): boolean {
  if (holdsNames) return false;
  const { isCredential, isCredentialHeader } = meaningOf(name);
  return message === undefined ? isCredentialHeader : isCredential;
}
