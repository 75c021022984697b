// Whether a run of the campaign was right: by what the same command says when nothing is wrong, and by which pods
// something was done to.

import type { Said } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';
import { type Plan, pods } from './plan.ts';

interface Document {
  readonly complete: boolean;
  readonly pods: readonly { readonly name: string; readonly status: 'ok' | 'failed' }[];
  readonly items: readonly Item[];
}

interface Item {
  readonly name?: string;
  readonly pod?: string;
  readonly pods?: readonly string[];
  readonly report?: object;
  readonly routedBy?: readonly string[];
}

/** What is wrong with `said`; empty where nothing is. */
export function wrongWith({ words, faults }: Plan, healthy: Said, said: Said): string[] {
  const wrong = [...wrongText(said)];
  if (said.code === 2)
    return said.out === '' && said.err !== ''
      ? wrong
      : [...wrong, 'exit code 2 goes with an error, and with no answer'];
  let document: Document;
  try {
    document = JSON.parse(said.out);
  } catch {
    return [...wrong, `exit code ${said.code} and no JSON: ${said.out.slice(0, 200)}`];
  }
  const failed = document.pods.filter(({ status }) => status === 'failed').map(({ name }) => name);
  // `diff`, `preview` and `timeline` say how pods stand to each other, and `admin` prints whatever it is told.
  const isComparable =
    !/^(diff|preview|timeline)/.test(words) &&
    !(words.startsWith('admin') && faults.some(({ does }) => does === 'answer'));
  const isTouched = (pod: string): boolean => faults.some((fault) => fault.pod === undefined || fault.pod === pod);
  return [
    ...wrong,
    ...(/^(explain|listeners)/.test(words) ? [] : schemaErrors(document)),
    ...failed.filter((pod) => !isTouched(pod)).map((pod) => `${pod} is healthy and has no answer`),
    ...wrongCode(said, document, failed),
    ...(isComparable ? wrongItems(JSON.parse(healthy.out), document, failed, said.err) : []),
  ];
}

function* wrongText({ code, err }: Said): Generator<string> {
  if (![0, 1, 2, 3].includes(code)) yield `exit code ${code}`;
  if (/^\s+at \S/m.test(err)) yield 'a stack trace';
  if (/undefined|\[object|NaN/.test(err)) yield `words of the program: ${err}`;
  if (code === 3 && err === '') yield 'exit code 3 without a word';
}

function* wrongCode({ code }: Said, { complete }: Document, failed: readonly string[]): Generator<string> {
  if (failed.length > 0 && complete) yield 'complete although a pod has failed';
  if (complete && code === 3) yield 'exit code 3, and complete';
  if (!complete && code === 0) yield 'exit code 0, and not complete';
}

/** What each pod that answered is said to have is what it has when nothing is wrong. */
function* wrongItems(healthy: Document, document: Document, failed: readonly string[], err: string): Generator<string> {
  // What `secrets` asks for in a second round, the hosts, may be missing where that is said.
  const ignored = new Set([
    ...volatile,
    ...(!document.complete && /cannot tell which hosts the secrets of .* serve/.test(err) ? ['hosts'] : []),
  ]);
  // What `endpoints` shows of all pods is what one of them routes to.
  const isShown = ({ routedBy }: Item): boolean =>
    routedBy === undefined || routedBy.some((pod) => !failed.includes(pod)) || !/ routes to goes by /.test(err);
  const shown = { ...healthy, items: healthy.items.filter(isShown) };
  for (const pod of pods.filter((one) => !failed.includes(one))) {
    const [expected, actual] = [contentsOf(shown, pod, ignored), contentsOf(document, pod, ignored)];
    for (const content of actual) if (!expected.has(content)) yield `${pod} is said to have ${content.slice(0, 400)}`;
    for (const content of expected)
      if (!actual.has(content)) yield `${pod} is not said to have ${content.slice(0, 400)}`;
  }
}

function contentsOf({ items }: Document, pod: string, ignored: ReadonlySet<string>): Set<string> {
  const own = items.filter((item) => item.pods?.includes(pod) || item.pod === pod || item.name === pod);
  return new Set(
    own.map((item) => JSON.stringify(settled(item), (key, value: unknown) => (ignored.has(key) ? undefined : value))),
  );
}

/**
 * An item of several pods has these of one of them; of `certs`, what Kubernetes objects say of it, which may be
 * missing, and is said then.
 */
const volatile = new Set([
  'lastUpdated',
  'version',
  'stats',
  'successRate',
  'loadedAt',
  'claims',
  'kubernetes',
  'problems',
  // Of the pods that answered.
  'routedBy',
]);

/** Without who shares it, and without what depends on others: istiod's word, and the consensus. */
function settled({ pods: _, ...item }: Item): object {
  if (item.report === undefined) return item;
  const { name, report } = item;
  return { name, report };
}
