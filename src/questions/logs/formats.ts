// In which format the lines are, as given or as the gateway has it.

import { readGivenFormats } from '#accesslog/given-format.ts';
import type { Asking } from '#core/question.ts';
import type { Source } from '#core/source.ts';
import type { AccessLogFormat } from '#model/access-log.ts';
import { liveAccessLogFormats } from './access-log-formats.ts';

/**
 * Where the format cannot be found out, those that Istio and Envoy have by themselves are tried. `given` without the
 * field: who asks cannot name one.
 */
export async function formatsOf(
  { warn }: Pick<Asking, 'warn'>,
  given: { readonly format?: string | undefined },
  source: Source | undefined,
): Promise<readonly AccessLogFormat[]> {
  if (given.format !== undefined) return readGivenFormats(given.format);
  if (!source) return [];
  const formats = await liveAccessLogFormats(source);
  if (formats === undefined)
    warn(
      `no gateway pod answers with the format of its access log: this tool tries those of Istio and Envoy${'format' in given ? '. To name another, add --format' : ''}`,
    );
  if (formats?.length === 0)
    warn('the gateway writes no access log: set accessLogFile: /dev/stdout in MeshConfig, or a Telemetry');
  return formats ?? [];
}
