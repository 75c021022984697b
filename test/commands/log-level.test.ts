import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Fault } from '#apiserver/fault.ts';
import { ToolError } from '#core/error.ts';
import type { Demo } from '#demo/server.ts';
import { golden } from '../support/golden.ts';
import { type DemoCluster, type Said, withDemo } from '../support/run-command.ts';
import { schemaErrors } from '../support/schema.ts';

const [first, second, third] = ['66qlf', 'gfn8x', 'l9b5b'].map((suffix) => `istio-ingressgateway-${suffix}`) as [
  string,
  string,
  string,
];
const restore = 'kubectl istio-ingress log-level --restore';

interface Row {
  readonly logger: string;
  readonly level: string;
  readonly pods: readonly string[];
}

/** `level` of the logger on each pod, in the order of their names. */
async function levelsOf({ kii }: DemoCluster, logger: string): Promise<readonly (string | undefined)[]> {
  const { items } = JSON.parse((await kii('log-level -o json')).out) as { items: readonly Row[] };
  return [first, second, third].map(
    (pod) => items.find((row) => row.logger === logger && row.pods.includes(pod))?.level,
  );
}

/** What was sent to change something. */
const writes = ({ requests }: Demo): string[] =>
  requests.flatMap(({ method, path, pod }) => (pod && method !== 'GET' && path !== '/logging' ? [path] : []));

const stateFolder = ({ directory }: DemoCluster): string =>
  join(directory, 'state', 'kubectl-istio-ingress', 'log-levels');
const recordsOf = (cluster: DemoCluster): string[] =>
  existsSync(stateFolder(cluster)) ? readdirSync(stateFolder(cluster)) : [];

/** Starts a change that is to last, lets `meanwhile` look, and ends it as Ctrl-C does. */
async function interrupted(cluster: DemoCluster, words: string, meanwhile: () => Promise<void> | void): Promise<Said> {
  const controller = new AbortController();
  let err = '';
  const hasBegun = new Promise<void>((resolve) => {
    void cluster
      .kii(words, {
        signal: controller.signal,
        writeError: (text) => {
          err += text;
          if (text.includes('to put it back sooner, press Ctrl-C')) resolve();
        },
      })
      .then((said) => finish({ ...said, err }));
  });
  let finish: (said: Said) => void = () => {};
  const finished = new Promise<Said>((resolve) => {
    finish = resolve;
  });
  await Promise.race([hasBegun, finished]);
  await meanwhile();
  controller.abort(new ToolError('interrupted', 'interrupted by SIGINT'));
  return finished;
}

test('without arguments: the levels of every pod, and nothing is changed', () =>
  withDemo({}, async ({ demo, kii }) => {
    const { code, out, err } = await kii('log-level');
    assert.equal([code, err], [0, '']);
    golden('commands/log-level/list.txt', out);
    assert.equal(writes(demo), []);
    const document = JSON.parse((await kii('log-level -o json')).out);
    assert.equal(schemaErrors(document), []);
    assert.equal(document.items[0], {
      logger: 'a2a',
      level: 'warning',
      atStart: 'warning',
      pods: [first, second, third],
    });
  }));

test('sets levels, keeps what was there, and puts it back after --for', () =>
  withDemo({}, async (cluster) => {
    const { demo, kii } = cluster;
    const { code, out, err } = await kii('log-level http:debug,misc:trace --for 0s');
    assert.is(code, 0);
    assert.is(
      err,
      'http:debug, misc:trace on 3 of 3 pods for 0s; to put it back sooner, press Ctrl-C\nput back on 3 pods\n',
    );
    assert.is(
      out,
      'LEVEL     AT START   PODS   LOGGERS\nwarning   warning    3/3    http\nerror     error      3/3    misc\n',
    );
    assert.equal(writes(demo).sort(), [
      ...Array(3).fill('/logging?paths=http:debug,misc:trace'),
      ...Array(3).fill('/logging?paths=http:warning,misc:error'),
    ]);
    assert.equal(recordsOf(cluster), []);
  }));

