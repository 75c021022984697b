// What `report -o json` prints, and the words in which the page tells what other commands tell.

import type { View } from '#command/command.ts';
import type { QuestionAnswer } from '#core/question.ts';
import type { Explanation } from '#model/explanation.ts';
import type { OnPods } from '#model/merge-pods.ts';
import type { Report, ReportRoute } from '#model/report.ts';
import { describeOrigin, type RouteRow } from '#model/route.ts';
import { describeRowAction } from '#render/words/describe-action.ts';
import { describeElements } from '#render/words/describe-elements.ts';
import { describeMatch } from '#render/words/describe-match.ts';
import { explainView } from './explain.ts';
import { verdictLine } from './log-summary.ts';

/** A page is no table: the command writes it. */
export const reportView: View<Report> = {
  kind: 'Report',
  table: () => [],
  name: ({ gateway }) => `report/${gateway.namespace}/${gateway.name}`,
};

const columns = 110;

export const reportWords = {
  elements: describeElements,
  verdict: verdictLine,
  route: (row: RouteRow): Omit<ReportRoute, 'pods'> => ({
    match: row.route ? describeMatch(row.route.match) : 'everything',
    action: describeRowAction(row),
    object: row.route ? describeOrigin(row.route) : '',
  }),
  way: (answer: QuestionAnswer<OnPods<Explanation>>, now: Date): readonly string[] =>
    explainView.table(
      answer.items,
      { ...answer, view: explainView },
      { color: false, columns, wide: false, now },
    ) as readonly string[],
};
