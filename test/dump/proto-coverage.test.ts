// Every field that the protos of Envoy (data-plane-api of January 2026) give to these messages has an entry, and one only.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { rootObject } from '#core/json.ts';
import { type Coverage, coverage, type MessageName, unevaluatedIn, withUnevaluated } from '#dump/proto-coverage.ts';

const fields: Readonly<Record<MessageName, string>> = {
  RouteConfiguration:
    'name virtual_hosts vhds internal_only_headers response_headers_to_add response_headers_to_remove ' +
    'request_headers_to_add request_headers_to_remove most_specific_header_mutations_wins validate_clusters max_direct_response_body_size_bytes cluster_specifier_plugins ' +
    'request_mirror_policies ignore_port_in_host_matching vhost_header ignore_path_parameters_in_path_matching typed_per_filter_config metadata',
  VirtualHost:
    'name domains routes matcher require_tls virtual_clusters ' +
    'rate_limits request_headers_to_add request_headers_to_remove response_headers_to_add response_headers_to_remove cors ' +
    'typed_per_filter_config include_request_attempt_count include_attempt_count_in_response retry_policy retry_policy_typed_config hedge_policy ' +
    'include_is_timeout_retry_header per_request_buffer_limit_bytes request_body_buffer_limit request_mirror_policies metadata',
  Route:
    'name match route redirect direct_response filter_action ' +
    'non_forwarding_action metadata decorator typed_per_filter_config request_headers_to_add request_headers_to_remove ' +
    'response_headers_to_add response_headers_to_remove tracing per_request_buffer_limit_bytes stat_prefix request_body_buffer_limit',
  RouteMatch:
    'prefix path path_separated_prefix safe_regex connect_matcher path_match_policy ' +
    'case_sensitive runtime_fraction headers query_parameters cookies grpc ' +
    'tls_context dynamic_metadata filter_state',
  RouteAction:
    'cluster cluster_header weighted_clusters cluster_specifier_plugin inline_cluster_specifier_plugin cluster_not_found_response_code ' +
    'metadata_match prefix_rewrite regex_rewrite path_rewrite_policy path_rewrite host_rewrite_literal ' +
    'auto_host_rewrite host_rewrite_header host_rewrite_path_regex host_rewrite append_x_forwarded_host timeout ' +
    'idle_timeout flush_timeout early_data_policy retry_policy retry_policy_typed_config request_mirror_policies ' +
    'priority rate_limits include_vh_rate_limits hash_policy cors max_grpc_timeout ' +
    'grpc_timeout_offset upgrade_configs internal_redirect_policy internal_redirect_action max_internal_redirects hedge_policy ' +
    'max_stream_duration',
  WeightedCluster: 'clusters total_weight runtime_key_prefix header_name use_hash_policy',
  ClusterWeight:
    'name cluster_header weight metadata_match request_headers_to_add request_headers_to_remove ' +
    'response_headers_to_add response_headers_to_remove typed_per_filter_config host_rewrite_literal',
  RedirectAction:
    'https_redirect scheme_redirect host_redirect port_redirect path_redirect prefix_rewrite ' +
    'regex_rewrite response_code strip_query',
  DirectResponseAction: 'status body body_format',
  HeaderMatcher:
    'name exact_match safe_regex_match range_match present_match prefix_match ' +
    'suffix_match contains_match string_match invert_match treat_missing_header_as_empty',
  QueryParameterMatcher: 'name string_match present_match',
  FilterConfig: 'config is_optional disabled',
  CorsPolicy:
    'allow_origin_string_match allow_methods allow_headers expose_headers max_age allow_credentials ' +
    'filter_enabled shadow_enabled allow_private_network_access forward_not_matching_preflights',
  HTTPFault:
    'delay abort upstream_cluster headers downstream_nodes max_active_faults ' +
    'response_rate_limit delay_percent_runtime abort_percent_runtime delay_duration_runtime abort_http_status_runtime max_active_faults_runtime ' +
    'response_rate_limit_percent_runtime abort_grpc_status_runtime disable_downstream_cluster_stats filter_metadata',
  FaultAbort: 'http_status grpc_status header_abort percentage',
  FaultDelay: 'fixed_delay header_delay percentage',
  HttpConnectionManager:
    'codec_type stat_prefix rds route_config scoped_routes http_filters ' +
    'add_user_agent tracing common_http_protocol_options http1_safe_max_connection_duration http_protocol_options http2_protocol_options ' +
    'http3_protocol_options server_name server_header_transformation scheme_header_transformation max_request_headers_kb stream_idle_timeout ' +
    'stream_flush_timeout request_timeout request_headers_timeout drain_timeout delayed_close_timeout access_log ' +
    'access_log_flush_interval flush_access_log_on_new_request access_log_options use_remote_address xff_num_trusted_hops original_ip_detection_extensions ' +
    'early_header_mutation_extensions internal_address_config skip_xff_append via generate_request_id preserve_external_request_id ' +
    'always_set_request_id_in_response forward_client_cert_details set_current_client_cert_details forward_client_cert_matcher proxy_100_continue represent_ipv4_remote_address_as_ipv4_mapped_ipv6 ' +
    'upgrade_configs normalize_path merge_slashes path_with_escaped_slashes_action request_id_extension local_reply_config ' +
    'strip_matching_host_port strip_any_host_port stream_error_on_invalid_http_message path_normalization_options strip_trailing_host_dot proxy_status_config ' +
    'typed_header_validation_config append_x_forwarded_port append_local_overload add_proxy_protocol_connection_state forward_proto_config',
  Listener:
    'name address additional_addresses stat_prefix filter_chains fcds_config ' +
    'filter_chain_matcher use_original_dst default_filter_chain per_connection_buffer_limit_bytes metadata deprecated_v1 ' +
    'drain_type listener_filters listener_filters_timeout continue_on_listener_filters_timeout transparent freebind ' +
    'socket_options tcp_fast_open_queue_length traffic_direction udp_listener_config api_listener connection_balance_config ' +
    'reuse_port enable_reuse_port access_log tcp_backlog_size max_connections_to_accept_per_socket_event bind_to_port ' +
    'internal_listener enable_mptcp ignore_global_conn_limit bypass_overload_manager tcp_keepalive',
  FilterChain:
    'filter_chain_match filters use_proxy_proto metadata transport_socket transport_socket_connect_timeout ' + 'name',
  FilterChainMatch:
    'destination_port prefix_ranges address_suffix suffix_len direct_source_prefix_ranges source_type ' +
    'source_prefix_ranges source_ports server_names transport_protocol application_protocols',
};

