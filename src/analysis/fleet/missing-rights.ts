// The API server's answers about rights → lines for a person, and the missing rule.

import type { AccessCheck } from '#model/access-check.ts';
import { describeRight, type MissingRight, type Right } from '#model/right.ts';

/** A right with its namespace, and for each verb and resource whether it is there. */
export interface AskedRight {
  readonly right: Right;
  readonly namespace: string | undefined;
  readonly answers: readonly { readonly verb: string; readonly resource: string; readonly isAllowed: boolean }[];
}

export interface RightsFound {
  readonly checks: readonly AccessCheck[];
  /** Without those that are optional. */
  readonly missing: readonly MissingRight[];
}

export function findMissingRights(asked: readonly AskedRight[]): RightsFound {
  const isExecAllowed = asked.some(
    ({ right, answers }) => right.resources.includes('pods/exec') && answers.every(({ isAllowed }) => isAllowed),
  );
  const lacking = asked.map((one) => ({ ...one, lacks: lacksOf(one) }));
  return {
    checks: lacking.flatMap(({ lacks, ...one }) =>
      lacks.length === 0 ? [present(one)] : lacks.map((lack) => absent(one.right, lack, isExecAllowed)),
    ),
    missing: lacking.filter(({ right }) => right.need !== 'optional').flatMap(({ lacks }) => lacks),
  };
}

const present = ({ right, namespace }: AskedRight): AccessCheck => ({
  name: 'right',
  state: 'ok',
  says: describeRight({ ...right, namespace }),
});

function absent({ need, without }: Right, lack: MissingRight, isExecAllowed: boolean): AccessCheck {
  const state =
    need === 'optional' ? 'note' : need === 'needed' || (need === 'forward' && !isExecAllowed) ? 'failed' : 'warning';
  const hint =
    need === 'forward' && isExecAllowed
      ? 'answers come through exec, which starts a process in the gateway pod for each'
      : `without it you lose ${without}`;
  return { name: 'right', state, says: `not allowed: ${describeRight(lack)}`, hint };
}

/** Resources that lack the same verbs stand together. */
function lacksOf({ right, namespace, answers }: AskedRight): MissingRight[] {
  const refused = answers.filter(({ isAllowed }) => !isAllowed);
  const verbsOf = Map.groupBy(refused, ({ resource }) => resource);
  const byVerbs = Map.groupBy([...verbsOf], ([, list]) => list.map(({ verb }) => verb).join());
  return [...byVerbs].map(([verbs, list]) => ({
    verbs: verbs.split(','),
    group: right.group,
    resources: list.map(([resource]) => resource),
    namespace,
  }));
}
