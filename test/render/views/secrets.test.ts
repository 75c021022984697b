import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Style } from '#command/command.ts';
import { stepText } from '#core/shell.ts';
import type { SecretRow } from '#model/certificate.ts';
import type { OnPods } from '#model/merge-pods.ts';
import { secretsView } from '#render/views/secrets.ts';
import { answerOf, onTerminal, piped, terminal, wide } from '../../support/builders/answer.ts';
import { certificate, secret } from '../../support/builders/certificate.ts';
import { now, ok, on, three } from '../../support/builders/fleet.ts';
import { golden } from '../../support/golden.ts';

const render = (items: readonly OnPods<SecretRow>[], style: Style = piped): string =>
  onTerminal(secretsView(stepText).table(items, answerOf(secretsView(stepText), items, three.map(ok)), style));

const ending = (notAfter: string, notBefore = '2026-08-24T00:00:00Z') =>
  secret({ name: `kubernetes://until-${notAfter.slice(0, 10)}`, chain: [certificate({ notAfter, notBefore })] });

const items = [
  ...three.map((of, index) =>
    on(
      {
        secret: secret({
          name: 'default',
          chain: [
            certificate({
              serial: `A${index}`,
              notBefore: '2026-11-23T00:00:00Z',
              notAfter: `2026-11-24T0${index}:00:00Z`,
            }),
          ],
        }),
        hosts: [],
      },
      [of],
    ),
  ),
  on({ secret: secret(), hosts: ['svc1.discovery.wmnet', 'www.svc1.discovery.wmnet'] }, three),
  on({ secret: ending('2026-12-02T00:00:00Z'), hosts: ['soon.discovery.wmnet'] }, three.slice(0, 2)),
  on({ secret: ending('2026-11-20T00:00:00Z'), hosts: ['expired.discovery.wmnet'] }, three),
  on({ secret: ending('2027-11-20T00:00:00Z', '2026-12-01T00:00:00Z'), hosts: ['early.discovery.wmnet'] }, three),
  on(
    {
      secret: secret({
        name: 'kubernetes://missing',
        state: 'warming',
        kind: 'none',
        chain: [],
        lastUpdated: undefined,
      }),
      hosts: ['nosecret.discovery.wmnet'],
    },
    three,
  ),
  on(
    {
      secret: secret({
        name: 'file-root:/etc/ca.crt',
        kind: 'ca',
        chain: [],
        unreadable: 'Envoy reads it from a file',
        file: '/etc/ca.crt',
      }),
      hosts: [],
    },
    three,
  ),
  on(
    {
      secret: secret({
        name: 'kubernetes://rejected',
        rejected: { details: 'Failed to load certificate', at: undefined, version: undefined },
      }),
      hosts: ['*'],
    },
    three,
  ),
];

test('prints state, hosts and validity, with what is wrong in words', () => {
  golden('render/secrets/three-pods/out.txt', render(items));
});

test('prints names, dates, keys and chains where wide is asked for', () => {
  golden('render/secrets/three-pods/wide.txt', render(items, wide));
});

test('prints the names in the certificates where nobody was asked for hosts', () => {
  const unasked = items.map((item) => ({ ...item, value: { ...item.value, hosts: undefined } }));
  golden('render/secrets/three-pods/no-hosts.txt', render(unasked));
});

test('elides serial and issuer before it breaks a line', () => {
  golden('render/secrets/three-pods/120.txt', render(items, terminal(120)));
});

test('colours validity', () => {
  golden('render/secrets/three-pods/color.txt', render(items, { ...piped, color: true }));
});

test('folds the identities of the pods into the one that ends first', () => {
  const lines = render(items)
    .split('\n')
    .filter((line) => line.startsWith('default'));
  assert.is(lines.length, 1);
  assert.match(lines[0] as string, /9h \(the first of 3\) +3 different .* 3\/3$/);
});

test('does not warn of a certificate that lives for a day and has two thirds left', () => {
  const text = render([
    on(
      {
        secret: secret({
          chain: [certificate({ notBefore: '2026-11-23T12:00:00Z', notAfter: '2026-11-24T12:00:00Z' })],
        }),
        hosts: [],
      },
      three,
    ),
  ]);
  assert.not.match(text, '!');
});

test('a secret that may not be served has its next step, with where it is asked of', () => {
  const doubted = on(
    { secret: ending('2027-01-01T00:00:00Z'), hosts: undefined, doubts: ['of a reason'] },
    three.slice(0, 1),
  );
  const view = secretsView((next) => `${stepText(next)} --from x`);
  const said = onTerminal(view.table([doubted], answerOf(view, [doubted], three.map(ok)), piped));
  assert.match(said, /\n {4}kubectl istio-ingress certs kubernetes:\/\/until-2027-01-01 --from x\n/);
});

test('adds the days left to JSON', () => {
  const json = secretsView(stepText).json?.(items[3] as OnPods<SecretRow>, now) as {
    readonly chain: readonly { readonly daysLeft: number }[];
  };
  assert.is(json.chain[0]?.daysLeft, 59);
});

test.run();
