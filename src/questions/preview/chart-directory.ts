// What the directory of a chart says of the template in it.

import { readdirSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { type TemplateVersion, templateVersions, versionOfModule } from '#analysis/chart/template.ts';
import { isMap } from '#analysis/chart/values.ts';
import { reasonOf } from '#core/error.ts';
import { readYamlDocuments } from '#files/kube-yaml.ts';
import { readPath, unreadable } from './given-file.ts';

export interface ChartDirectory {
  readonly name: string;
  readonly version: string;
  /** The path of its own values. */
  readonly values: string;
  /** By the name of the file that the chart has taken over; undefined where there is none. */
  readonly template: TemplateVersion | undefined;
}

/** Throws ToolError where the chart has a template of its own in the place of the shared one. */
export async function readChartDirectory(directory: string, signal: AbortSignal): Promise<ChartDirectory> {
  const file = join(directory, 'Chart.yaml');
  const [document] = readYamlDocuments(await readPath(file, signal));
  const chart = document?.value;
  if (document?.mistake) throw unreadable(`${file}:${document.mistake.line}`, document.mistake.message);
  if (!isMap(chart)) throw unreadable(`${file}:1`, 'it is no Chart.yaml: name and version are missing');
  for (const key of ['name', 'version'])
    if (typeof chart[key] !== 'string')
      throw unreadable(`${file}:${document?.lineOf([key]) ?? 1}`, `${key} is not a text`);
  const template = templateIn(directory);
  if (template !== undefined) await mustUseIt(directory, signal);
  return {
    name: chart['name'] as string,
    version: chart['version'] as string,
    values: join(directory, 'values.yaml'),
    template,
  };
}

function templateIn(directory: string): TemplateVersion | undefined {
  const folder = join(directory, 'templates', 'vendor', 'ingress');
  const [name, ...others] = namesIn(folder).filter((one) => one.startsWith('istio_'));
  if (name === undefined) return undefined;
  const version = others.length === 0 ? versionOfModule(name) : undefined;
  if (version) return version;
  throw unreadable(
    folder,
    others.length > 0
      ? `there are several templates: ${[name, ...others].join(', ')}`
      : `${name} is newer than what this tool knows: ${templateVersions.join(', ')}`,
    undefined,
    renderItself,
  );
}

const renderItself = 'let helm render it: helm template … | kubectl istio-ingress preview -';

/** Of charts that redefine a part of the template nobody can say what they make. */
async function mustUseIt(directory: string, signal: AbortSignal): Promise<void> {
  const folder = join(directory, 'templates');
  const own = filesUnder(folder).filter((path) => !relative(folder, path).startsWith(`vendor${sep}`));
  let isUsed = false;
  for (const path of own) {
    const text = (await readPath(path, signal)).toString('utf8');
    isUsed ||= /"ingress\.istio\.default"/.test(text);
    const defined = /define\s+"((?:ingress\.istio|mesh\.name|base\.name|base\.meta)\.[^"]*)"/.exec(text);
    if (!defined) continue;
    const line = text.slice(0, defined.index).split('\n').length;
    throw unreadable(`${path}:${line}`, `the chart defines ${defined[1]} itself`, undefined, renderItself);
  }
  if (!isUsed) throw unreadable(folder, 'no template includes ingress.istio.default', undefined, renderItself);
}

function filesUnder(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(?:tpl|ya?ml)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw unreadable(folder, reasonOf(error), error);
  }
}
