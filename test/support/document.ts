// The document of a command.

import * as assert from 'uvu/assert';
import { type Answer, answer } from '#command/command.ts';
import { renderDocument } from '#render/format/document.ts';
import { renderYaml } from '#render/format/yaml.ts';
import { now } from './builders/fleet.ts';
import { golden } from './golden.ts';
import { schemaErrors } from './schema.ts';

export function keepsToSchema<Item>(of: Answer<Item>): void {
  assert.equal(schemaErrors(renderDocument(answer(of), now)), []);
}

/** The golden files `FOLDER/out.json` and `FOLDER/out.yaml`. */
export async function goldenDocument<Item>(folder: string, of: Answer<Item>): Promise<void> {
  const document = renderDocument(answer(of), now);
  golden(`${folder}/out.json`, `${JSON.stringify(document, null, 2)}\n`);
  golden(`${folder}/out.yaml`, await renderYaml(document));
}