test('Ctrl-C puts the levels of each pod back as they were on it', () =>
  withDemo({}, async (cluster) => {
    await cluster.kii(`log-level http:error --keep --pod ${second}`);
    const said = await interrupted(cluster, 'log-level all:debug --yes', async () => {
      assert.equal(await levelsOf(cluster, 'http'), ['debug', 'debug', 'debug']);
      assert.is(recordsOf(cluster).length, 2);
    });
    assert.is(said.code, 130);
    assert.match(
      said.err,
      `putting the levels back; a second Ctrl-C leaves them as they are. To put them back later: ${restore}\nput back on 3 pods\n`,
    );
    assert.equal(await levelsOf(cluster, 'misc'), ['error', 'error', 'error']);
    // what --keep has left is still to be put back, and was not taken for the pod's own
    assert.equal(await levelsOf(cluster, 'http'), ['warning', 'warning', 'warning']);
  }));

test('a connection that breaks while levels are put back is tried again', () =>
  withDemo({}, async (cluster) => {
    const drop: Fault = { at: 'answer', does: 'drop', pod: first, path: '/logging?', times: 1 };
    const said = await interrupted(cluster, 'log-level http:debug', () => cluster.demo.faults.set([drop]));
    assert.match(said.err, 'put back on 3 pods\n');
    assert.equal(await levelsOf(cluster, 'http'), ['warning', 'warning', 'warning']);
    assert.equal(recordsOf(cluster), []);
  }));

test('a pod that is gone has taken its levels with it', () =>
  withDemo({}, async (cluster) => {
    const gone: Fault = { at: 'request', on: 'portforward', does: 'status', code: 404, reason: 'NotFound', pod: third };
    const said = await interrupted(cluster, 'log-level http:debug', () => cluster.demo.faults.set([gone]));
    assert.match(said.err, `put back on 2 pods\nno longer there, so nothing to put back: ${third}\n`);
    assert.equal(recordsOf(cluster), []);
  }));

test('what cannot be put back is said and kept, and --restore goes on from there', () =>
  withDemo({}, async (cluster) => {
    const { demo, kii } = cluster;
    const said = await interrupted(cluster, 'log-level http:debug', () =>
      demo.faults.set([{ at: 'connection', does: 'refuse', pod: second, port: 15000 }]),
    );
    assert.match(
      said.err,
      `put back on 2 pods\nerror: cannot reach istio-system/${second}:15000: nothing listens on that port\n`,
    );
    assert.match(said.err, `not put back on 1 pod; to try again: ${restore}\n`);
    assert.is(recordsOf(cluster).length, 1);
    demo.faults.set([]);
    assert.equal(await levelsOf(cluster, 'http'), ['warning', 'debug', 'warning']);
    const back = await kii('log-level --restore');
    assert.equal([back.code, back.err], [0, 'put back on 1 pod\n']);
    assert.equal(await levelsOf(cluster, 'http'), ['warning', 'warning', 'warning']);
    assert.equal(recordsOf(cluster), []);
  }));

test('--keep ends at once, and --restore puts back from another terminal, also where --pod no longer matches', () =>
  withDemo({}, async (cluster) => {
    const { code, out, err } = await cluster.kii(`log-level http:debug --keep --pod ${third}`);
    assert.equal([code, err], [0, `http:debug on 1 of 1 pod; to put it back: ${restore}\n`]);
    assert.is(out, 'LEVEL   AT START   PODS   LOGGERS\ndebug   warning    1/1    http\n');
    assert.match((await cluster.kii('status')).out, `${third} logs more than at start: http:debug\n    ${restore}\n`);
    assert.is((await cluster.kii(`log-level --restore --pod ${first}`)).code, 0);
    assert.equal(await levelsOf(cluster, 'http'), ['warning', 'warning', 'warning']);
  }));

