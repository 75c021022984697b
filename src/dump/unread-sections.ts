// What a whole dump has that no question asks for: sections, and lists in them, that Envoy has had since this tool was
// made, or that somebody else has put there.

import { fieldNames, objectsIn, rootObject, textIn } from '#core/json.ts';
import { sections } from './dump-shape.ts';

/** `envoy.admin.v3.NewConfigDump`, `RoutesConfigDump.new_list`. Throws `bad-answer` where it is no dump. */
export const unreadSections = (json: unknown): string[] =>
  objectsIn(rootObject(json, 'the config dump'), 'configs').flatMap((section) => {
    const type = (textIn(section, '@type') ?? '').replace(/^.*\//, '');
    const name = type.replace(/^.*\./, '');
    const known = sections[name];
    if (!known) return [type === '' ? 'a section without @type' : type];
    return fieldNames(section).flatMap((field) => (Object.hasOwn(known, field) ? [] : [`${name}.${field}`]));
  });
