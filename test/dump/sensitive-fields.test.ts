// Every field that Envoy's API marks as sensitive, wherever in a recorded dump it stands: its content goes, and
// everything else stays byte for byte.

import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import recorded from '#demo/fleet.json' with { type: 'json' };
import { makeFleet } from '#demo/fleet.ts';
import type { Recording } from '#demo/recording.ts';
import table from '#dump/proto-fields.json' with { type: 'json' };
import { type Field, loadMessages } from '#dump/proto-fields.ts';
import { withoutSecrets } from '#dump/redaction.ts';
import { savedResources } from '#source/saved-format.ts';

const messageOf = await loadMessages();
const sensitive = Object.entries(table.packages)
  .flatMap(([home, texts]) => Object.keys(texts).map((name) => messageOf(`${home}.${name}`)))
  .flatMap(
    (message) => message?.fields.filter(({ isSensitive }) => isSensitive).map((field) => ({ message, field })) ?? [],
  );

type Json = { [key: string]: unknown };

const fleet = makeFleet(recorded as unknown as Recording, 1);
const [pod] = fleet.recording.pods;
const text = JSON.stringify(pod && fleet.dump(pod));
const dump = JSON.parse(text) as Json;
const places = [...objectsIn(dump, [])];

/** The ways to all objects of a document. */
function* objectsIn(value: unknown, path: readonly string[]): Generator<readonly string[]> {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) yield path;
  for (const [key, inner] of Object.entries(value)) yield* objectsIn(inner, [...path, key]);
}

const objectAt = (document: unknown, path: readonly string[]): Json =>
  path.reduce<unknown>((value, key) => (value as Json)[key], document) as Json;

function contentOf({ kind, type, isList, mapKey }: Field, marker: string): unknown {
  const one =
    kind === 'scalar'
      ? marker
      : type.endsWith('.DataSource')
        ? { inline_bytes: Buffer.from(marker).toString('base64'), inline_string: marker }
        : { '@type': 'type.googleapis.com/acme.Key', key: marker, inner: [{ value: marker }] };
  if (mapKey !== undefined) return { planted: one };
  return isList ? [one, one] : one;
}

const camelCase = (name: string): string => name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());

/** The document without what was planted, once the marker is gone from all of it. */
async function redactedRest(path: readonly string[], planted: Json, marker: string): Promise<string> {
  const place = objectAt(dump, path);
  place['planted'] = planted;
  const safe = await withoutSecrets(dump);
  delete place['planted'];
  const shown = JSON.stringify(safe);
  for (const form of [marker, Buffer.from(marker).toString('base64')])
    assert.not.ok(shown.includes(form), shown.slice(0, 200));
  const rest = JSON.parse(shown) as Json;
  delete objectAt(rest, path)['planted'];
  return JSON.stringify(rest);
}

test('a recorded dump has no secret of its own: nothing changes', async () => {
  assert.ok(sensitive.length > 25);
  assert.is(await withoutSecrets(dump), dump);
});

test('nor have the recorded objects that a snapshot has', async () => {
  for (const resource of savedResources.ConfigDump) {
    const objects = fleet.objects[resource] ?? [];
    assert.is(await withoutSecrets(objects, 'kubernetes'), objects, resource);
  }
});

for (const { message, field } of sensitive) {
  test(`${message?.name}.${field.name} goes, wherever it stands`, async () => {
    const property = fc.asyncProperty(fc.nat(places.length - 1), fc.boolean(), async (index, isCamelCase) => {
      const marker = randomBytes(12).toString('hex');
      const name = isCamelCase ? camelCase(field.name) : field.name;
      const planted = { '@type': `type.googleapis.com/${message?.name}`, [name]: contentOf(field, marker) };
      assert.is(await redactedRest(places[index] as readonly string[], planted, marker), text);
    });
    await fc.assert(property, { numRuns: 4 });
  });
}

test.run();
