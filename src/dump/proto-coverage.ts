// Which fields of Envoy's messages this tool evaluates, which it names as not evaluated, and which cannot change its
// answers. A field on no list is newer than the list: the tool names it as not evaluated. Source: the protos named at
// each message; test/dump/proto-coverage.test.ts holds them against the generated table of Envoy's messages.

import { field, fieldNames, inBothSpellings, type JsonObject } from '#core/json.ts';

export interface Coverage {
  readonly evaluated: string;
  /** May change the answer: `explain` names it. */
  readonly caveat: string;
  /** By the reason why it cannot. */
  readonly noEffect: Readonly<Record<string, string>>;
}

const responseHeaders = 'response_headers_to_add response_headers_to_remove';

export const coverage = {
  // envoy/config/route/v3/route.proto
  RouteConfiguration: {
    evaluated:
      'name virtual_hosts internal_only_headers request_headers_to_add request_headers_to_remove ' +
      'most_specific_header_mutations_wins request_mirror_policies ignore_port_in_host_matching ' +
      'ignore_path_parameters_in_path_matching typed_per_filter_config',
    // Extensions that choose a route, or change the one that was chosen, also of the next ones.
    caveat: 'vhds vhost_header route_specifiers',
    noEffect: {
      'changes the answer of the service on its way back': responseHeaders,
      'Envoy checks it when it takes the configuration': 'validate_clusters max_direct_response_body_size_bytes',
      'a route that uses one says so': 'cluster_specifier_plugins',
      'for people and filters': 'metadata',
    },
  },
  // envoy/config/route/v3/route_components.proto, also the next ones
  VirtualHost: {
    evaluated:
      'name domains routes matcher require_tls request_headers_to_add request_headers_to_remove cors ' +
      'typed_per_filter_config retry_policy request_mirror_policies',
    caveat: 'route_specifiers',
    noEffect: {
      'changes the answer of the service on its way back': `${responseHeaders} include_attempt_count_in_response`,
      statistics: 'virtual_clusters',
      'only tells a filter, which is named where it may answer': 'rate_limits',
      'how often and how long the service is tried':
        'retry_policy_typed_config hedge_policy include_request_attempt_count include_is_timeout_retry_header',
      'large bodies': 'per_request_buffer_limit_bytes request_body_buffer_limit',
      'for people and filters': 'metadata',
    },
  },
  Route: {
    evaluated:
      'name match route redirect direct_response filter_action non_forwarding_action typed_per_filter_config ' +
      'request_headers_to_add request_headers_to_remove metadata',
    caveat: 'route_specifiers',
    noEffect: {
      'changes the answer of the service on its way back': responseHeaders,
      'tracing and statistics': 'decorator tracing stat_prefix',
      'large bodies': 'per_request_buffer_limit_bytes request_body_buffer_limit',
    },
  },
  RouteMatch: {
    evaluated:
      'prefix path safe_regex path_separated_prefix connect_matcher path_match_policy case_sensitive runtime_fraction ' +
      'headers query_parameters grpc',
    // Conditions of the route: it is taken only if they hold.
    caveat: 'cookies tls_context dynamic_metadata filter_state',
    noEffect: {},
  },
  RouteAction: {
    evaluated:
      'cluster cluster_header weighted_clusters cluster_specifier_plugin inline_cluster_specifier_plugin ' +
      'cluster_not_found_response_code prefix_rewrite regex_rewrite path_rewrite_policy host_rewrite_literal ' +
      'auto_host_rewrite host_rewrite_header host_rewrite_path_regex timeout idle_timeout retry_policy ' +
      'request_mirror_policies hash_policy cors priority upgrade_configs',
    caveat:
      'metadata_match path_rewrite host_rewrite internal_redirect_policy internal_redirect_action max_internal_redirects',
    noEffect: {
      'a header for the service': 'append_x_forwarded_host',
      'how often and how long the service is tried':
        'flush_timeout retry_policy_typed_config max_grpc_timeout grpc_timeout_offset hedge_policy max_stream_duration ' +
        'early_data_policy',
      'only tells a filter, which is named where it may answer': 'rate_limits include_vh_rate_limits',
    },
  },
  RouteUpgradeConfig: {
    evaluated: 'upgrade_type enabled',
    caveat: '',
    noEffect: { 'how the service is spoken to': 'connect_config' },
  },
  WeightedCluster: {
    evaluated: 'clusters total_weight runtime_key_prefix header_name',
    caveat: 'use_hash_policy',
    noEffect: {},
  },
  ClusterWeight: {
    evaluated:
      'name cluster_header weight request_headers_to_add request_headers_to_remove typed_per_filter_config ' +
      'host_rewrite_literal',
    caveat: 'metadata_match',
    noEffect: { 'changes the answer of the service on its way back': responseHeaders },
  },
  RedirectAction: {
    evaluated:
      'https_redirect scheme_redirect host_redirect port_redirect path_redirect prefix_rewrite regex_rewrite ' +
      'response_code strip_query',
    caveat: 'path_rewrite',
    noEffect: {},
  },
  DirectResponseAction: { evaluated: 'status body', caveat: 'body_format', noEffect: {} },
  // Of RouteAction, also the next ones.
  RequestMirrorPolicy: {
    evaluated: 'cluster cluster_header runtime_fraction',
    caveat: '',
    noEffect: {
      'what the mirror gets':
        'trace_sampled disable_shadow_host_suffix_append request_headers_mutations host_rewrite_literal',
    },
  },
  HashPolicy: {
    evaluated: '',
    caveat: '',
    noEffect: {
      'which of the endpoints is taken, and that is said to be by hash':
        'header cookie connection_properties query_parameter filter_state terminal',
    },
  },
  ClusterSpecifierPlugin: {
    evaluated: 'extension',
    caveat: '',
    noEffect: { 'Envoy checks it when it takes the configuration': 'is_optional' },
  },
  RetryPolicy: {
    evaluated: 'retry_on num_retries per_try_timeout',
    caveat: '',
    noEffect: {
      'how often and how long the service is tried':
        'per_try_idle_timeout retry_priority retry_host_predicate retry_options_predicates ' +
        'host_selection_retry_max_attempts retriable_status_codes retry_back_off rate_limited_retry_back_off ' +
        'retriable_headers retriable_request_headers refresh_cluster_on_retry',
    },
  },
  // Without fields.
  ConnectMatcher: { evaluated: '', caveat: '', noEffect: {} },
  GrpcRouteMatchOptions: { evaluated: '', caveat: '', noEffect: {} },
  NonForwardingAction: { evaluated: '', caveat: '', noEffect: {} },
  // A route with one is said to act by it.
  FilterAction: { evaluated: 'action', caveat: '', noEffect: {} },
  // envoy/config/core/v3/base.proto, also the next ones
  HeaderValueOption: { evaluated: 'header append append_action keep_empty_value', caveat: '', noEffect: {} },
  HeaderValue: {
    evaluated: 'key value',
    caveat: '',
    noEffect: { 'only what filters are answered has it': 'raw_value' },
  },
  RuntimeFractionalPercent: { evaluated: 'default_value runtime_key', caveat: '', noEffect: {} },
  DataSource: {
    evaluated: 'inline_bytes inline_string',
    caveat: 'filename environment_variable',
    noEffect: { 'how a file is read again': 'watched_directory' },
  },
  Metadata: {
    evaluated: 'filter_metadata',
    caveat: '',
    noEffect: { 'for filters': 'typed_filter_metadata' },
  },
  TypedExtensionConfig: { evaluated: 'name typed_config', caveat: '', noEffect: {} },
  // envoy/type/v3, envoy/type/matcher/v3
  Percent: { evaluated: 'value', caveat: '', noEffect: {} },
  FractionalPercent: { evaluated: 'numerator denominator', caveat: '', noEffect: {} },
  Int64Range: { evaluated: 'start end', caveat: '', noEffect: {} },
  // An own matcher is a condition that is named.
  StringMatcher: { evaluated: 'exact prefix suffix safe_regex contains custom ignore_case', caveat: '', noEffect: {} },
  RegexMatcher: {
    evaluated: 'regex',
    caveat: '',
    noEffect: { 'the only engine that there is': 'google_re2' },
  },
  RegexMatchAndSubstitute: { evaluated: 'pattern substitution', caveat: '', noEffect: {} },
  HeaderMatcher: {
    evaluated:
      'name exact_match safe_regex_match range_match present_match prefix_match suffix_match contains_match ' +
      'string_match invert_match treat_missing_header_as_empty',
    caveat: '',
    noEffect: {},
  },
  QueryParameterMatcher: { evaluated: 'name string_match present_match', caveat: '', noEffect: {} },
  FilterConfig: {
    evaluated: 'config disabled',
    caveat: '',
    noEffect: { 'Envoy checks it when it takes the configuration': 'is_optional' },
  },
  // envoy/extensions/filters/http/cors/v3/cors.proto
  CorsPolicy: {
    evaluated:
      'allow_origin_string_match allow_methods allow_headers expose_headers max_age allow_credentials filter_enabled ' +
      'forward_not_matching_preflights',
    caveat: '',
    noEffect: { statistics: 'shadow_enabled', 'a header of the answer': 'allow_private_network_access' },
  },
  // envoy/extensions/filters/http/fault/v3/fault.proto, also FaultAbort; filters/common/fault/v3 FaultDelay
  HTTPFault: {
    evaluated: 'delay abort upstream_cluster headers downstream_nodes',
    caveat:
      'max_active_faults delay_percent_runtime abort_percent_runtime delay_duration_runtime abort_http_status_runtime ' +
      'max_active_faults_runtime abort_grpc_status_runtime',
    noEffect: {
      'how fast the answer comes': 'response_rate_limit response_rate_limit_percent_runtime',
      statistics: 'disable_downstream_cluster_stats filter_metadata',
    },
  },
  HeaderAbort: { evaluated: '', caveat: '', noEffect: {} },
  HeaderDelay: { evaluated: '', caveat: '', noEffect: {} },
  FaultAbort: {
    evaluated: 'http_status grpc_status header_abort percentage',
    caveat: '',
    noEffect: { 'the text of the answer': 'response_body' },
  },
  FaultDelay: { evaluated: 'fixed_delay header_delay percentage', caveat: '', noEffect: {} },
  // envoy/extensions/filters/network/http_connection_manager/v3/http_connection_manager.proto
  HttpConnectionManager: {
    evaluated:
      'rds route_config scoped_routes http_filters add_user_agent common_http_protocol_options ' +
      'scheme_header_transformation access_log use_remote_address xff_num_trusted_hops skip_xff_append via ' +
      'generate_request_id preserve_external_request_id forward_client_cert_details normalize_path merge_slashes ' +
      'path_with_escaped_slashes_action strip_matching_host_port strip_any_host_port strip_trailing_host_dot ' +
      'append_x_forwarded_port upgrade_configs',
    caveat:
      'original_ip_detection_extensions early_header_mutation_extensions forward_client_cert_matcher ' +
      'local_reply_config typed_header_validation_config forward_proto_config codec_type proxy_status_config',
    noEffect: {
      'what is written of requests':
        'stat_prefix tracing access_log_flush_interval flush_access_log_on_new_request access_log_options ' +
        'record_route_resolution_stats',
      'headers of the answer':
        'server_name server_header_transformation always_set_request_id_in_response append_local_overload',
      'how long connections last':
        'http1_safe_max_connection_duration stream_idle_timeout stream_flush_timeout request_timeout ' +
        'request_headers_timeout drain_timeout drain_timeout_jitter delayed_close_timeout',
      'how requests are read from the wire, or very large ones':
        'http_protocol_options http2_protocol_options http3_protocol_options max_request_headers_kb ' +
        'stream_error_on_invalid_http_message proxy_100_continue',
      'clients count as external, and that is said': 'internal_address_config',
      'values that are not known beforehand, and are said to be so':
        'set_current_client_cert_details request_id_extension represent_ipv4_remote_address_as_ipv4_mapped_ipv6 ' +
        'add_proxy_protocol_connection_state',
      'Envoy does not implement it': 'path_normalization_options',
    },
  },
  UpgradeConfig: { evaluated: 'upgrade_type filters enabled', caveat: '', noEffect: {} },
  Rds: { evaluated: 'route_config_name', caveat: '', noEffect: { 'where routes come from': 'config_source' } },
  ScopedRoutes: {
    evaluated: '',
    caveat: '',
    noEffect: {
      'that routes are chosen by scope is said':
        'name scope_key_builder rds_config_source scoped_route_configurations_list scoped_rds',
    },
  },
  HttpFilter: {
    evaluated: 'name typed_config config_discovery disabled',
    caveat: '',
    noEffect: { 'Envoy checks it when it takes the configuration': 'is_optional' },
  },
  // envoy/config/core/v3/protocol.proto
  HttpProtocolOptions: {
    evaluated: 'headers_with_underscores_action',
    caveat: '',
    noEffect: {
      'how long connections last':
        'idle_timeout max_connection_duration max_connection_duration_jitter max_stream_duration ' +
        'max_requests_per_connection',
      'very large requests and answers': 'max_headers_count max_response_headers_kb',
    },
  },
  SchemeHeaderTransformation: {
    evaluated: 'scheme_to_overwrite',
    caveat: '',
    noEffect: { 'a header for the service': 'match_upstream' },
  },
  // envoy/config/listener/v3/listener.proto
  Listener: {
    evaluated:
      'name address additional_addresses filter_chains filter_chain_matcher default_filter_chain listener_filters ' +
      'udp_listener_config',
    caveat: 'fcds_config use_original_dst bind_to_port api_listener internal_listener',
    noEffect: {
      'what is written of connections': 'stat_prefix access_log metadata traffic_direction stats_matcher',
      'how connections are taken':
        'per_connection_buffer_limit_bytes per_connection_buffer_high_watermark_timeout listener_filters_timeout ' +
        'continue_on_listener_filters_timeout transparent ' +
        'freebind socket_options tcp_fast_open_queue_length connection_balance_config reuse_port enable_reuse_port ' +
        'tcp_backlog_size max_connections_to_accept_per_socket_event enable_mptcp ignore_global_conn_limit ' +
        'bypass_overload_manager tcp_keepalive',
      'how it ends': 'drain_type',
      'Envoy does not have it any more': 'deprecated_v1',
    },
  },
  // envoy/config/listener/v3/listener_components.proto
  FilterChain: {
    evaluated: 'filter_chain_match filters transport_socket name',
    // What comes without a PROXY header is closed.
    caveat: 'use_proxy_proto',
    noEffect: {
      'how long connections last': 'transport_socket_connect_timeout',
      'for people and filters': 'metadata',
    },
  },
  FilterChainMatch: {
    evaluated:
      'destination_port prefix_ranges direct_source_prefix_ranges source_type source_prefix_ranges source_ports ' +
      'server_names transport_protocol application_protocols',
    caveat: '',
    noEffect: { 'Envoy does not implement it': 'address_suffix suffix_len' },
  },
  // envoy/extensions/filters/network/tcp_proxy/v3/tcp_proxy.proto, also the next ones
  TcpProxy: {
    evaluated: 'cluster weighted_clusters access_log',
    caveat: 'tunneling_config metadata_match on_demand',
    noEffect: {
      'what is written of connections':
        'stat_prefix access_log_flush_interval flush_access_log_on_connected access_log_options',
      'how long connections last':
        'idle_timeout downstream_idle_timeout upstream_idle_timeout max_downstream_connection_duration ' +
        'max_downstream_connection_duration_jitter_percentage check_drain_close',
      'how connections to the service are made and kept':
        'max_connect_attempts backoff_options upstream_connect_mode max_early_data_bytes',
      'which of the endpoints is taken': 'hash_policy',
      'what the gateway tells the service beside the request': 'proxy_protocol_tlvs proxy_protocol_tlv_merge_policy',
    },
  },
  TcpWeightedCluster: { evaluated: 'clusters', caveat: '', noEffect: {} },
  TcpClusterWeight: { evaluated: 'name weight', caveat: 'metadata_match', noEffect: {} },
  // envoy/config/cluster/v3/cluster.proto, also the next ones
  Cluster: {
    evaluated:
      'name type cluster_type eds_cluster_config load_assignment lb_policy load_balancing_policy common_lb_config ' +
      'original_dst_lb_config circuit_breakers outlier_detection connect_timeout transport_socket ' +
      'transport_socket_matches typed_extension_protocol_options upstream_http_protocol_options metadata',
    // What the request has to say of endpoints, and what becomes of it on the way to them.
    caveat: 'lb_subset_config upstream_config transport_socket_matcher',
    noEffect: {
      'what is written of requests':
        'alt_stat_name stats_matcher track_timeout_budgets track_cluster_stats lrs_server lrs_report_endpoint_metrics',
      'which of the endpoints is taken':
        'ring_hash_lb_config maglev_lb_config least_request_lb_config round_robin_lb_config',
      'the endpoints that Envoy has are asked for':
        'health_checks dns_refresh_rate dns_jitter dns_failure_refresh_rate respect_dns_ttl dns_lookup_family ' +
        'dns_resolvers use_tcp_for_dns_lookups dns_resolution_config typed_dns_resolver_config wait_for_warm_on_init ' +
        'cleanup_interval ignore_health_on_host_removal',
      'how connections to the service are made and kept':
        'per_connection_buffer_limit_bytes per_connection_buffer_high_watermark_timeout max_requests_per_connection ' +
        'common_http_protocol_options http_protocol_options http2_protocol_options upstream_bind_config ' +
        'protocol_selection upstream_connection_options close_connections_on_host_health_failure preconnect_policy ' +
        'connection_pool_per_downstream_connection queuing_policies',
      'what the gateway tells the service beside the request': 'filters',
    },
  },
  OriginalDstLbConfig: {
    evaluated: 'use_http_header http_header_name',
    caveat: 'metadata_key',
    noEffect: { 'which port of the endpoint is taken': 'upstream_port_override' },
  },
  CommonLbConfig: {
    evaluated: 'healthy_panic_threshold zone_aware_lb_config',
    caveat: '',
    noEffect: {
      'which of the endpoints is taken':
        'locality_weighted_lb_config consistent_hashing_lb_config ignore_new_hosts_until_first_hc override_host_status',
      'how connections to the service are made and kept': 'update_merge_window close_connections_on_host_set_change',
    },
  },
  ZoneAwareLbConfig: {
    evaluated: 'fail_traffic_on_panic',
    caveat: '',
    noEffect: { 'which of the endpoints is taken': 'routing_enabled min_cluster_size' },
  },
  // envoy/config/endpoint/v3/endpoint.proto ClusterLoadAssignment
  Policy: {
    evaluated: '',
    caveat: 'drop_overloads',
    noEffect: {
      'which of the endpoints is taken': 'overprovisioning_factor weighted_priority_health endpoint_stale_after',
    },
  },
} as const satisfies Readonly<Record<string, Coverage>>;

