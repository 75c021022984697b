// The `ingress:` stanza of a chart's values as the objects that the chart's template makes of it.

import { type GivenStanza, stanzaRules } from '#analysis/chart/findings.ts';
import { objectsOfStanza, type Release, type StanzaContext } from '#analysis/chart/objects.ts';
import { chartValuesOf, wrongValue } from '#analysis/chart/stanza.ts';
import { defaultValues, type TemplateVersion } from '#analysis/chart/template.ts';
import { isMap, isTrue, mergedValues, type Values } from '#analysis/chart/values.ts';
import { ToolError } from '#core/error.ts';
import { kinds, type Resource, resources } from '#core/kinds.ts';
import type { KubeObject } from '#core/kube-object.ts';
import { pathIn } from '#core/schema.ts';
import { specSchemas } from '#core/spec-schemas.ts';
import type { FindingChange } from '#model/preview.ts';
import { unreadable } from './given-file.ts';
import { refusedFields } from './given-findings.ts';
import type { FieldPath } from './object-fields.ts';
import type { GivenObject } from './objects.ts';
import { type PlaceOf, placesIn, readValues, type ValuesFile } from './values-files.ts';

export interface StanzaInput {
  readonly version: TemplateVersion;
  readonly release: Release;
  /** The chart's own values; undefined: those that the template comes with. */
  readonly defaults: string | undefined;
  /** In the order in which helm is given them; `-` is stdin. */
  readonly values: readonly string[];
  readonly stdin: NodeJS.ReadableStream;
}

export interface ReadStanza {
  readonly objects: readonly GivenObject[];
  readonly findings: readonly FindingChange[];
}

/** Throws ToolError `usage` with file, line and key, also for what the template itself refuses. */
export async function readStanza(input: StanzaInput, signal: AbortSignal): Promise<ReadStanza> {
  const { version, release, stdin } = input;
  const read = (path: string): Promise<ValuesFile> => readValues(path, stdin, signal);
  const chart = input.defaults === undefined ? undefined : await read(input.defaults);
  const files: ValuesFile[] = [];
  for (const path of input.values) files.push(await read(path));
  const placeOf = placesIn([...(chart ? [chart] : []), ...files]);
  const values = mergedValues(
    chart?.values ?? (defaultValues(version) as Values),
    files.map((file) => file.values),
  );
  const wrong = wrongValue(values, version);
  if (wrong !== undefined) throw unreadable(placeOf(pathIn(wrong)), wrong);
  const context: StanzaContext = { version, release, values: chartValuesOf(values, version) };
  const rendered = objectsOfStanza(context);
  if ('failed' in rendered) {
    const { message, path, hint } = rendered.failed;
    throw new ToolError('usage', `cannot preview ${placeOf(path)}: the chart's template fails: ${message}`, { hint });
  }
  const { ingress = {} } = context.values;
  if (!isTrue(ingress.enabled))
    throw new ToolError(
      'usage',
      `cannot preview ${placeOf(['ingress', 'enabled'])}: ingress.enabled is not true, so the chart makes no objects`,
      { hint: 'what would be lost without them: kubectl istio-ingress preview --delete KIND/NS/NAME' },
    );
  const said = mergedValues(
    {},
    files.map((file) => file.values),
  )['ingress'];
  const given = rendered.objects.map((object) => givenObject(object, placeOf));
  const refused = given.map(({ resource, object }) =>
    refusedFields(resource, object, (path) => placeOf(stanzaPath(path))),
  );
  return {
    objects: given,
    findings: [
      ...findingsOf({ context, ingress, said: isMap(said) ? said : {} }, placeOf),
      ...(await Promise.all(refused)).flat(),
    ],
  };
}

function givenObject(object: KubeObject, placeOf: PlaceOf): GivenObject {
  const resource = resources.find((one) => kinds[one].kind === object.kind) as Resource;
  const wrong = specSchemas[resource]?.(object['spec'], '.spec');
  if (wrong !== undefined)
    throw unreadable(placeOf(stanzaPath(pathIn(wrong))), `${object.kind} ${object.metadata.name}: ${wrong}`);
  return { resource, object, place: placeOf(['ingress']) };
}

/** Of a field of an object: routes alone stand in the stanza as they do there. */
const stanzaPath = ([, first, index, ...rest]: FieldPath): FieldPath =>
  first === 'http' && index !== undefined ? ['ingress', 'httproutes', index, ...rest] : ['ingress'];

const findingsOf = (given: GivenStanza, placeOf: PlaceOf): FindingChange[] =>
  stanzaRules.flatMap(({ id, name, severity, remedy, find }) =>
    find(given).map(({ text, path }) => ({
      type: 'finding' as const,
      id,
      name,
      section: 'values' as const,
      change: 'new' as const,
      severity,
      text,
      pods: [],
      concerns: [],
      places: [placeOf(path)],
      remedy,
    })),
  );
