import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AdminRequest } from '#core/admin.ts';
import { ToolError } from '#core/error.ts';
import type { Pod } from '#core/fleet.ts';
import type { HttpAnswer, PodHttp } from '#core/stream.ts';
import { adminOf } from '#envoy/admin.ts';
import { rejection } from '../support/rejection.ts';

const pod = { namespace: 'istio-system', name: 'gw' } as Pod;
const signal = new AbortController().signal;

function fake(answer: Partial<HttpAnswer> = {}): { http: PodHttp; sent: string[] } {
  const sent: string[] = [];
  const http: PodHttp = {
    request: async (method, path) => {
      sent.push(`${method} ${path}`);
      return { status: 200, body: Buffer.from('fine'), ...answer };
    },
    close: () => {},
  };
  return { http, sent };
}

test('asks for a path with its query, escaped; an empty value is a bare name', async () => {
  const { http, sent } = fake();
  const admin = adminOf(pod, http, signal);
  await admin.get({ path: 'config_dump', query: { resource: 'dynamic_listeners', name_regex: 'a|b c&d' } });
  await admin.get({ path: 'stats', query: { usedonly: '', filter: '^x$' } });
  assert.equal(sent, [
    'GET /config_dump?resource=dynamic_listeners&name_regex=a%7Cb%20c%26d',
    'GET /stats?usedonly&filter=%5Ex%24',
  ]);
});

test('nothing but the paths of the list is ever asked for', async () => {
  const { http, sent } = fake();
  for (const path of [
    'quitquitquit',
    'drain_listeners',
    'reset_counters',
    'healthcheck/fail',
    'logging',
    '../logging',
    'stats/recentlookups/clear',
    'cpuprofiler',
  ]) {
    assert.is(
      (await rejection(adminOf(pod, http, signal).get({ path } as unknown as AdminRequest))).code,
      'usage',
      path,
    );
  }
  assert.equal(sent, []);
});

test('log levels are listed and set with POST, one, several or all, with nothing encoded that need not be', async () => {
  const { http, sent } = fake();
  const admin = adminOf(pod, http, signal);
  await admin.logging();
  await admin.logging({ level: 'warning' });
  await admin.logging({ logger: 'source/a&b.cc', level: 'debug' });
  await admin.logging({
    paths: [
      { logger: 'http', level: 'debug' },
      { logger: 'source/a.cc', level: 'off' },
    ],
  });
  assert.equal(sent, [
    'POST /logging',
    'POST /logging?level=warning',
    'POST /logging?source/a%26b.cc=debug',
    'POST /logging?paths=http:debug,source/a.cc:off',
  ]);
});

test('an answer other than 200 says what Envoy said', async () => {
  const { http } = fake({ status: 400, body: Buffer.from('FieldMask could not be successfully used.\nmore') });
  const error = await rejection(adminOf(pod, http, signal).get({ path: 'config_dump' }));
  assert.is(
    error.message,
    'cannot read config_dump of istio-system/gw:15000: Envoy answered 400, "FieldMask could not be successfully used."',
  );
});

test('what is asked for at once is sent one after the other, the next one before an answer is handed over, and also after one that failed', async () => {
  const events: string[] = [];
  const http: PodHttp = {
    request: async (_, path) => {
      await new Promise((resolve) => process.nextTick(resolve)); // as http's agent does with a connection that is used again
      events.push(`sent ${path}`);
      await new Promise((resolve) => setTimeout(resolve, 1));
      if (path === '/certs') throw new ToolError('broken', 'lost');
      events.push(`came ${path}`);
      return { status: 200, body: Buffer.from(path) };
    },
    close: () => {},
  };
  const admin = adminOf(pod, http, signal);
  const ask = (path: 'ready' | 'certs' | 'memory'): Promise<unknown> =>
    admin.get({ path }).then(() => events.push(`read /${path}`));
  const [, certs] = await Promise.allSettled([ask('ready'), ask('certs'), ask('memory')]);
  assert.is(certs?.status, 'rejected');
  assert.equal(events, [
    'sent /ready',
    'came /ready',
    'sent /certs',
    'read /ready',
    'sent /memory',
    'came /memory',
    'read /memory',
  ]);
});

test('nothing is waited for after the last answer, however long Envoy took for it', async () => {
  const tookMs = 30; // more than what is noticeable
  const http: PodHttp = {
    request: async () => {
      await new Promise((resolve) => setTimeout(resolve, tookMs));
      return { status: 200, body: Buffer.from('fine') };
    },
    close: () => {},
  };
  await adminOf(pod, http, signal).get({ path: 'config_dump' });
  assert.not(process.getActiveResourcesInfo().includes('Timeout'));
});

const large = Buffer.alloc(5000);

/**
 * Two requests at once, of whose first answer the first byte came after so long; what was sent when it is handed over.
 * `smallMs`: how long the first byte of a small answer was waited for before.
 */
async function sentBesides(waitedMs: number, smallMs?: number): Promise<number> {
  const controller = new AbortController();
  let sent = 0;
  const http: PodHttp = {
    request: async () => {
      sent++;
      await new Promise((resolve) => setTimeout(resolve, 30)); // as over a slow line
      if (smallMs !== undefined && sent === 1) return { status: 200, body: Buffer.from('fine'), waitedMs: smallMs };
      return { status: 200, body: large, waitedMs };
    },
    close: () => {},
  };
  const admin = adminOf(pod, http, controller.signal);
  if (smallMs !== undefined) await admin.get({ path: 'memory' });
  const [first, second] = [admin.get({ path: 'clusters' }), admin.get({ path: 'ready' })];
  await first;
  const sentThen = sent;
  controller.abort(new ToolError('interrupted', 'seen enough'));
  await Promise.allSettled([second]);
  return sentThen;
}

test('a request for a few elements is sent while Envoy is left alone, unless such a one took long as well', async () => {
  const controller = new AbortController();
  const sent: string[] = [];
  const http: PodHttp = {
    request: async (_, path) => {
      sent.push(path);
      return {
        status: 200,
        body: large,
        waitedMs: sent.length === 3 ? 800 : sent.length === 1 ? 600 : 4,
      };
    },
    close: () => {},
  };
  const admin = adminOf(pod, http, controller.signal);
  await admin.get({ path: 'clusters' });
  const second = admin.get({ path: 'certs', isBrief: true });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(sent, ['/clusters', '/certs']);
  await second;
  await admin.get({ path: 'stats', isBrief: true }); // took long
  const fourth = admin.get({ path: 'memory', isBrief: true });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(sent, ['/clusters', '/certs', '/stats']);
  controller.abort(new ToolError('interrupted', 'seen enough'));
  await Promise.allSettled([fourth]);
});

test('Envoy is left alone as long as it took for the first byte of an answer, however long that was on the way', async () => {
  assert.is(await sentBesides(1), 2);
  assert.is(await sentBesides(600), 1);
});

test('the way to Envoy and back, which a small answer tells, is no time in which it made an answer', async () => {
  assert.is(await sentBesides(600, 590), 3);
  assert.is(await sentBesides(1200, 590), 2);
});

test.run();