const words = (text: string): string[] => text.split(' ').filter((word) => word !== '');

for (const [message, names] of Object.entries(fields)) {
  test(`each field of ${message} is on one list`, () => {
    const { evaluated, caveat, noEffect }: Coverage = coverage[message as MessageName];
    const listed = [evaluated, caveat, ...Object.values(noEffect)].flatMap(words);
    assert.equal(listed.toSorted(), words(names).toSorted());
  });
}

test('what is not evaluated is named, and so is a field that nobody knows; a default that is written out is not', () => {
  const of = (message: MessageName, object: object) => unevaluatedIn(message, rootObject(object, 'the test'));
  assert.equal(of('RouteAction', { cluster: 'a', metadata_match: {}, brandNew: 1, priority: 'HIGH' }), [
    'metadata_match',
    'brand_new',
  ]);
  assert.equal(of('Listener', { use_original_dst: false, bind_to_port: true, fcds_config: [] }), []);
  assert.equal(of('Listener', { use_original_dst: true, bind_to_port: false }), ['use_original_dst', 'bind_to_port']);
  const manager = (fields: object): string[] => of('HttpConnectionManager', fields);
  assert.equal(manager({ codec_type: 'HTTP2', proxyStatusConfig: { setRecommendedResponseCode: true } }), [
    'codec_type',
    'proxy_status_config',
  ]);
  assert.equal(manager({ codec_type: 'AUTO', proxy_status_config: { remove_details: true } }), []);
  assert.equal(of('FilterChain', { use_proxy_proto: true }), ['use_proxy_proto']);
  assert.equal(unevaluatedIn('Route', undefined), []);
  assert.equal(withUnevaluated(['b'], ['a', 'b']), { unevaluated: ['a', 'b'] });
  assert.equal(withUnevaluated([], []), {});
});

test.run();
