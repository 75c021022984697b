// What came of a request that `explain --send` has sent: pods to which the same happened stand together.

import type { Style } from '#core/command.ts';
import type { Sent } from '#model/explanation.ts';
import { someOf } from './phrase.ts';
import { printable, wrapText } from './text.ts';
import { paint } from './tone.ts';

export function sentLines(sent: readonly Sent[], style: Style): string[] {
  if (sent.length === 0) return [];
  const groups = [...Map.groupBy(sent, ({ pod: _, ms: __, ...rest }) => JSON.stringify(rest)).values()];
  const lines = groups.flatMap((group, index) => groupLines(group, index === groups.length - 1 ? '└' : '├', style));
  return [`sent       by the API server through ${sent.length === 1 ? 'the pod' : `each of ${sent.length} pods`}, past the load balancer`, ...lines];
}

function groupLines(group: readonly Sent[], branch: string, style: Style): string[] {
  const [first] = group;
  if (first === undefined) return [];
  const { differs, text } = first;
  const verdict = differs.length === 0 ? 'as predicted' : `✗ ${differs.join('; ')}`;
  const whole = [
    describeAnswer(first, group),
    verdict,
    someOf(
      group.map(({ pod }) => pod),
      3,
    ),
  ].join(' · ');
  const lines = wrapText(printable(whole), style.columns - 2).map((line, index) => `${index === 0 ? branch : ' '} ${line}`);
  const said = text === undefined ? [] : wrapText(printable(text), style.columns - 4).map((line) => `    ${line}`);
  return [...lines.map((line) => paintVerdict(line, differs.length > 0, style)), ...said];
}

const paintVerdict = (line: string, isBad: boolean, style: Style): string => (isBad ? `${line.slice(0, 2)}${paint(line.slice(2), 'bad', style.color)}` : line);

function describeAnswer({ code, location, serial, isOfService, ended }: Sent, group: readonly Sent[]): string {
  if (code === undefined) return `no answer: ${ended ?? 'the connection ended'}`;
  const times = group.flatMap(({ ms }) => (ms === undefined ? [] : [ms]));
  const [least, most] = [Math.min(...times), Math.max(...times)];
  const parts = [
    `${code}${location === undefined ? '' : ` to ${location}`} ${isOfService ? 'of the service' : 'of the gateway itself'}`,
    least === most ? `in ${most}ms` : `in ${least} to ${most}ms`,
    serial === undefined ? '' : `· certificate ${serial}`,
  ];
  return parts.filter((part) => part !== '').join(' ');
}
