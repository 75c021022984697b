// What is said of a secret that several pods hold does not depend on who answers first.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Admin } from '#core/admin.ts';
import type { Source } from '#core/source.ts';
import { askSecrets } from '#questions/secrets.ts';

const updated = new Map([
  ['gw-1', '2026-11-29T10:00:00Z'],
  ['gw-2', '2026-11-29T12:00:00Z'],
  ['gw-3', '2026-11-29T11:00:00Z'],
]);

/** Pods that answer one after the other. */
function source(order: readonly string[]): Source {
  const adminOf = (name: string): Admin => {
    const secret = {
      name: 'tickets',
      last_updated: updated.get(name),
      secret: { name: 'tickets', session_ticket_keys: {} },
    };
    const section = {
      '@type': 'type.googleapis.com/envoy.admin.v3.SecretsConfigDump',
      dynamic_active_secrets: [secret],
    };
    const get = async () => Buffer.from(JSON.stringify({ configs: [section] }));
    return { pod: { namespace: 'a', name }, get } as unknown as Admin;
  };
  const everyPod: Source['everyPod'] = async (ask) => {
    const answers = new Map<string, Awaited<ReturnType<typeof ask>>>();
    for (const name of order) answers.set(name, await ask(adminOf(name)));
    return [...updated.keys()].map((name) => ({ pod: { name }, ok: answers.get(name) })) as never;
  };
  return { everyPod, gateway: async () => ({}) } as unknown as Source;
}

test('a secret has the time of the pod that took it last', async () => {
  for (const order of [
    ['gw-1', 'gw-2', 'gw-3'],
    ['gw-2', 'gw-3', 'gw-1'],
    ['gw-3', 'gw-1', 'gw-2'],
  ]) {
    const { items } = await askSecrets(source(order), { withHosts: false });
    assert.equal(
      items.map(({ value, pods }) => [value.secret.lastUpdated, pods]),
      [['2026-11-29T12:00:00Z', ['gw-1', 'gw-2', 'gw-3']]],
      order.join(),
    );
  }
});

test.run();
