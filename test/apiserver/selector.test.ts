import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fieldSelector, labelSelector } from '#apiserver/selector.ts';
import type { RecordedObject } from '#demo/recording.ts';

const object = (name: string, labels?: Readonly<Record<string, string>>): RecordedObject => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name, namespace: `ns-${name}`, ...(labels && { labels }) },
  spec: name === 'a' ? { nodeName: 'node1' } : {},
  status: { phase: name === 'a' ? 'Running' : 'Pending' },
});

const objects = [
  object('a', { app: 'gateway', 'istio.io/rev': 'default', empty: '' }),
  object('b', { app: 'other', tier: 'front' }),
  object('c'),
];

const named = (matches: ReturnType<typeof labelSelector>): string => {
  assert.type(matches, 'function', JSON.stringify(matches));
  return typeof matches === 'function'
    ? objects
        .filter(matches)
        .map((o) => o.metadata.name)
        .join('')
    : '';
};

test('label selectors choose what Kubernetes chooses', () => {
  const cases = {
    '': 'abc',
    'app=gateway': 'a',
    'app==gateway': 'a',
    ' app = gateway ': 'a',
    'app!=gateway': 'bc',
    'app in (gateway,other)': 'ab',
    'app in (gateway, other),tier': 'b',
    'app notin (gateway)': 'bc',
    'app notin(gateway,other)': 'c',
    app: 'ab',
    '!app': 'c',
    'app,!tier': 'a',
    'istio.io/rev=default': 'a',
    'empty=': 'a',
    'empty in ()': 'a',
    'app=gateway,app=other': '',
    'app=gatewa': '',
    // Labels are no JavaScript object with inherited fields.
    toString: '',
    '!constructor': 'abc',
  };
  for (const [text, names] of Object.entries(cases)) assert.is(named(labelSelector(text)), names, text);
});

test('a label selector that cannot be read is none, not one that chooses everything', () => {
  for (const text of ['app=a=b', 'app in gateway', 'app in (a', '=a', 'a,,b', '!app=a', 'app in (a) b']) {
    assert.type(labelSelector(text), 'object', text);
  }
});

test('field selectors choose by name, namespace, node and phase', () => {
  const cases = {
    '': 'abc',
    'metadata.name=a': 'a',
    'metadata.name==a': 'a',
    'metadata.name!=a': 'bc',
    'metadata.namespace=ns-b': 'b',
    'spec.nodeName=node1': 'a',
    'spec.nodeName=': 'bc',
    'status.phase=Pending,metadata.name!=b': 'c',
  };
  for (const [text, names] of Object.entries(cases))
    assert.is(named(fieldSelector(text, { resource: 'pods' })), names, text);
});

test('a field that cannot be selected by is refused, with the message of Kubernetes', () => {
  assert.equal(fieldSelector('spec.host=a', { resource: 'pods' }), { wrong: 'field label not supported: spec.host' });
  assert.equal(fieldSelector('toString=a', { resource: 'pods' }), { wrong: 'field label not supported: toString' });
  // A pod's fields are no other resource's.
  assert.equal(fieldSelector('spec.nodeName=a', { resource: 'services' }), {
    wrong: 'field label not supported: spec.nodeName',
  });
  assert.equal(fieldSelector('metadata.name', { resource: 'pods' }), {
    wrong: "invalid selector: 'metadata.name'; can't understand 'metadata.name'",
  });
});

test.run();
