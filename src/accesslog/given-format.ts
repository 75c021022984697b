// `--format`: a format as it stands in MeshConfig, or one by name.

import { ToolError } from '#core/error.ts';
import type { AccessLogFormat } from '#model/access-log.ts';
import { parseFormat, strayPercent } from './format.ts';
import { envoyText, istioJson, istioText } from './known-formats.ts';

const named: Readonly<Record<string, AccessLogFormat>> = { istio: istioText, json: istioJson, envoy: envoyText };

/**
 * `istio`, `json` or `envoy`; a JSON object of format strings; or a format string. A text that is a JSON object may be
 * either: Envoy escapes what it puts into an object, and nothing of what it puts into a text. Throws `usage` for what
 * has no operator.
 */
export function readGivenFormats(text: string): readonly AccessLogFormat[] {
  const known = Object.hasOwn(named, text) ? named[text] : undefined;
  if (known) return [known];
  const isObject = text.trimStart().startsWith('{') && !isTextOfJson(text);
  const object = isObject ? parseObject(text) : undefined;
  const written = readText(text);
  return object ? [{ kind: 'json', json: object }, written] : [written];
}

function readText(text: string): AccessLogFormat {
  const stray = strayPercent(text);
  if (stray !== undefined)
    throw new ToolError('usage', `--format has a % that begins no operator, at "${stray}"`, {
      hint: 'a percent sign itself is written %%; an operator ends with a %, as in %REQ(:PATH)%',
    });
  if (parseFormat(text).operators.length > 0) return { kind: 'text', text: unescaped(text).replaceAll('\\n', '\n') };
  throw new ToolError('usage', `--format has no operator such as %RESPONSE_CODE%: "${text}"`, {
    hint: 'give the format as it stands in accessLogFormat of MeshConfig, or istio, json or envoy for those that are built in',
  });
}

/** Of a string of YAML or JSON that was copied with its escapes, in its quotes or without: no quote stands there bare. */
function unescaped(text: string): string {
  const [, inside = ''] = /^\s*"?((?:[^"\\]|\\.)*)"?\s*$/s.exec(text) ?? [];
  return inside.includes('\\"') ? inside.replace(/\\(["\\])/g, '$1') : text;
}

/** A text that makes JSON of its line: `{"code": %RESPONSE_CODE%}` or, with a newline, `{"code": "%RESPONSE_CODE%"}\\n`. */
function isTextOfJson(text: string): boolean {
  const line = text.replaceAll('\\n', '\n');
  return !isJson(text) && isJson(parseFormat(line).literals.join('0'));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(text) as Readonly<Record<string, unknown>>;
  } catch (error) {
    throw new ToolError('usage', `--format begins as a JSON object and is none: ${(error as Error).message}`);
  }
}
