// What came of a request that `explain --send` has sent: pods to which the same happened stand together.

import type { Style } from '#command/command.ts';
import { someOf } from '#core/phrase.ts';
import type { Sent } from '#model/explanation.ts';
import { wrapText } from '#render/format/text.ts';
import { paint } from '#render/format/tone.ts';

/** `asked`: what the document says of the request, which a client's own words do not show. */
export function sentLines(sent: readonly Sent[], asked: unknown, style: Style): string[] {
  if (sent.length === 0) return [];
  const groups = [...Map.groupBy(sent, contentOf).values()];
  const lines = groups.flatMap((group, index) =>
    groupLines(group, sent.length, index === groups.length - 1 ? '└' : '├', style),
  );
  return [...titleLines(sent, asked, style), ...lines];
}

/** Times and the endpoint that was chosen are no difference. */
function contentOf({ pod: _, ms: __, logged, ...rest }: Sent): string {
  return JSON.stringify([
    rest,
    logged && { ...logged, time: undefined, upstreamHost: logged.upstreamHost === undefined },
  ]);
}

function titleLines(sent: readonly Sent[], asked: unknown, style: Style): string[] {
  const [first] = sent;
  if (first?.by !== 'client') {
    const pods = new Set(sent.map(({ pod }) => pod)).size;
    return [
      `sent       by the API server through ${pods === 1 ? 'the pod' : `each of ${pods} pods`}, past the load balancer`,
    ];
  }
  const { method, url } = (asked ?? {}) as { readonly method?: string; readonly url?: string };
  const time = first.logged?.time.replace('T', ' ').replace(/(\.\d{3})?\d*Z$/, '$1 UTC');
  return wrapText(`at ${time}${url === undefined ? '' : ` · ${method} ${url}`}`, style.columns - 11).map(
    (line, index) => `${index === 0 ? 'logged     ' : '           '}${line}`,
  );
}

function groupLines(group: readonly Sent[], all: number, branch: string, style: Style): string[] {
  const [first] = group;
  if (first === undefined) return [];
  const { differs, text } = first;
  const verdict = !first.isDecided
    ? 'not decided: what the client gets is not known'
    : differs.length === 0
      ? 'as predicted'
      : `✗ ${differs.join('; ')}`;
  const pods = group.map(({ pod }) => pod);
  const times = group.length === new Set(pods).size ? '' : `${group.length} of the ${all} requests: `;
  const whole = [times + describeAnswer(first, group), verdict, someOf(pods, 3)].join(' · ');
  const lines = wrapText(whole, style.columns - 2).map((line, index) => `${index === 0 ? branch : ' '} ${line}`);
  const details = [...(text === undefined ? [] : [text]), ...loggedLines(group)];
  const indented = details.flatMap((line) => wrapText(line, style.columns - 4)).map((line) => `    ${line}`);
  return [...lines.map((line) => paintVerdict(line, differs.length > 0, style)), ...indented];
}

/** What the access log has of it, and under it what that means. */
function loggedLines(group: readonly Sent[]): string[] {
  const [logged] = group.flatMap((one) => one.logged ?? []);
  if (logged === undefined) return [];
  const hosts = [...new Set(group.flatMap((one) => one.logged?.upstreamHost ?? []))];
  const parts = [
    logged.flags.length === 0 ? 'no flag' : `flags ${logged.flags.join(', ')}`,
    logged.details ?? '',
    logged.routeName === undefined ? '' : `route ${logged.routeName}`,
    hosts.length === 0 ? '' : `endpoint ${someOf(hosts)}`,
  ];
  return [
    `access log: ${parts.filter((part) => part !== '').join(' · ')}`,
    ...logged.causes.map(({ name, text }) => `${name}: ${text}`),
  ];
}

const paintVerdict = (line: string, isBad: boolean, style: Style): string =>
  isBad ? `${line.slice(0, 2)}${paint(line.slice(2), 'bad', style.color)}` : line;

function describeAnswer({ code, location, serial, isOfService, ended }: Sent, group: readonly Sent[]): string {
  if (code === undefined) return `no answer: ${ended ?? 'the connection ended'}`;
  const times = group.flatMap(({ ms }) => (ms === undefined ? [] : [ms]));
  const [least = 0, ...more] = times.toSorted((a, b) => a - b);
  const who = isOfService === undefined ? '' : isOfService ? ' of the service' : ' of the gateway itself';
  const parts = [
    `${code}${location === undefined ? '' : ` to ${location}`}${who}`,
    times.length === 0 ? '' : `in ${least}${more.length === 0 || more.at(-1) === least ? '' : ` to ${more.at(-1)}`}ms`,
    serial === undefined ? '' : `· certificate ${serial}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}
