import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { explainEntry, explainedCauses } from '#accesslog/causes.ts';
import { answererOf, isError } from '#accesslog/failure.ts';
import { explainDetails, explainTransportFailure, parseDetails } from '#accesslog/response-details.ts';
import { responseFlag, responseFlags, shortFlags } from '#accesslog/response-flags.ts';
import type { AccessEntry } from '#model/access-log.ts';

test('every flag of Envoy 1.40 is explained, each name is there once', () => {
  const known =
    'UH UF UO NR URX NC DT DC LH UT LR UR UC DI FI RL RLSE UAEX IH SI DPE UPE UMSDR RFCF NFCF OM DF DO UDO DR'.split(
      ' ',
    );
  assert.equal(responseFlags.map(({ short }) => short).sort(), [...known].sort());
  assert.is(new Set(responseFlags.map(({ long }) => long)).size, known.length);
  const byRequest = ['UH', 'UF', 'NR', 'NC'];
  for (const { next, ...flag } of responseFlags) {
    for (const text of Object.values(flag)) assert.ok(text.length > 1, flag.short);
    assert.is(next === undefined, byRequest.includes(flag.short), flag.short);
  }
  assert.is(responseFlag('XX'), undefined);
});

test('long names are the same flags', () => {
  assert.equal(shortFlags('UpstreamRetryLimitExceeded,UpstreamConnectionFailure'), ['URX', 'UF']);
  assert.equal(shortFlags('UH,NEW'), ['UH', 'NEW']);
});

test('details of every generation of Envoy say the same', () => {
  const oldest = parseDetails('upstream_reset_before_response_started{connection failure,TLS error: 268: x, y}');
  assert.equal(oldest, {
    name: 'upstream_reset_before_response_started',
    reset: 'connection failure',
    reason: 'TLS error: 268: x, y',
  });
  const middle = parseDetails('upstream_reset_before_response_started{connection_failure,TLS_error:_268}');
  assert.equal([middle.reset, middle.reason], ['connection failure', 'TLS error: 268']);
  const newest = parseDetails('upstream_reset_before_response_started{remote_connection_failure|TLS_error:_268}');
  assert.equal([newest.reset, newest.reason], ['remote connection failure', 'TLS error: 268']);
  assert.equal(parseDetails('via_upstream'), { name: 'via_upstream', reset: undefined, reason: undefined });
  assert.is(
    parseDetails('rbac_access_denied_matched_policy[ns[a]-policy[b]-rule[0]]').name,
    'rbac_access_denied_matched_policy',
  );
});

test('details of codecs are explained by their prefix, those of unknown filters not at all', () => {
  assert.is(explainDetails('ext_proc_error_gRPC_error_14'), 'the external processor failed: gRPC error 14');
  assert.is(explainDetails('http1.too_many_headers'), "the client's HTTP/1 is not valid: too many headers");
  assert.is(explainDetails('my_filter_said_no'), undefined);
  assert.match(explainDetails('upstream_reset_before_response_started{overflow}') ?? '', /circuit breaker is open$/);
});

test('transport failures as recorded come down to their cause', () => {
  const failures: readonly (readonly [string, RegExp])[] = [
    [
      'TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify_cert_failed:_X509_verify_cert:_certificate_verification_error_at_depth_0:_unable_to_get_local_issuer_certificate:TLS_error_end',
      /CA that the gateway does not trust/,
    ],
    ['delayed_connect_error:_Connection_refused', /nothing listens/],
    ['TLS error: 268435703:SSL routines:OPENSSL_internal:WRONG_VERSION_NUMBER', /plain text/],
    [
      'TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:verify_cert_failed:_verify_SAN_list',
      /another name/,
    ],
    ['TLS_error:|268435581:SSL_routines:OPENSSL_internal:CERTIFICATE_VERIFY_FAILED:certificate_has_expired', /expired/],
  ];
  for (const [reason, expected] of failures) assert.match(explainTransportFailure(reason) ?? '', expected);
  assert.is(explainTransportFailure('something else'), undefined);
});

test('who answered: the application, the gateway, nobody, or there was no request', () => {
  const of = answererOf;
  assert.is(
    of({ method: 'GET', responseCode: 503, responseCodeDetails: 'via_upstream', upstreamHost: 'a' }),
    'application',
  );
  assert.is(
    of({ method: 'GET', responseCode: 503, responseCodeDetails: 'no_healthy_upstream', responseFlags: ['UH'] }),
    'gateway',
  );
  assert.is(
    of({ method: 'GET', responseCode: 0, responseFlags: ['DC'], responseCodeDetails: 'downstream_remote_disconnect' }),
    'nobody',
  );
  assert.is(of({ responseCode: 0, responseFlags: ['NR'] }), 'connection');
  assert.is(of({}), 'connection');
  // Formats without details.
  assert.is(of({ method: 'GET', responseCode: 500, upstreamHost: 'a' }), 'application');
  assert.is(of({ method: 'GET', responseCode: 503, upstreamHost: 'a', responseFlags: ['UC'] }), 'gateway');
  assert.is(of({ method: 'GET', responseCode: 404, responseFlags: ['NR'] }), 'gateway');
});

test('an error is a 5xx, or a flag without a response; a 404 is none', () => {
  assert.equal(
    [
      { responseCode: 500 },
      { responseCode: 0, responseFlags: ['DC'] },
      { responseCode: 0 },
      { responseCode: 404, responseFlags: ['NR'] },
      {},
    ].map(isError),
    [true, true, false, false, false],
  );
});

