// Each row was put to Envoy 1.40 behind a real istiod without webhooks.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { HttpRoute } from '#analysis/istio/virtual-service.ts';
import { refusedParts } from '#analysis/translate/refused-parts.ts';

const route = [{ destination: { host: 'one', port: { number: 80 } } }];
const two = [...route, ...route];
const sets = (value: string, name = 'x-a'): HttpRoute => ({ route, headers: { request: { set: { [name]: value } } } });

const refused: readonly (readonly [HttpRoute, string])[] = [
  [{}, ' is a route without a destination, none that Envoy takes'],
  [{ delegate: { name: 'a' } }, 'delegate is a delegate of a delegate, no destination'],
  [{ route: [] }, ' is a route without a destination, none that Envoy takes'],
  [{ route: two }, 'route is a list of destinations of which none has a weight, none that Envoy takes'],
  [{ redirect: { uri: '/', redirectCode: 304 } }, 'redirect.redirectCode is 304, none of 301, 302, 303, 307, 308 (*)'],
  [{ directResponse: { status: 99 } }, 'directResponse.status is 99, no status from 200 to 599'],
  [{ directResponse: { status: 600 } }, 'directResponse.status is 600, no status from 200 to 599 (*)'],
  [{ route, fault: { abort: { httpStatus: 100 } } }, 'fault.abort.httpStatus is 100, no status from 200 to 599'],
  [{ route, match: [{ uri: { regex: '' } }] }, 'match.0.uri.regex is "", no regex'],
  [{ route, match: [{ uri: { regex: '*' } }] }, 'match.0.uri.regex is "*", no regex of RE2'],
  [{ route, match: [{ headers: { a: { regex: '' } } }] }, 'match.0.headers.a.regex is "", no regex'],
  [
    { route, match: [{ headers: { a: { prefix: '' } } }] },
    'match.0.headers.a.prefix is "", no prefix that Envoy takes here',
  ],
  [{ route, match: [{ method: { prefix: '' } }] }, 'match.0.method.prefix is "", no prefix that Envoy takes here'],
  [
    { route, corsPolicy: { allowOrigins: [{ prefix: '' }] } },
    'corsPolicy.allowOrigins.0.prefix is "", no prefix that Envoy takes here',
  ],
  [sets('100%'), 'headers.request.set.x-a is with "%", no format of Envoy (a percent sign is %%, a variable %NAME%)'],
  [
    sets('%REQ(x)'),
    'headers.request.set.x-a is with "%REQ(x)", no format of Envoy (a percent sign is %%, a variable %NAME%)',
  ],
  [
    sets('%req(x)%'),
    'headers.request.set.x-a is with "%req(x)%", no format of Envoy (a percent sign is %%, a variable %NAME%) (*)',
  ],
  [sets('by %UNKNOWN% %ALSO%'), "headers.request.set.x-a is %UNKNOWN%, no variable of Envoy's (as of 1.40) (*)"],
  [
    sets('%REQ_WITHOUT_QUERY(:path)%'),
    "headers.request.set.x-a is %REQ_WITHOUT_QUERY%, no variable of Envoy's (as of 1.40) (*)",
  ],
  [sets('%REQ%'), 'headers.request.set.x-a is %REQ%, a variable of Envoy that wants an argument (*)'],
  [sets('a\nb'), 'headers.request.set.x-a is a text with a control character, no header'],
];

const taken: readonly HttpRoute[] = [
  { route: [{ ...(route[0] as { destination: { host: string } }), weight: 0 }] },
  { route: two.map((one, index) => ({ ...one, weight: index })) },
  { redirect: {} },
  { route, redirect: { uri: '/' } },
  { route, fault: {} },
  { route, match: [{ uri: { prefix: '' } }, { headers: { a: { regex: '*' } } }, { headers: { a: {} } }] },
  sets('100%%, %REQ(X-A?X-B):5% %START_TIME(%s)% %HOSTNAME%'),
  sets('%%UNKNOWN%% %DOWNSTREAM_PEER_URI_SAN% %UPSTREAM_METADATA(["a","b"])% %TRACE_ID%%PROTOCOL%'),
  sets(''),
  sets('50%', 'Host'),
];

test('what Envoy refuses of a route, and whether the webhook does', () => {
  const said = (http: HttpRoute): string[] =>
    refusedParts(http).map(
      ({ path, value, reason, passesWebhook }) =>
        `${path.join('.')} is ${value}, ${reason}${passesWebhook ? ' (*)' : ''}`,
    );
  for (const [http, expected] of refused) assert.equal(said(http), [expected], JSON.stringify(http));
  assert.equal(refusedParts({ delegate: { name: 'a' } }, true), []);
  for (const http of taken) assert.equal(said(http), [], JSON.stringify(http));
});

test.run();
