// A thread that runs command lines and counts what each costs: nothing that an earlier thread has read is there.

import crypto from 'node:crypto';
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import { type MessagePort, parentPort, Worker, workerData } from 'node:worker_threads';
import type { ExitCode } from '#core/exit-code.ts';

export interface Counted {
  readonly line: string;
  readonly code: ExitCode;
  /** How often OpenSSL was asked to read a certificate. */
  readonly certificates: number;
  /** Of all that JSON.parse got. */
  readonly characters: number;
}

interface Given {
  readonly lines: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly now: Date;
}

/** One for each line. `ended` is called when a line has ended, before the next one begins. */
export function countedCommands(given: Given, ended: (counted: Counted) => void): Promise<void> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL(import.meta.url), { workerData: given });
    worker.on('message', (counted: Counted | 'all') => {
      if (counted !== 'all') {
        ended(counted);
        worker.postMessage('go on');
        return;
      }
      void worker.terminate();
      resolve();
    });
    worker.once('error', reject);
  });
}

async function countAll({ lines, env, now }: Given, port: MessagePort): Promise<void> {
  const counted = { certificates: 0, characters: 0 };
  const { X509Certificate } = crypto;
  crypto.X509Certificate = class extends X509Certificate {
    constructor(...given: ConstructorParameters<typeof X509Certificate>) {
      super(...given);
      counted.certificates++;
    }
  };
  syncBuiltinESMExports();
  const { runCommand } = await import('./run-command.ts');
  const { parse } = JSON;
  JSON.parse = (text: string, ...more) => {
    counted.characters += text.length;
    return parse(text, ...more);
  };
  for (const line of lines) {
    Object.assign(counted, { certificates: 0, characters: 0 });
    const { code } = await runCommand(line.split(' '), { env, now });
    const goOn = once(port, 'message');
    port.postMessage({ line, code, ...counted } satisfies Counted);
    await goOn;
  }
  port.postMessage('all');
}

if (parentPort) await countAll(workerData as Given, parentPort);