test('what is fine is not explained; a flag of the future is named', () => {
  assert.equal(explainEntry({ responseCode: 200, responseCodeDetails: 'via_upstream' }), []);
  assert.equal(explainEntry({ responseCode: 0, responseFlags: ['NEWFLAG'] }), [
    { name: 'NEWFLAG', text: 'a flag that this version does not know', isReason: false },
  ]);
});

test('a 404 whose server name is another host is connection reuse', () => {
  const reused = { method: 'GET', responseCode: 404, responseFlags: ['NR'], responseCodeDetails: 'route_not_found' };
  const texts = explainEntry({ ...reused, serverName: 'one.example.test', authority: 'two.example.test:443' });
  assert.is(texts[0]?.name, 'connection reuse');
  assert.match(texts[0]?.text ?? '', 'the connection was opened for one.example.test and reused for two.example.test');
  assert.not.match(texts.map(({ text }) => text).join('\n'), 'no VirtualService has this host');
  const web = explainEntry({
    ...reused,
    responseCode: 200,
    serverName: 'one.example.test',
    authority: 'two.example.test',
  });
  assert.is(web[0]?.name, 'connection reuse');
  const same = explainEntry({ ...reused, serverName: 'two.example.test', authority: 'Two.example.test:443' });
  assert.equal(
    same.map(({ name }) => name),
    ['NR', 'route_not_found', 'next'],
  );
  // The server name never has the dot of an absolute name.
  for (const authority of ['Two.example.test.', 'two.example.test.:443']) {
    const [cause] = explainEntry({ ...reused, serverName: 'two.example.test', authority });
    assert.is(cause?.name, 'absolute name');
    assert.match(cause?.text ?? '', /takes two.example.test. for another host than two.example.test/i);
  }
});

test('the next step asks for what this very request met', () => {
  const failed = {
    responseCode: 503,
    method: 'GET',
    authority: 'a.example',
    path: "/x?a='b'",
    serverName: 'a.example',
  };
  const next = (over: Partial<AccessEntry>): unknown =>
    explainEntry({ ...failed, ...over }).find(({ name }) => name === 'next')?.text;
  assert.is(
    next({ responseFlags: ['NC'], downstreamLocalAddress: '10.0.0.1:8443' }),
    `kubectl istio-ingress explain 'https://a.example:8443/x?a='"'"'b'"'"`,
  );
  assert.is(
    next({ responseFlags: ['UH'], upstreamCluster: 'outbound|80||web' }),
    "kubectl istio-ingress endpoints --name 'outbound|80||web'",
  );
  assert.is(next({ responseFlags: ['UT'] }), undefined);
  const connection = explainEntry({ responseCode: 0, responseFlags: ['NR'], serverName: 'a.example' });
  assert.is(connection.at(-1)?.text, 'kubectl istio-ingress explain https://a.example/');
});

test('the policy that denies is named, and so is that none allows', () => {
  const denied = (inside: string): string | undefined => explainDetails(`rbac_access_denied_matched_policy[${inside}]`);
  assert.is(denied('ns[shop]-policy[deny-all]-rule[2]'), 'AuthorizationPolicy shop/deny-all denies it, by its rule 2');
  assert.match(denied('none') ?? '', /^no AuthorizationPolicy allows it/);
  assert.match(
    denied('default-deny-all-due-to-bad-CUSTOM-action') ?? '',
    /^an AuthorizationPolicy with action CUSTOM denies it, as istiod does not know/,
  );
  const custom = 'istio-ext-authz-who-ns[shop]-policy[ask]-rule[0]-deny-due-to-bad-CUSTOM-action';
  assert.is(
    denied(custom),
    'AuthorizationPolicy shop/ask denies it, by its rule 0, as istiod does not know the provider that it names',
  );
  const responseCodeDetails = `rbac_access_denied_matched_policy[${custom}]`;
  assert.is(
    explainEntry({ responseCode: 403, responseCodeDetails }).at(-1)?.text,
    'kubectl -n shop get authorizationpolicies.security.istio.io ask -o yaml',
  );
});

test("an answer that took too long is held against the route's own timeout", () => {
  const late = { method: 'GET', responseCode: 504, responseFlags: ['UT'], durationMs: 3001 };
  const textOf = (timeoutMs: number | undefined): string =>
    explainEntry(late, { timeoutMs }).find(({ name }) => name === 'timeout')?.text ?? '';
  assert.is(textOf(3000), "the route's timeout is 3 s; it took 3 s");
  assert.is(textOf(undefined), "the route's timeout is about what the request took; it took 3 s");
});

test('a reason is read of numbers and words, of its own field and of the details', () => {
  for (const reason of [
    'delayed connect error: 111',
    'delayed_connect_error:_111',
    'immediate connect error: Connection refused',
  ])
    assert.is(explainTransportFailure(reason), 'nothing listens on the port of the pod', reason);
  for (const details of [
    'connection_failure,delayed_connect_error:_113',
    'remote_connection_failure|delayed_connect_error:_No_route_to_host',
  ])
    assert.match(
      explainEntry({
        method: 'GET',
        responseCode: 503,
        responseFlags: ['UF'],
        responseCodeDetails: `upstream_reset_before_response_started{${details}}`,
      }).at(-1)?.text ?? '',
      'the address cannot be reached',
    );
});

test('a request that is being explained needs no step that explains it', () => {
  const gone = { responseCode: 503, responseFlags: ['NC'], method: 'GET', authority: 'a.example', path: '/' };
  assert.equal([explainEntry(gone).at(-1)?.name, explainedCauses(gone).at(-1)?.name], ['next', 'NC']);
  const unhealthy = { ...gone, responseFlags: ['UH'], upstreamCluster: 'outbound|80||a.b.svc.cluster.local' };
  assert.match(explainedCauses(unhealthy).at(-1)?.text ?? '', 'endpoints --name');
});

test.run();
