import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cutOff, rejectionReason } from '#core/rejection-reason.ts';

const embedded = 'embedded message failed validation';
const resource = `name: "https.443.https-x.two.explain-b"
virtual_hosts {
  name: "c.explain.test:443"
  domains: "c.explain.test"
}
`;
const path = `RouteConfigurationValidationError.VirtualHosts[0]: ${embedded} | caused by VirtualHostValidationError.Routes[12]: ${embedded}`;
const suffix = 'StringMatcherValidationError.Suffix: value length must be at least 1 characters';

/** What Envoy or istiod says → what is shown. */
const cases: Readonly<Record<string, readonly [string, string]>> = {
  'one reason, as it is': [
    'Error adding/updating listener(s) 0.0.0.0_8443: multiple filter chains with overlapping matching rules are defined',
    'Error adding/updating listener(s) 0.0.0.0_8443: multiple filter chains with overlapping matching rules are defined',
  ],
  'several lines': [
    'Error adding/updating listener(s) a: no\nb: neither\n',
    'Error adding/updating listener(s) a: no b: neither',
  ],
  'Envoy 1.40: the resource, then the reason': [
    `goo.gle/debugstr  \n${resource}: Proto constraint validation failed (${path} | caused by ${suffix})`,
    'https.443.https-x.two.explain-b: VirtualHosts[0].Routes[12].Suffix: value length must be at least 1 characters',
  ],
  'the mark of another process': [
    `goo.gle/debugonly \n${resource}: Proto constraint validation failed (${path} | caused by ${suffix})`,
    'https.443.https-x.two.explain-b: VirtualHosts[0].Routes[12].Suffix: value length must be at least 1 characters',
  ],
  'a reason with parentheses': [
    `goo.gle/debugstr ${resource}: Proto constraint validation failed (AValidationError.B: value does not match regex pattern "^(a|b)$")`,
    'https.443.https-x.two.explain-b: B: value does not match regex pattern ^(a|b)$',
  ],
  'a listener, then the resource': [
    `Error adding/updating listener(s) 0.0.0.0_8443: goo.gle/debugstr  ${resource}: Proto constraint validation failed (AValidationError.B: value is required)`,
    'Error adding/updating listener(s) 0.0.0.0_8443: B: value is required',
  ],
  'Envoy 1.16: pieces of a sentence, then the resource': [
    `Error adding/updating listener(s) virtualInbound: Proto constraint validation failed (LuaValidationError.InlineCode: ["value length must be at least " '\\x01' " bytes"]): inline_code: ""\n`,
    'Error adding/updating listener(s) virtualInbound: InlineCode: value length must be at least 1 bytes',
  ],
  'Envoy 1.16: an empty resource': [
    `Proto constraint validation failed (AValidationError.B: ["${embedded}"] | caused by CValidationError.D: ["value is required"]): \n`,
    'B.D: value is required',
  ],
  'what does not look like a rule of protoc-gen-validate': [
    'Proto constraint validation failed (something else)',
    'something else',
  ],
  'cut off by istiod before the reason': [
    `goo.gle/debugstr  \n${resource.slice(0, 60)}...(truncated)`,
    `https.443.https-x.two.explain-b: ${cutOff}`,
  ],
  'cut off by istiod before the name': ['goo.gle/debugstr  \nname: "https.4...(truncated)', cutOff],
  'Envoy 1.36: no mark, cut off by istiod': [
    `${resource.slice(0, 60)}...(truncated)`,
    `https.443.https-x.two.explain-b: ${cutOff}`,
  ],
  'Envoy 1.36: no mark, whole': [
    `${resource}: Proto constraint validation failed (${path} | caused by ${suffix})`,
    'https.443.https-x.two.explain-b: VirtualHosts[0].Routes[12].Suffix: value length must be at least 1 characters',
  ],
  'Envoy 1.36: a listener, then the resource without a mark': [
    `Error adding/updating listener(s) 0.0.0.0_8443: ${resource.slice(0, 60)}...(truncated)`,
    `Error adding/updating listener(s) 0.0.0.0_8443: ${cutOff}`,
  ],
  'a resource in the middle of another reason': [
    `cannot read goo.gle/debugstr ${resource}`,
    `cannot read ${resource.replace(/\s+/g, ' ').trim()}`,
  ],
  nothing: ['', ''],
};

for (const [what, [details, reason]] of Object.entries(cases))
  test(what, () => assert.is(rejectionReason(details), reason));

test.run();