test('a pod that does not answer is a line on stderr, the others are set', () =>
  withDemo({ faults: [{ at: 'connection', does: 'refuse', pod: second, port: 15000 }] }, async ({ kii }) => {
    const { code, out, err } = await kii('log-level http:debug --for 0s');
    assert.is(code, 3);
    assert.match(err, /^http:debug on 2 of 3 pods for 0s/);
    assert.match(err, 'put back on 2 pods\nerror: cannot reach');
    assert.match(out, '2/3, 1 unknown');
  }));

test('levels that could be set on no pod are not waited for', () =>
  withDemo(
    { faults: [{ at: 'answer', does: 'answer', status: 503, body: 'no', path: '/logging?' }] },
    async (cluster) => {
      const { code, err } = await cluster.kii('log-level http:debug --for 1h');
      assert.is(code, 2);
      assert.match(
        err,
        /^http:debug on 0 of 3 pods\nput back on 3 pods\nerror: none of 3 pods answered: cannot set log levels of /,
      );
      assert.equal(recordsOf(cluster), []);
    },
  ));

test('one wrong name changes nothing anywhere', () =>
  withDemo({}, async ({ demo, kii }) => {
    const { code, err } = await kii('log-level http:debug ruoter:debug');
    assert.is(code, 2);
    assert.is(
      err,
      'error: cannot set ruoter: Envoy has no such logger, and nothing was changed\n  did you mean router?\n',
    );
    assert.equal(writes(demo), []);
  }));

test('where the levels to put back cannot be kept, nothing is changed', () =>
  withDemo({}, async ({ demo, directory, kii }) => {
    writeFileSync(join(directory, 'state'), 'a file in the way');
    const { code, err } = await kii('log-level http:debug');
    assert.is(code, 2);
    assert.match(err, 'XDG_STATE_HOME');
    assert.equal(writes(demo), []);
  }));

test('debug of everything, or of many pods, is asked about first', async () => {
  await withDemo({}, async ({ demo, kii }) => {
    const { code, err } = await kii('log-level all:debug');
    assert.equal(
      [code, err],
      [
        2,
        'error: cannot set all:debug on 3 pods without a yes or no: stdin is not a terminal\n  to answer yes beforehand, add --yes\n',
      ],
    );
    const no = await kii('log-level all:trace', {
      openStdin: () => Object.assign(Readable.from(['no\n']), { isTTY: true }),
    });
    assert.equal([no.code, writes(demo)], [2, []]);
    const yes = await kii('log-level all:trace --for 0s', {
      openStdin: () => Object.assign(Readable.from(['yes\n']), { isTTY: true }),
    });
    assert.equal([yes.code, yes.err.split('\n')[0]], [0, 'set all:trace on 3 pods? yes or no:']);
    assert.is((await kii('log-level all:error --for 0s')).code, 0, 'fewer lines need no question');
  });
  await withDemo({ pods: 4 }, async ({ kii }) => {
    assert.is((await kii('log-level http:debug --for 0s')).code, 2);
    assert.is((await kii('log-level http:info --for 0s')).code, 0);
    assert.is((await kii('log-level http:debug --for 0s --yes')).code, 0);
  });
});

test('what is so already is not set', () =>
  withDemo({}, async ({ demo, kii }) => {
    const { code, out, err } = await kii('log-level http:warning');
    assert.equal([code, err], [0, '']);
    assert.match(out, 'warning   warning    3/3    http');
    assert.equal(writes(demo), []);
  }));

