import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { withDemo } from '../support/run-command.ts';

test('a value may follow a short flag at once, as with kubectl and curl', () =>
  withDemo({}, async ({ kii }) => {
    const url = 'https://svc1.discovery.wmnet/one';
    for (const [apart, together] of [
      ['routes -o name', 'routes -oname'],
      ['routes -o name', '-oname routes'],
      [
        'secrets -n istio-system -g ds/istio-ingressgateway -o name',
        'secrets -nistio-system -gds/istio-ingressgateway -oname',
      ],
      [`explain -X POST -H a:b ${url}`, `explain -XPOST -Ha:b ${url}`],
      ['routes -o jsonpath={.items[*].name}', 'routes -ojsonpath={.items[*].name}'],
      ['routes -n nope-such', 'routes -nnope-such'],
    ] as const) {
      const [one, other] = [await kii(apart), await kii(together)];
      assert.equal([other.code, other.out, other.err], [one.code, one.out, one.err], together);
    }
  }));

test('a short flag that nobody knows is named, whatever stands behind it', () =>
  withDemo({}, async ({ kii }) => {
    for (const [words, flag] of [
      ['routes -zfoo', '-z'],
      ['routes -XPOST', '-X'],
      ['routes -hz', '-z'],
      ['routes -ojson --nonsense', '--nonsense'],
    ] as const) {
      const { code, err } = await kii(words);
      assert.is(code, 2);
      assert.match(err, `unknown flag ${flag} of routes`);
    }
    assert.match((await kii('routes -- -ojson')).err, 'routes does not take "-ojson"');
  }));

test.run();
