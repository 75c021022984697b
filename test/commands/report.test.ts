// The page of an incident: what is on it, that it is a snapshot too, and that nothing of a cluster becomes markup.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { archiveStart, pageStart } from '#files/page-archive.ts';
import type { Report } from '#model/report.ts';
import { renderPage } from '#render/page/html.ts';
import { golden } from '../support/golden.ts';
import { poisoned } from '../support/hostile-report.ts';
import { type DemoCluster, runCommand, withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

type Document = { readonly complete: boolean; readonly items: readonly [Report] };

async function reportOf({ kii }: DemoCluster, ...more: readonly string[]): Promise<Report> {
  const { code, out, err } = await kii(['report', '-o', 'json', ...more]);
  assert.is(code, 0, err);
  return (JSON.parse(out) as Document).items[0];
}

/** What is on the page, in short. */
const outline = ({ worst, traffic, moments, fleet, checks, hosts, drift, signatures, ...rest }: Report): unknown => ({
  worst,
  traffic: { ...traffic, buckets: traffic?.buckets.length },
  moments: moments.map(({ at, kind }) => `${at} ${kind}`),
  fleet,
  checks: checks.filter(({ outcome }) => outcome !== 'passed').map(({ id, findings }) => [id, findings.length]),
  hosts: hosts.map(({ name, isServed, certificates, routes, destinations, requests, errors, ways }) => [
    name,
    isServed,
    certificates.map(({ secret, daysLeft }) => [secret, daysLeft]),
    routes.map(({ match, action }) => `${match} → ${action}`),
    destinations.map(({ endpoints }) => endpoints.map(({ healthy, of }) => `${healthy}/${of}`)),
    `${errors} of ${requests}`,
    ways.map((way) => way.requests.map(({ url }) => url)),
  ]),
  drift: [drift.of, drift.shown.map(({ kind, name, change }) => `${kind} ${name} ${change}`)],
  signatures: signatures.shown.map(({ host, code, flags, count, samples }) => [
    host,
    code,
    flags,
    count,
    samples.length,
  ]),
  ...rest,
});

test('the incident of the demo, live and of a snapshot', () =>
  withDemo({}, async (cluster) => {
    const { kii, directory } = cluster;
    const live = await reportOf(cluster);
    const { tool: _, server: __, contents, ...outlined } = outline(live) as Record<string, unknown>;
    golden('commands/report.json', `${JSON.stringify(outlined, null, 1)}\n`);
    assert.match(JSON.stringify(contents), '"client address"');
    const file = join(directory, 'incident.tgz');
    assert.is((await kii(['snapshot', file])).code, 0);
    const { out } = await kii(['report', '-o', 'json', '--from', file]);
    assert.equal(schemaErrors(JSON.parse(out)), []);
    // Files hold their own times of the answer of the API server.
    assert.equal({ ...(await reportOf(cluster, '--from', file)), contents: live.contents }, live);
    assert.equal(
      await reportOf(cluster, '--from', file, '--since', '20s').then(({ window }) => window.from),
      '2026-11-23T12:08:27.000Z',
    );
  }));

test('what the snapshot lacks counts as it does for snapshot, live and of a file', () =>
  withDemo(
    {
      faults: [
        {
          pod: 'istiod-*',
          on: 'log',
          at: 'request',
          does: 'status',
          code: 403,
          reason: 'Forbidden',
          message: 'no logs',
        },
      ],
    },
    async ({ kii, directory }) => {
      const file = join(directory, 'incident.tgz');
      const said = await kii(['snapshot', file]);
      const why = /(cannot read the log of istio-system\/istiod-\S+): /.exec(said.err)?.[1] ?? 'nothing';
      for (const line of [['report', '-o', 'json'], ['report', '-o', 'json', '--from', file], ['report']]) {
        const { code, err } = await kii(line);
        assert.equal([code, said.code], [3, 3], line.join(' '));
        assert.match(err, why);
      }
    },
  ));

test('the way of a request is what explain says of it', () =>
  withDemo({}, async (cluster) => {
    const { hosts } = await reportOf(cluster);
    const ways = hosts.flatMap(({ ways: own }) => own);
    assert.ok(ways.length > 10);
    for (const { requests, lines } of ways.slice(0, 12)) {
      const { method, url } = requests[0] as (typeof requests)[number];
      const { out } = await cluster.kii(['explain', url, '-X', method]);
      // There, lines are as long as they are.
      const plain = (text: string): string => text.replace(/[\s·│]+/g, ' ');
      assert.is(plain(lines.join('\n')).trim(), plain(out).trim(), url);
    }
  }));

test('a page is a snapshot: every command answers from it as from the archive', () =>
  withDemo({}, async ({ kii, directory }) => {
    const [archive, page] = [join(directory, 'incident.tgz'), join(directory, 'incident.html')];
    assert.is((await kii(['snapshot', archive])).code, 0);
    const made = await kii(['report', page, '--from', archive]);
    assert.is(made.code, 0, made.err);
    assert.match(made.out, `kubectl istio-ingress check --from ${page}`);
    assert.is((statSync(page).mode & 0o777).toString(8), '600');
    for (const words of ['status', 'check', 'timeline', 'logs --summary', 'report -o json']) {
      const of = (file: string) => kii([...words.split(' '), '--from', file]);
      const [fromPage, fromArchive] = [await of(page), await of(archive)];
      assert.equal({ ...fromPage, out: fromPage.out.replaceAll(page, archive) }, fromArchive, words);
    }
    const again = join(directory, 'again.html');
    assert.is((await kii(['report', again, '--from', page])).code, 0);
    assert.is(archiveOf(readFileSync(again, 'utf8')), archiveOf(readFileSync(page, 'utf8')));
  }));

const archiveOf = (page: string): string | undefined => page.split(archiveStart)[1]?.split('<')[0];

test('a page that is cut off, or has no snapshot, is refused in words', () =>
  withDemo({}, async ({ kii, directory }) => {
    const page = join(directory, 'incident.html');
    assert.is((await kii(['report', page])).code, 0);
    const whole = readFileSync(page, 'utf8');
    const refused = async (text: string, why: RegExp): Promise<void> => {
      writeFileSync(page, text);
      const { code, err } = await kii(['status', '--from', page]);
      assert.is(code, 2);
      assert.match(err, why);
      assert.not.match(err, 'defect');
    };
    const begin = whole.indexOf(archiveStart);
    await refused(whole.slice(0, begin + 4000), /it is cut off/);
    await refused(whole.slice(0, begin), /it is a page without a snapshot inside/);
    await refused(`${pageStart}<p>hello</p>`, /it is a page without a snapshot inside/);
    await refused(whole.replace(archiveStart, `${archiveStart}AAAA`), /cannot read .*incident\.html/);
  }));

test('a directory is no snapshot: the page says so, and shows what is in it', () =>
  withDemo({}, async ({ kii, directory }) => {
    const [saved, page] = [join(directory, 'saved'), join(directory, 'incident.html')];
    assert.is((await kii(['config-dump', '--dir', saved])).code, 0);
    const { code, out } = await kii(['report', page, '--from', saved]);
    assert.is(code, 3);
    assert.match(out, 'what it was made of is not inside');
    assert.is(archiveOf(readFileSync(page, 'utf8')), undefined);
  }));

test('what cannot be done is refused before anything is asked', () =>
  withDemo({}, async ({ kii, directory }) => {
    const page = join(directory, 'incident.html');
    const saved = join(directory, 'incident.tgz');
    assert.is((await kii(['snapshot', saved])).code, 0);
    writeFileSync(page, 'mine');
    for (const [words, why] of [
      [[page], /it exists/],
      [['-o', 'json', page], /-o prints to stdout/],
      [['--link', 'x=javascript:alert(1)'], /--link takes NAME=URL with an http or https URL/],
      [['--link', 'https://example.org/'], /--link takes NAME=URL/],
      [['--anonymous'], /--anonymous needs FILE/],
      [['--anonymous', '--from', saved, 'x.html'], /--anonymous is for what is read now/],
      [['--force'], /none is named/],
    ] as const) {
      const { code, err } = await kii(['report', ...words]);
      assert.is(code, 2, words.join(' '));
      assert.match(err, why);
    }
    assert.is(readFileSync(page, 'utf8'), 'mine');
    const terminal = { isTTY: true, columns: 80, color: false };
    assert.match((await kii('report', { terminal })).err, 'a page is not for a terminal');
    assert.is((await kii(['report', page, '--force'])).code, 0);
    mkdirSync(join(directory, 'd'));
    assert.match((await kii(['report', join(directory, 'd'), '--force'])).err, /cannot write/);
  }));

test('an anonymous page has no name of the cluster; the key is beside it', () =>
  withDemo({}, async ({ kii, directory }) => {
    const page = join(directory, 'incident.html');
    const { code, err } = await kii(['report', page, '--anonymous']);
    // Certificates are withheld: some checks cannot be evaluated.
    assert.is(code, 3, err);
    const text = readFileSync(page, 'utf8');
    for (const name of ['discovery.wmnet', 'svc1-tls', '66qlf', '10.64.0.']) assert.not.match(text, name);
    assert.match(readFileSync(`${page}.key.json`, 'utf8'), 'svc1');
  }));

test('texts of a cluster are data in the page, whatever they are', () =>
  withDemo({}, async (cluster) => {
    const report = poisoned(await reportOf(cluster));
    const page = renderPage({ report, archive: 'QUJD', start: pageStart, archiveStart });
    assert.is(page.match(/<script/gi)?.length, 3);
    assert.is(page.match(/<\/script/gi)?.length, 3);
    assert.not.match(page, '<img');
    assert.not.match(page, '<!--');
    const [, data = ''] = /<script type="application\/json" id="report">(.*?)<\/script>/s.exec(page) ?? [];
    const read = JSON.parse(data) as Report;
    assert.match(read.hosts[0]?.name ?? '', '</script><script>pwned=1</script>');
    // What hides or turns direction is shown, as on a terminal.
    assert.not.match(data, /[\u2028\u2029\u202e]|\\u202e|\\ud800/);
  }));

test('the policy lets the page run its own script and style, and ask for nothing', async () => {
  const empty = { gateway: { namespace: 'a', name: 'b' }, takenAt: '', worst: { text: '' } } as Report;
  const page = renderPage({ report: empty, archive: undefined, start: pageStart, archiveStart });
  const [, policy = ''] = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page) ?? [];
  const hash = (text = ''): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
  const [, script] = /<script>(.*?)<\/script>/s.exec(page) ?? [];
  const [, style] = /<style>(.*?)<\/style>/s.exec(page) ?? [];
  assert.equal(policy.split('; '), [
    "default-src 'none'",
    `script-src ${hash(script)}`,
    `style-src ${hash(style)}`,
    "base-uri 'none'",
    "form-action 'none'",
  ]);
  assert.ok((script?.length ?? 0) > 1000 && (style?.length ?? 0) > 1000);
  assert.not.match(page, /https?:\/\/(?!www\.w3\.org\/2000\/svg)/);
  assert.not.match(script ?? '', /innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function/);
  assert.is((await runCommand(['report', '--help'], {})).code, 0);
});

test.run();
