// The commands that are printed for the next step ask the cluster that was asked.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withDemo } from '../support/run-command.ts';

for (const words of ['status', 'check', 'certs', 'check -o json', 'certs -o json']) {
  test(`${words} --context: every command of its next steps names the context`, () =>
    withDemo({}, async ({ kii }) => {
      const { out } = await kii(`${words} --context demo`);
      const steps = out.match(/(?<=^ +"?)kubectl [^"\n]*/gm) ?? [];
      assert.ok(steps.length > 2, out);
      assert.equal(
        steps.filter((step) => !/ --context demo(?: |$)/.test(step)),
        [],
      );
      assert.ok(steps.some((step) => step.startsWith('kubectl --context demo ')));
      assert.ok(steps.some((step) => step.startsWith('kubectl istio-ingress ')));
    }));
}

test.run();
