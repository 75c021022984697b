// The bytes of any answer of the admin port → text that may be shown.

import { ToolError } from '#core/error.ts';
import { beginsAsJson, isWholeDocument, parsedDocument, withoutSecrets } from './redaction.ts';
import { withoutSecretTexts } from './secret-texts.ts';

/**
 * The unchanged text, where it holds no secret. `json` is undefined where the answer is not JSON. Throws ToolError
 * `bad-answer` for JSON that cannot be parsed: its secrets cannot be found.
 */
export async function readAdminBody(body: Buffer): Promise<{ readonly text: string; readonly json: unknown }> {
  const text = body.toString('utf8');
  const answered = parsedDocument(text);
  if (answered === undefined) return { text: withoutSecretTexts(notBrokenJson(text)), json: undefined };
  const json = await withoutSecrets(answered);
  const isAsItCame = json === answered && isWholeDocument(text, answered);
  return { text: isAsItCame ? text : `${JSON.stringify(json, null, 1)}\n`, json };
}

function notBrokenJson(text: string): string {
  if (!beginsAsJson(text)) return text;
  throw new ToolError(
    'bad-answer',
    'cannot show the answer: it is broken JSON, and secrets in it cannot be taken out',
    {
      hint: 'ask again; Envoy may have ended in the middle of it',
    },
  );
}
