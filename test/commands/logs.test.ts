import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import recorded from '#demo/fleet.json' with { type: 'json' };
import { golden } from '../support/golden.ts';
import { withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

const pods = ['istio-ingressgateway-66qlf', 'istio-ingressgateway-gfn8x', 'istio-ingressgateway-l9b5b'];
const access = recorded.pods.flatMap(({ log }) => log.filter((line) => /^\[\d/.test(line)));

interface Line {
  readonly kind: string;
  readonly pod: string;
  readonly time: string;
  readonly responseCode?: number;
  readonly text?: string;
  readonly explanation?: readonly string[];
}

const objects = (out: string): Line[] =>
  out
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as Line);

test('every request of every pod, once, in the order of the time', () =>
  withDemo({}, async ({ kii }) => {
    const { code, out, err } = await kii('logs -o json');
    assert.equal([code, err], [0, '']);
    const lines = objects(out);
    assert.is(lines.length, access.length);
    assert.equal([...new Set(lines.map(({ pod }) => pod))].sort(), pods);
    const times = lines.map(({ time }) => time);
    assert.equal(times, [...times].sort());
    for (const line of lines) assert.equal(schemaErrors(line), []);
  }));

test('a readable line has time, code, flags, duration, request, upstream and pod', () =>
  withDemo({}, async ({ kii }) => {
    golden('logs/errors.txt', (await kii('logs --status 5xx --host svc2.discovery.wmnet')).out);
    golden('logs/errors-wide.txt', (await kii('logs --status 5xx --host svc2.discovery.wmnet -o wide')).out);
    golden('logs/explained.txt', (await kii('logs --not status=2xx,3xx --host svc2.* --explain --with-route')).out);
    golden('logs/connections.txt', (await kii('logs --detail filter_chain_not_found --explain')).out);
  }));

test('as JSON every line has its whole explanation', () =>
  withDemo({}, async ({ kii }) => {
    const lines = objects((await kii('logs --flag UC --explain -o json')).out);
    assert.ok(lines.length > 1);
    for (const { explanation } of lines)
      assert.match(explanation?.join('\n') ?? '', /^UC: .*\. Next: .*\nupstream_reset_before_response_started: /);
  }));

test('--summary says how bad it is, since when and where', () =>
  withDemo({}, async ({ kii }) => {
    golden('logs/summary.txt', (await kii('logs --summary --most 3')).out);
    const { code, out } = await kii('logs --summary --status 5xx -o json');
    assert.is(code, 0);
    const document = JSON.parse(out);
    assert.equal(schemaErrors(document), []);
    assert.equal([document.complete, document.requests, document.errors, document.coverage.length], [true, 84, 84, 3]);
    assert.equal([document.answeredBy.application, document.answeredBy.gateway], [12, 72]);
  }));

test('--raw prints the lines as they were written, --all also what is no access log', () =>
  withDemo({}, async ({ kii }) => {
    const raw = (await kii('logs --raw --pod *-66qlf')).out.split('\n').slice(0, -1);
    const log =
      recorded.pods[0]?.log.map((line) =>
        line
          .replaceAll('{ip}', '10.200.0.1')
          .replaceAll('{pod}', pods[0] ?? '')
          .replaceAll('{node}', 'node1'),
      ) ?? [];
    assert.equal(
      raw,
      log.filter((line) => /^\[\d/.test(line)),
    );
    assert.equal((await kii('logs --raw --all --pod *-66qlf')).out.split('\n').slice(0, -1), log);
  }));

test('--since and --until bound the time, --tail counts lines of each pod', () =>
  withDemo({}, async ({ kii }) => {
    const times = objects((await kii('logs -o json --since-time 12:08:00 --until 2026-11-23T12:08:10Z')).out).map(
      ({ time }) => time,
    );
    assert.ok(times.length > 10);
    assert.ok(times.every((time) => time >= '2026-11-23T12:08:00' && time <= '2026-11-23T12:08:10.000000000Z'));
    assert.is(objects((await kii('logs -o json --tail 2')).out).length, 6);
    // As kubectl takes it.
    const all = objects((await kii('logs -o json --since 24h')).out).length;
    for (const tail of ['--tail -1', '--tail=-1'])
      assert.is(objects((await kii(`logs -o json ${tail}`)).out).length, all);
    assert.match((await kii('logs --tail -2')).err, /--tail takes a number, not "-2"/);
    assert.is(objects((await kii('logs -o json --since 1s')).out).length, 0);
  }));

test('a pod that does not give its log is one line and exit code 3; the others are shown', () =>
  withDemo(
    {
      faults: [
        { at: 'request', on: 'log', pod: '*-gfn8x', does: 'status', code: 403, message: 'pods/log is forbidden' },
      ],
    },
    async ({ kii }) => {
      const { code, out, err } = await kii('logs -o json');
      assert.is(code, 3);
      assert.equal([...new Set(objects(out).map(({ pod }) => pod))].sort(), [pods[0], pods[2]]);
      assert.match(err, 'cannot read the log of istio-system/istio-ingressgateway-gfn8x: pods/log is forbidden');
      assert.match(err, 'resources: ["pods/log"]');
    },
  ));

test('where no pod gives its log there is no answer', () =>
  withDemo(
    { faults: [{ at: 'request', on: 'log', does: 'status', code: 403, message: 'forbidden' }] },
    async ({ kii }) => {
      const { code, out, err } = await kii('logs');
      assert.equal([code, out], [2, '']);
      assert.match(err, 'none of 3 pods gives its log');
    },
  ));

test('a connection that breaks in the middle is resumed: no line is lost or doubled', () =>
  withDemo(
    {
      faults: [
        { at: 'log', does: 'reset', afterLines: 70, times: 5 },
        { at: 'request', on: 'log', does: 'reset', times: 1 },
      ],
    },
    async ({ kii }) => {
      const { code, out } = await kii('logs -o json');
      assert.is(code, 0);
      assert.is(objects(out).length, access.length);
      assert.is(new Set(objects(out).map(({ time, pod }) => time + pod)).size, access.length);
    },
  ));

test('a log that does not reach back to --since is said to, with exit code 3', () =>
  withDemo({}, async ({ demo, kii }) => {
    demo.logs.rotate(pods[1] ?? '');
    demo.logs.write(pods[1] ?? '', 'after the rotation', new Date('2026-11-23T12:08:40Z'));
    const { code, err } = await kii('logs');
    assert.is(code, 3);
    assert.match(err, 'the logs of 1 of 3 pods do not reach back to --since');
    assert.match(err, 'istio-ingressgateway-gfn8x: its current log file begins at 2026-11-23T12:08:40Z');
    assert.is((await kii('logs --since 5s')).code, 0);
  }));

test('what a container logged before its restart is read as well', () =>
  withDemo({}, async ({ demo, kii }) => {
    demo.changes.restart(pods[1] ?? '');
    demo.logs.write(pods[1] ?? '', 'after the restart');
    const { code, out } = await kii('logs -o json --all');
    assert.is(code, 0);
    const ofPod = objects(out).filter(({ pod }) => pod === pods[1]);
    assert.is(ofPod.length, (recorded.pods.find(({ name }) => name === pods[1])?.log.length ?? 0) + 1);
    assert.is(ofPod.at(-1)?.text, 'after the restart');
  }));

test('a line that cannot be parsed is shown as it is and counted', () =>
  withDemo({}, async ({ demo, kii }) => {
    demo.logs.write(pods[0] ?? '', '[2026-11-23T12:08:47.000Z] "GET /cut');
    demo.logs.write(pods[0] ?? '', `[2026-11-23T12:08:47.000Z] "${'x'.repeat(1_100_000)}\0`);
    const { code, out, err } = await kii('logs --status 599');
    assert.is(code, 0);
    const [cut, long = ''] = out.split('\n');
    assert.match(cut ?? '', /\[2026-11-23T12:08:47\.000Z\] "GET \/cut 66qlf$/);
    assert.match(long, /… \(\d+ bytes more\) 66qlf$/);
    assert.match(err, '2 lines could not be parsed, and are shown as they are');
    assert.equal(
      objects((await kii('logs --status 599 -o json')).out).map((line) => [line.kind, schemaErrors(line).length]),
      Array(2).fill(['UnparsedLine', 0]),
    );
  }));

test('the format is found in the live configuration', () =>
  withDemo({}, async ({ kii }) => {
    const { out } = await kii('logs --show-format');
    assert.match(out, /^\[%START_TIME%\] "%REQ\(:METHOD\)%.*%ROUTE_NAME%\n$/);
    const { code, err } = await kii(['logs', '--format', '%START_TIME% %RESPONSE_CODE%', '--host', 'x']);
    assert.is(code, 2);
    assert.match(err, 'cannot filter by --host: the format of this access log has no host');
  }));

test('--fail-on makes too many errors a finding', () =>
  withDemo({}, async ({ kii }) => {
    assert.is((await kii(['logs', '--summary', '--fail-on', 'errors>1%'])).code, 1);
    assert.is((await kii(['logs', '--summary', '--fail-on', 'errors>90%'])).code, 0);
    assert.is((await kii(['logs', '--host', 'svc1.*', '--fail-on', 'errors>0'])).code, 0);
    assert.match((await kii(['logs', '--fail-on', '5%'])).err, '--fail-on takes errors>N');
  }));

test('lines of what goes on are shown with their type, and are no requests of their own', () =>
  withDemo({}, async ({ directory, kii }) => {
    const file = join(directory, 'typed.log');
    const format = '[%START_TIME%] %ACCESS_LOG_TYPE% "%REQ(:METHOD)% %REQ(:PATH)%" %RESPONSE_CODE% %RESPONSE_FLAGS%';
    const ask = async (types: readonly string[], more: readonly string[]): ReturnType<typeof kii> => {
      writeFileSync(file, types.map((type) => `[2026-11-23T06:20:43.568Z] ${type} "GET /x" 503 UH\n`).join(''));
      return kii(['logs', '--from', file, '--format', format, ...more]);
    };
    const goingOn = ['DownstreamStart', 'DownstreamPeriodic', 'UpstreamEnd'];
    const { out } = await ask([...goingOn, 'DownstreamEnd'], ['--summary']);
    assert.match(out, /^1 request .* 1 error /m);
    assert.match(out, 'not counted: 3 lines of requests and connections that went on, or of single attempts');
    assert.match((await ask(goingOn, [])).out, 'GET /x → - (DownstreamPeriodic)\n');
    const { code, err } = await ask(goingOn, ['--fail-on', 'errors>0']);
    assert.is(code, 3);
    assert.match(err, '--fail-on cannot be judged');
  }));

test('where no exported line is of the time that was asked for, it is said of which they are', () =>
  withDemo({}, async ({ directory, kii }) => {
    const file = join(directory, 'old.log');
    writeFileSync(file, access.map((line) => `${line}\n`).join(''));
    for (const more of [[], ['--summary'], ['-o', 'wide'], ['--errors']]) {
      const { err } = await kii(['logs', '--from', file, '--until', '2001-01-01', ...more]);
      assert.match(err, /^none of \d+ requests is of the time that was asked for: they are from 20[\dT:.-]+Z to 20/m);
    }
    assert.is((await kii(['logs', '--from', file, '--since-time', '2001-01-01'])).err, '');
  }));

test('a day that there is not is refused, and times as other tools print them are read', () =>
  withDemo({}, async ({ directory, kii }) => {
    const file = join(directory, 'one.log');
    writeFileSync(file, `${access[0] ?? ''}\n`);
    for (const wrong of ['2026-02-30T00:00:00Z', '2026-11-23T23:59:60Z', '2026-04-31'])
      assert.match((await kii(['logs', '--from', file, '--since-time', wrong])).err, '--since-time takes a time');
    for (const right of ['2001-01-01T01:00:00,123456789+0100', '2001-01-01 00:00:00 UTC', '2001-01-01t00:00:00z'])
      assert.is((await kii(['logs', '--from', file, '--since-time', right])).code, 0, right);
  }));

test('of exported lines without a time nobody says that they are of the time that was asked for, or not', () =>
  withDemo({}, async ({ directory, kii }) => {
    const file = join(directory, 'untimed.log');
    writeFileSync(file, 'GET a.example.test/x 503\n'.repeat(2));
    const ask = (...more: readonly string[]): ReturnType<typeof kii> =>
      kii([
        'logs',
        '--from',
        file,
        '--format',
        '%REQ(:METHOD)% %REQ(:AUTHORITY)%%REQ(:PATH)% %RESPONSE_CODE%',
        ...more,
      ]);
    assert.is((await ask('--fail-on', 'errors>1')).code, 1);
    for (const more of [[], ['--summary'], ['--fail-on', 'errors>1']]) {
      const { code, err } = await ask('--since', '1h', ...more);
      assert.is(code, 3, more.join(' '));
      assert.match(err, '2 lines left out: without a time, --since and --until cannot place them');
    }
    assert.match((await ask('--since', '1h', '--fail-on', 'errors>1')).err, '--fail-on cannot be judged');
  }));

test('--for keeps what concerns the owner of a service, also what reached no service', () =>
  withDemo({}, async ({ kii }) => {
    const lines = objects((await kii('logs --for svc3 -o json')).out) as unknown as {
      upstreamCluster?: string;
      authority: string;
    }[];
    assert.ok(lines.length > 5);
    assert.ok(
      lines.every(
        ({ upstreamCluster, authority }) => upstreamCluster?.includes('.svc3.svc.') || authority.startsWith('svc3.'),
      ),
    );
  }));

test('flags that say nothing together are usage errors', () =>
  withDemo({}, async ({ kii }) => {
    for (const words of [
      '-f --until 12:00',
      '-f --summary',
      '-f --from x',
      '--since 1m --since-time 12:00',
      '--raw --summary',
    ]) {
      const { code, err } = await kii(`logs ${words}`);
      assert.is(code, 2, words);
      assert.match(err, 'cannot be used together');
    }
    assert.match((await kii('logs --until yesterday')).err, '--until takes a time');
  }));

test('exported logs answer the same: a file, gzip, JSON lines around them, stdin', () =>
  withDemo({}, async ({ directory, kii }) => {
    const plain = join(directory, 'export.log');
    const zipped = join(directory, 'export.json.gz');
    writeFileSync(plain, `${access.join('\n')}\n`);
    writeFileSync(
      zipped,
      gzipSync(
        access
          .map(
            (message) =>
              `${JSON.stringify({ '@timestamp': '2026-11-23T12:08:00Z', message, kubernetes: { pod: { name: 'gw-1' } } })}\n`,
          )
          .join(''),
      ),
    );
    const of = async (from: string, more = ''): Promise<Line[]> =>
      objects((await kii(`logs --from ${from} -o json${more}`)).out);
    assert.is((await of(plain)).length, access.length);
    const unwrapped = await of(zipped, ' --status 5xx');
    assert.equal([unwrapped.length, unwrapped[0]?.pod, unwrapped[0]?.time], [84, 'gw-1', '2026-11-23T12:08:00Z']);
    for (const [, line] of unwrapped.entries()) assert.equal(schemaErrors(line), []);
    const piped = await kii('logs --from - --summary', {
      openStdin: () => Readable.from([Buffer.from(access.join('\n'))]),
    });
    assert.equal([piped.code, piped.err], [0, '']);
    assert.match(piped.out, `${access.length - 4} requests, 4 TCP connections`);
    assert.is((await of(plain, ' --since-time 2026-11-23T12:08:30Z')).length < 100, true);
  }));

test('files that cannot be read say why; an empty one is an answer', () =>
  withDemo({}, async ({ directory, kii }) => {
    const empty = join(directory, 'empty');
    const cut = join(directory, 'cut.gz');
    writeFileSync(empty, '');
    writeFileSync(cut, gzipSync(access.join('\n')).subarray(0, 500));
    assert.equal(await kii(`logs --from ${empty}`), { code: 0, out: '', err: 'nothing was logged\n' });
    assert.match((await kii(`logs --from ${empty}x`)).err, 'it does not exist');
    assert.match((await kii(`logs --from ${directory}`)).err, 'it is a directory');
    const broken = await kii(`logs --from ${cut}`);
    assert.is(broken.code, 2);
    assert.match(broken.err, 'cut.gz: unexpected end of file');
  }));

test.run();
