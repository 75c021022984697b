// The file of `check --known`, in YAML or JSON: what is wrong in it is named with its line.

import { ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';
import { readWholeFile } from '#files/read-file.ts';
import type { KnownFinding } from '#model/finding.ts';

const keys = ['id', 'subject', 'until', 'reason'] as const;

/** `isCheck`: whether an id or name is one of a check. Throws ToolError `usage` with the line and the key. */
export async function readKnownFindings(
  path: string,
  isCheck: (id: string) => boolean,
  signal: AbortSignal,
): Promise<KnownFinding[]> {
  const text = await readText(path, signal);
  const { isMap, isScalar, isSeq, LineCounter, parseDocument } = await import('yaml');
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, logLevel: 'silent' });
  const wrong = (offset: number | undefined, why: string): ToolError =>
    new ToolError('usage', `cannot use ${path}: line ${counter.linePos(offset ?? 0).line || 1}: ${why}`, {
      hint: 'it is a list of entries with id (KII031), subject (a pattern), until (2027-01-31) and reason',
    });
  const [mistake] = document.errors;
  if (mistake) throw wrong(mistake.pos[0], `it is no YAML or JSON (${mistake.code})`);
  const { contents } = document;
  if (!isSeq(contents)) throw wrong(contents?.range?.[0], 'a list of entries has to stand here');
  return contents.items.map((item) => {
    const at = (item as { readonly range?: readonly number[] | null }).range?.[0];
    if (!isMap(item)) throw wrong(at, `an entry with ${keys.join(', ')} has to stand here`);
    for (const { key } of item.items) {
      const name = isScalar(key) ? String(key.value) : '';
      if (!(keys as readonly string[]).includes(name))
        throw wrong(
          (key as { readonly range?: readonly number[] | null }).range?.[0],
          `an entry has no key "${name}", only ${keys.join(', ')}`,
        );
    }
    const textOf = (key: (typeof keys)[number]): string => {
      const node = item.get(key, true);
      const value = isScalar(node) ? (node.source ?? node.value) : undefined;
      if (typeof value !== 'string' || value === '')
        throw wrong(node?.range?.[0] ?? at, `the entry needs a text as ${key}`);
      return value;
    };
    const entry = { id: textOf('id'), subject: textOf('subject'), until: textOf('until'), reason: textOf('reason') };
    const where = (key: (typeof keys)[number]): number | undefined => item.get(key, true)?.range?.[0];
    if (!isCheck(entry.id)) throw wrong(where('id'), `id "${entry.id}" is no check; see docs/checks.md`);
    if (!isDay(entry.until)) throw wrong(where('until'), `until "${entry.until}" is no day like 2027-01-31`);
    return { ...entry, line: counter.linePos(at ?? 0).line };
  });
}

const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

async function readText(path: string, signal: AbortSignal): Promise<string> {
  try {
    return (await readWholeFile(path, { mostBytes: limits.ownFileBytes, signal })).toString('utf8');
  } catch (error) {
    if (error instanceof ToolError || signal.aborted) throw error;
    throw new ToolError('usage', `cannot read ${path}: ${(error as Error).message}`);
  }
}
