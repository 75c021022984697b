// What `check --for` asks: of Secrets the owner's alone, and of every pod what it serves.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { checks } from '#analysis/checks/all.gen.ts';
import type { Source } from '#core/source.ts';
import { askCheck } from '#questions/check/check.ts';
import { replaced } from '../support/replaced.ts';
import { withSource } from '../support/run-command.ts';

interface Asked {
  /** NAMESPACE/NAME. */
  readonly secrets: readonly string[];
  readonly dumpsOfListeners: number;
}

async function askedBy(owner: string | undefined): Promise<Asked> {
  const secrets: string[] = [];
  let dumpsOfListeners = 0;
  await withSource({}, async (source, now) => {
    const watched = replaced<Source>(source, {
      read: (...[resource, namespace, name]: Parameters<Source['read']>) => {
        if (resource === 'secrets') secrets.push(`${namespace}/${name}`);
        return source.read(resource, namespace, name);
      },
      everyPod: ((ask, only, fanOut) =>
        source.everyPod(
          (admin) => {
            const get: typeof admin.get = (request, ...rest) => {
              const { resource, mask } = request.query ?? {};
              if (resource === 'dynamic_listeners' && mask === undefined) dumpsOfListeners += 1;
              return admin.get(request, ...rest);
            };
            return ask(replaced(admin, { get }));
          },
          only,
          fanOut,
        )) as Source['everyPod'],
    });
    await askCheck(watched, { checks, for: owner, handshake: false }, { now });
  });
  return { secrets: secrets.sort(), dumpsOfListeners };
}

test("an owner's check reads the owner's Secrets, and what every pod serves: one may lack the owner's filter chain", async () => {
  const [all, own] = [await askedBy(undefined), await askedBy('svc1')];
  assert.equal(own.secrets, ['istio-system/svc1-tls-certificate']);
  assert.ok(all.secrets.length > 5, all.secrets.join());
  assert.equal([own.dumpsOfListeners, all.dumpsOfListeners], [3, 3]);
});

test("an owner's Gateway counts before it has a VirtualService", async () => {
  const { secrets } = await askedBy('svc3/nosecret');
  assert.equal(secrets, ['istio-system/does-not-exist']);
});

test.run();
