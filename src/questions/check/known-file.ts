// The file of `check --known`, in YAML or JSON: what is wrong in it is named with its line.

import { reasonOf, ToolError } from '#core/error.ts';
import { limits } from '#core/limits.ts';
import { readYamlDocuments, type YamlDocument } from '#files/kube-yaml.ts';
import { readWholeFile } from '#files/read-file.ts';
import type { KnownFinding } from '#model/finding.ts';

const keys = ['id', 'subject', 'until', 'reason'] as const;

/** `isCheck`: whether an id or name is one of a check. Throws ToolError `usage` with the line and the key. */
export async function readKnownFindings(
  path: string,
  isCheck: (id: string) => boolean,
  signal: AbortSignal,
): Promise<KnownFinding[]> {
  const [document = nothing, second] = readYamlDocuments(await readBytes(path, signal));
  const wrong = (line: number, why: string): ToolError =>
    new ToolError('usage', `cannot use ${path}: line ${line}: ${why}`, {
      hint: 'it is a list of entries with id (KII031), subject (a pattern), until (2027-01-31) and reason',
    });
  const { mistake, value: list } = document;
  if (mistake) throw wrong(mistake.line, `it is no YAML or JSON: ${mistake.message}`);
  if (!Array.isArray(list)) throw wrong(document.line, 'a list of entries has to stand here');
  if (second) throw wrong(second.line, 'one list is read, and here a second document begins');
  return list.map((entry: unknown, index) => {
    const lineOf = (...key: readonly string[]): number => document.lineOf([index, ...key]);
    if (typeof entry !== 'object' || entry === null || Array.isArray(entry))
      throw wrong(lineOf(), `an entry with ${keys.join(', ')} has to stand here`);
    const values = new Map<string, unknown>(Object.entries(entry));
    const unknown = [...values.keys()].find((name) => !(keys as readonly string[]).includes(name));
    if (unknown !== undefined)
      throw wrong(lineOf(unknown), `an entry has no key "${unknown}", only ${keys.join(', ')}`);
    const textOf = (key: (typeof keys)[number]): string => {
      const value = values.get(key);
      if (typeof value !== 'string' || value === '') throw wrong(lineOf(key), `the entry needs a text as ${key}`);
      return value;
    };
    const known = { id: textOf('id'), subject: textOf('subject'), until: textOf('until'), reason: textOf('reason') };
    if (!isCheck(known.id)) throw wrong(lineOf('id'), `id "${known.id}" is no check; see docs/checks.md`);
    if (!isDay(known.until)) throw wrong(lineOf('until'), `until "${known.until}" is no day like 2027-01-31`);
    return { ...known, line: lineOf() };
  });
}

/** A file that holds nothing. */
const nothing: YamlDocument = { line: 1, value: undefined, mistake: undefined, lineOf: () => 1 };

const isDay = (text: string): boolean =>
  /^\d{4}-\d\d-\d\d$/.test(text) && !Number.isNaN(Date.parse(text)) && new Date(text).toISOString().startsWith(text);

async function readBytes(path: string, signal: AbortSignal): Promise<Buffer> {
  try {
    return await readWholeFile(path, { mostBytes: limits.ownFileBytes, signal });
  } catch (error) {
    if (error instanceof ToolError || signal.aborted) throw error;
    throw new ToolError('usage', `cannot read ${path}: ${reasonOf(error)}`);
  }
}
