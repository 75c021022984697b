import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inOurWords } from '#command/istioctl-words.ts';
import { commands } from '#commands/all.gen.ts';

const ours: Readonly<Record<string, string>> = {
  'pc routes': 'routes',
  'proxy-config route': 'route',
  'pc secret ds/istio-ingressgateway -n istio-system -o json':
    'secret --gateway ds/istio-ingressgateway -n istio-system -o json',
  'pc listeners istio-ingressgateway-abcde.istio-system --port 443':
    'listeners --pod istio-ingressgateway-abcde --namespace istio-system --port 443',
  'pc routes istio-ingressgateway-abcde': 'routes --pod istio-ingressgateway-abcde',
  'pc all': 'config-dump',
  'proxy-status': 'status',
  'proxy-status istio-ingressgateway-abcde.istio-system':
    'status --pod istio-ingressgateway-abcde --namespace istio-system',
  'routes pc': 'routes pc',
  'routes daemonset/istio-ingressgateway -o json': 'routes --gateway daemonset/istio-ingressgateway -o json',
  'routes --host a/b': 'routes --host a/b',
  'admin ds/x': 'admin ds/x',
  '': '',
};

for (const [theirs, words] of Object.entries(ours)) {
  test(`istioctl ${theirs}`, () => assert.is(inOurWords(theirs.split(' '), commands).join(' '), words));
}

test('a kind that there is not is refused with those that there are', () => {
  for (const kind of ['', 'ecds', 'version'])
    assert.throws(() => inOurWords(['pc', kind], commands), /^pc needs a kind/);
});

test.run();
