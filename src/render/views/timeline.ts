// How `timeline` looks: a line for each moment, with the date where the day changes.

import type { View } from '#command/command.ts';
import type { Moment } from '#model/timeline.ts';
import { type Column, renderTable } from '#render/format/table.ts';
import { askedPods, describePods } from '#render/words/describe-pods.ts';

export const timelineView: View<Moment> = {
  kind: 'TimelineList',
  table: (items, answer, style) => {
    const asked = askedPods(answer);
    const columns: readonly Column<Moment>[] = [
      { title: 'TIME (UTC)', cell: (moment) => describeTime(moment, style.now) },
      { title: 'BY', cell: ({ by }) => by ?? '—', narrow: 'wrap' },
      { title: 'PODS', cell: ({ pods }) => (pods.length === 0 ? '—' : describePods(pods, asked)), narrow: 'wrap' },
      // The longest comes last, so that a pipe gets no padding; on a terminal the others give way to it.
      {
        title: 'WHAT',
        cell: (moment) => ({ text: describeWhat(moment), tone: toneOf(moment) }),
        narrow: 'wrap',
        minimum: 36,
      },
    ];
    return renderTable(columns, items, style);
  },
  name: ({ at, what }) => `${at} ${what}`,
};

/** Of the day of `now` the time alone, and at the end of a stretch that of the day on which it begins. */
function describeTime({ at, until }: Moment, now: Date): string {
  const [from, to] = [isoOf(at), until === undefined ? undefined : isoOf(until)];
  const begin = isSameDay(from, now.toISOString()) ? from.slice(11, 23) : withDay(from);
  if (to === undefined || to.slice(0, 21) === from.slice(0, 21)) return begin;
  return `${begin}–${isSameDay(from, to) ? to.slice(11, 23) : withDay(to)}`;
}

const isSameDay = (one: string, other: string): boolean => one.slice(0, 10) === other.slice(0, 10);
const withDay = (iso: string): string => iso.slice(0, 23).replace('T', ' ');

function isoOf(time: string): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? time : date.toISOString();
}

const describeWhat = ({ what, count }: Moment): string =>
  count === undefined || count === 1 ? what : `${what} (${count} times)`;

const toneOf = ({ kind }: Moment): 'bad' | undefined => (kind === 'errors' || kind === 'rejection' ? 'bad' : undefined);
