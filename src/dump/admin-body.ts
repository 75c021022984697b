// The bytes of any answer of the admin port → text that may be shown.

import { withoutKeyMaterial, withoutPrivateKeys } from './redaction.ts';

/** The text as it came, where there is nothing to take out of it. `json` is undefined where the answer is not JSON. */
export function readAdminBody(body: Buffer): { readonly text: string; readonly json: unknown } {
  const text = body.toString('utf8');
  const json = parsed(text);
  if (json === undefined) return { text: withoutKeyMaterial(text), json };
  const redacted = withoutPrivateKeys(json);
  return { text: redacted === json ? text : `${JSON.stringify(redacted, null, 1)}\n`, json: redacted };
}

/** A number or a word alone is text to Envoy. */
function parsed(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
