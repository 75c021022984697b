import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parse } from 'yaml';
import { type Answer, answer } from '#command/command.ts';
import { stepText } from '#core/shell.ts';
import { renderDocument } from '#render/format/document.ts';
import { renderYaml } from '#render/format/yaml.ts';
import { routesView } from '#render/views/routes.ts';
import { secretsView } from '#render/views/secrets.ts';
import { statusView } from '#render/views/status.ts';
import { versionView } from '#render/views/version.ts';
import { answerOf } from '../../support/builders/answer.ts';
import { certificate, secret } from '../../support/builders/certificate.ts';
import { connected, failure, gateway, now, ok, on, pod, report, status } from '../../support/builders/fleet.ts';
import { forward, route, routeMatch, routeRow } from '../../support/builders/route.ts';
import { golden } from '../../support/golden.ts';
import { schemaErrors } from '../../support/schema.ts';

const pods = [pod('a'), pod('b', { node: undefined })];
const outcomes = [ok(pods[0] as (typeof pods)[0]), failure(pods[1] as (typeof pods)[0])];

const everyMatch = routeMatch({
  path: { kind: 'regex', value: '/x' },
  headers: [
    { name: 'a', value: { kind: 'present', present: true }, invert: true, treatMissingAsEmpty: false },
    { name: 'b', value: { kind: 'range', start: 1, end: 2 }, invert: false, treatMissingAsEmpty: false },
    { name: 'c', value: { kind: 'unknown', type: 'custom' }, invert: false, treatMissingAsEmpty: false },
  ],
  query: [{ name: 'q', value: { kind: 'exact', value: '1', ignoreCase: false } }],
  fraction: { numerator: 1, denominator: 2, runtimeKey: undefined },
});

const everyForward = forward({
  to: { kind: 'weighted', clusters: [{ cluster: 'a', weight: 1 }], totalWeight: 1 },
  mirrors: [{ cluster: 'b', percent: 0.5 }],
  cors: {
    allowOrigins: ['*'],
    allowMethods: [],
    allowHeaders: [],
    exposeHeaders: [],
    maxAge: undefined,
    allowCredentials: true,
  },
});

const LDS = { state: 'NACK', error: 'bad', sentAt: '2026-11-23T13:58:00Z' } as const;

const answers: readonly (readonly [string, Answer])[] = [
  [
    'routes',
    answer(
      answerOf(
        routesView,
        [
          on(routeRow(), pods),
          on(routeRow({ route: undefined }), pods),
          on(routeRow({ route: route({ match: everyMatch, action: everyForward, from: undefined }) }), pods),
          on(
            routeRow({
              route: route({
                action: { kind: 'unknown', type: 'x' },
                match: routeMatch({ path: { kind: 'connect' } }),
              }),
            }),
            pods,
          ),
          on(routeRow({ route: route({ action: { kind: 'direct-response', code: 200, body: undefined } }) }), pods),
        ],
        outcomes,
      ),
    ),
  ],
  [
    'secrets',
    answer(
      answerOf(
        secretsView(stepText),
        [
          on({ secret: secret(), hosts: ['a.example'] }, pods),
          on(
            {
              secret: secret({
                chain: [certificate({ serial: '0A', commonName: undefined })],
                rejected: { details: 'x', at: undefined, version: '1' },
              }),
              hosts: [],
            },
            pods,
          ),
          on(
            {
              secret: secret({ state: 'warming', kind: 'none', chain: [], lastUpdated: undefined, unreadable: 'junk' }),
              hosts: ['*'],
            },
            pods,
          ),
        ],
        outcomes,
      ),
    ),
  ],
  [
    'status',
    answer(
      answerOf(
        statusView({ everyPod: false, problems: [] }),
        [
          status(pod('a'), {
            sync: connected('istiod-a', { LDS }),
            report: report({
              rejections: [{ kind: 'listener', name: 'l', details: 'x', at: undefined, version: undefined }],
            }),
          }),
          status(pod('b'), { report: undefined, failure: 'no answer', sync: { state: 'not-connected' } }),
          status(pod('c', { node: undefined, ip: undefined, isReady: false, reason: 'Evicted' }), {
            sync: { state: 'unknown', why: 'x' },
            difference: { routes: 1, certificates: 0 },
          }),
        ],
        outcomes,
        {
          extra: {
            compared: ['routes', 'certificates'],
            istiods: [
              { name: 'istiod-a', version: '1.31.0' },
              { name: 'istiod-b', failed: 'no answer' },
            ],
          },
          gateway: gateway(pods, { nodesWanted: undefined, nodesWithoutPod: [{ node: 'n', reason: 'taint' }] }),
        },
      ),
    ),
  ],
  [
    'version',
    answer(
      answerOf(
        versionView,
        [
          { component: 'client', version: '0.1.0', envoyVersion: undefined, pods: [] },
          { component: 'proxy', version: '1.31.0', envoyVersion: '1.40.0', pods: ['a', 'b'] },
        ],
        outcomes,
      ),
    ),
  ],
];

for (const [name, value] of answers) {
  test(`prints ${name} as its schema says`, () => {
    const document = renderDocument(value, now);
    assert.equal(schemaErrors(document), []);
    golden(`render/${name}/document/out.json`, `${JSON.stringify(document, null, 2)}\n`);
  });

  test(`a field that nobody described breaks the schema of ${name}`, () => {
    const document = renderDocument(value, now);
    const [first, ...others] = document.items as readonly object[];
    assert.is.not(schemaErrors({ ...document, items: [{ ...first, surprise: 1 }, ...others] }).length, 0);
    assert.is.not(schemaErrors({ ...document, surprise: 1 }).length, 0);
  });
}

const [, routesAnswer] = answers[0] as (typeof answers)[0];

test('is not complete where a pod failed or the command says so', () => {
  const all = { ...routesAnswer, pods: pods.map(ok) };
  assert.is(renderDocument(routesAnswer, now).complete, false);
  assert.is(renderDocument(all, now).complete, true);
  assert.is(renderDocument({ ...all, incomplete: true }, now).complete, false);
});

test('prints YAML that means the same, without anchors and folded lines', async () => {
  const document = JSON.parse(JSON.stringify(renderDocument(routesAnswer, now)));
  const text = await renderYaml(document);
  golden('render/routes/document/out.yaml', text);
  assert.equal(parse(text, { version: '1.1' }), document);
  assert.not.match(text, /[&*][a-z]\d/);
});

test('quotes in YAML what YAML 1.1 readers take for something else', async () => {
  assert.is(await renderYaml({ a: 'no', b: '0x1', c: '1:20' }), 'a: "no"\nb: "0x1"\nc: "1:20"\n');
});

test.run();