test('levels that somebody else has raised are set back to those of the start for good', () =>
  withDemo({}, async (cluster) => {
    const { directory, kii } = cluster;
    const env = { KUBECONFIG: join(directory, 'kubeconfig'), XDG_STATE_HOME: join(directory, 'elsewhere') };
    await kii('log-level http:debug --keep', { env });
    const nothing = await kii('log-level --restore');
    assert.is(
      nothing.err,
      'nothing to put back: this machine has no record of levels that this tool has set on context demo\nto set what Envoy was started with: kubectl istio-ingress log-level all:warning,misc:error --keep\n',
    );
    const back = await kii('log-level http:warning');
    assert.equal(
      [back.code, back.err],
      [0, 'http:warning on 3 of 3 pods, as before or as at start: there is nothing to put back\n'],
    );
    assert.equal(recordsOf(cluster), []);
  }));

test('a run whose levels another terminal has put back leaves them alone', () =>
  withDemo({}, async (cluster) => {
    const said = await interrupted(cluster, 'log-level http:debug', async () => {
      await cluster.kii('log-level --restore');
    });
    assert.match(said.err, 'another run has put the levels back already\n');
  }));

test('records of another cluster are left, and named', () =>
  withDemo({}, async (one) =>
    withDemo({}, async (other) => {
      await one.kii('log-level http:debug --keep');
      const env = { KUBECONFIG: join(other.directory, 'kubeconfig'), XDG_STATE_HOME: join(one.directory, 'state') };
      assert.match(
        (await other.kii('log-level --restore', { env })).err,
        /^this tool has also set levels on another cluster, and not put them back: context demo\nnothing to put back/,
      );
      assert.is(recordsOf(one).length, 1);
      assert.match(
        readFileSync(join(stateFolder(one), recordsOf(one)[0] ?? ''), 'utf8'),
        `"server": "${one.demo.url}/"`,
      );
    }),
  ));

test('--show: where logs may not be read, nothing stays raised', () =>
  withDemo(
    {
      faults: [
        { at: 'request', on: 'log', does: 'status', code: 403, reason: 'Forbidden', message: 'pods "x" is forbidden' },
      ],
    },
    async (cluster) => {
      const { code, out, err } = await cluster.kii('log-level http:debug --show --for 1h');
      assert.equal([code, out], [2, '']);
      assert.match(err, 'put back on 3 pods');
      assert.match(err, 'forbidden');
      assert.equal(await levelsOf(cluster, 'http'), ['warning', 'warning', 'warning']);
    },
  ));

test('--show: Ctrl-C ends it, and puts the levels back', () =>
  withDemo({}, async (cluster) => {
    const said = await interrupted(cluster, 'log-level http:debug --show', () => {});
    assert.equal([said.code, said.out], [130, ''], 'access logs are no lines of a logger');
    assert.match(said.err, 'put back on 3 pods');
  }));

const wrong = [
  ['log-level http:debug --show --keep', '--keep and --show cannot be used together'],
  ['log-level http:debug --show -o json', '--show prints log lines'],
  ['log-level http:debug --for 2h', '--for takes 1h at most'],
  ['log-level http:debug --for 1m --keep', '--keep and --for cannot be used together'],
  ['log-level http:debug --restore', '--restore cannot be used with levels or other flags of log-level'],
  ['log-level --for 1m', 'log-level needs LOGGER:LEVEL'],
  ['log-level http:loud', 'log-level takes LOGGER:LEVEL with trace, debug'],
] as const;

for (const [words, why] of wrong) {
  test(`refuses ${words}`, () =>
    withDemo({}, async ({ demo, kii }) => {
      const { code, err } = await kii(words);
      assert.is(code, 2);
      assert.match(err, why);
      assert.equal(demo.requests, []);
    }));
}

test('a saved directory shows the levels of then, and takes no others', () =>
  withDemo({}, async ({ directory, kii }) => {
    const saved = join(directory, 'saved');
    await kii(['config-dump', '--dir', saved]);
    assert.is((await kii(['log-level', '--from', saved])).code, 0);
    for (const words of [['http:debug'], ['--restore']]) {
      const { code, err } = await kii(['log-level', ...words, '--from', saved]);
      assert.is(code, 2);
      assert.match(err, 'it is no cluster');
    }
  }));

test.run();