export type MessageName = keyof typeof coverage;

const understoodIn = new Map<MessageName, ReadonlySet<string>>();

function understood(message: MessageName): ReadonlySet<string> {
  const known = understoodIn.get(message);
  if (known !== undefined) return known;
  const { evaluated, noEffect }: Coverage = coverage[message];
  const names = inBothSpellings([evaluated, ...Object.values(noEffect)].join(' ').split(' '));
  understoodIn.set(message, names);
  return names;
}

/** Fields that are set, may change the answer, and are not evaluated: those of the list, and unknown ones. */
export function unevaluatedIn(message: MessageName, object: JsonObject | undefined): readonly string[] {
  if (object === undefined) return none;
  const names = fieldNames(object, understood(message));
  return names.length === 0 ? none : names.filter((name) => isSet(name, field(object.fields, name)));
}

const none: readonly string[] = [];

/**
 * A default that somebody has written out says nothing; a listener binds its port unless it says that it does not; the
 * status of a proxy changes codes only where it is told to (conn_manager_utility.cc setProxyStatusHeader).
 */
function isSet(name: string, value: unknown): boolean {
  if (name === 'bind_to_port') return value === false;
  if (name === 'codec_type') return value !== 'AUTO' && value !== 'HTTP3';
  if (name === 'proxy_status_config') return /"set_?recommended_?response_?code":true/i.test(JSON.stringify(value));
  return value !== false && value !== 0 && value !== '' && !(Array.isArray(value) && value.length === 0);
}

/** Absent where everything is evaluated. */
export function withUnevaluated(...names: readonly (readonly string[])[]): {
  readonly unevaluated?: readonly string[];
} {
  const all = names.flat();
  return all.length === 0 ? {} : { unevaluated: [...new Set(all)].sort() };
}
