// The JSON Schemas of the documents, for every test that prints `-o json`.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';

const folder = join(import.meta.dirname, '..', '..', 'schemas');

const ajv = new Ajv2020({ strict: true, allErrors: true });
ajv.addFormat('date-time', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/);
for (const file of readdirSync(folder)) ajv.addSchema(JSON.parse(readFileSync(join(folder, file), 'utf8')));

/** What is wrong with a document, as it is after JSON, by the schema of its `kind`; empty where nothing is. */
export function schemaErrors(document: unknown): readonly string[] {
  const data = JSON.parse(JSON.stringify(document)) as { readonly kind?: string };
  const validate = ajv.getSchema(`${data.kind}.json`);
  if (!validate) throw new Error(`no schema for kind ${data.kind}`);
  if (validate(data)) return [];
  return (validate.errors ?? []).map(
    ({ instancePath, message, params }) => `${instancePath} ${message} ${JSON.stringify(params)}`,
  );
}
