// Which fields a config dump has: sections, their elements, and the first level inside each element's Any. Source:
// envoy/api/envoy/admin/v3/config_dump.proto and config_dump_shared.proto, envoy/api/envoy/config/*/v3 (Envoy 1.40).

/**
 * A message whose fields are known, a repeated field, a field without fields of its own, or a message that is not
 * looked into.
 */
export type Fields = { readonly [field: string]: Fields | 'list' | 'scalar' | 'message' };

const scalars = (names: string): Fields =>
  Object.fromEntries(names.split(' ').map((name) => [name, 'scalar' as const]));
const messages = (names: string): Fields =>
  Object.fromEntries(names.split(' ').map((name) => [name, 'message' as const]));

/** The repeated fields of each section, and the others that may be asked for by `mask`. */
export const sections: Readonly<Record<string, Fields>> = {
  BootstrapConfigDump: { bootstrap: 'message', last_updated: 'scalar' },
  ClustersConfigDump: {
    version_info: 'scalar',
    static_clusters: 'list',
    dynamic_active_clusters: 'list',
    dynamic_warming_clusters: 'list',
  },
  EcdsConfigDump: { ecds_filters: 'list' },
  EndpointsConfigDump: { static_endpoint_configs: 'list', dynamic_endpoint_configs: 'list' },
  ListenersConfigDump: { version_info: 'scalar', static_listeners: 'list', dynamic_listeners: 'list' },
  RoutesConfigDump: { static_route_configs: 'list', dynamic_route_configs: 'list' },
  ScopedRoutesConfigDump: { inline_scoped_route_configs: 'list', dynamic_scoped_route_configs: 'list' },
  SecretsConfigDump: { static_secrets: 'list', dynamic_active_secrets: 'list', dynamic_warming_secrets: 'list' },
};

const cluster = messages(
  'transport_socket_matches name alt_stat_name type cluster_type eds_cluster_config connect_timeout per_connection_buffer_limit_bytes lb_policy load_assignment health_checks ' +
    'max_requests_per_connection circuit_breakers upstream_http_protocol_options common_http_protocol_options http_protocol_options http2_protocol_options ' +
    'typed_extension_protocol_options dns_refresh_rate dns_failure_refresh_rate respect_dns_ttl dns_lookup_family dns_resolvers use_tcp_for_dns_lookups dns_resolution_config ' +
    'typed_dns_resolver_config wait_for_warm_on_init outlier_detection cleanup_interval upstream_bind_config lb_subset_config ring_hash_lb_config maglev_lb_config ' +
    'original_dst_lb_config least_request_lb_config round_robin_lb_config common_lb_config transport_socket metadata protocol_selection upstream_connection_options ' +
    'close_connections_on_host_health_failure ignore_health_on_host_removal filters load_balancing_policy lrs_server track_timeout_budgets upstream_config track_cluster_stats ' +
    'preconnect_policy connection_pool_per_downstream_connection',
);
const listener = messages(
  'name address additional_addresses stat_prefix filter_chains filter_chain_matcher use_original_dst default_filter_chain per_connection_buffer_limit_bytes metadata deprecated_v1 ' +
    'drain_type listener_filters listener_filters_timeout continue_on_listener_filters_timeout transparent freebind socket_options tcp_fast_open_queue_length traffic_direction ' +
    'udp_listener_config api_listener connection_balance_config reuse_port enable_reuse_port access_log tcp_backlog_size max_connections_to_accept_per_socket_event bind_to_port ' +
    'internal_listener enable_mptcp ignore_global_conn_limit bypass_overload_manager',
);
const routeConfig = messages(
  'name virtual_hosts vhds internal_only_headers response_headers_to_add response_headers_to_remove request_headers_to_add request_headers_to_remove ' +
    'most_specific_header_mutations_wins validate_clusters max_direct_response_body_size_bytes cluster_specifier_plugins request_mirror_policies ignore_port_in_host_matching ' +
    'ignore_path_parameters_in_path_matching typed_per_filter_config metadata',
);
const secret = messages('name tls_certificate session_ticket_keys validation_context generic_secret');
const endpoints = messages('cluster_name endpoints named_endpoints policy');

const dynamic = {
  version_info: 'scalar',
  last_updated: 'scalar',
  error_state: 'message',
  client_status: 'scalar',
} as const;

/**
 * The fields of one element of `resource`; an object is what is inside its Any, except for a dynamic listener, which
 * has three.
 */
const elements: Readonly<Record<string, Fields>> = {
  static_clusters: { cluster, last_updated: 'scalar' },
  dynamic_active_clusters: { ...dynamic, cluster },
  dynamic_warming_clusters: { ...dynamic, cluster },
  static_endpoint_configs: { endpoint_config: endpoints, last_updated: 'scalar' },
  dynamic_endpoint_configs: { ...dynamic, endpoint_config: endpoints },
  static_listeners: { listener, last_updated: 'scalar' },
  dynamic_listeners: {
    ...scalars('name client_status'),
    active_state: 'message',
    warming_state: 'message',
    draining_state: 'message',
    error_state: 'message',
  },
  static_route_configs: { route_config: routeConfig, last_updated: 'scalar' },
  dynamic_route_configs: { ...dynamic, route_config: routeConfig },
  static_secrets: { name: 'scalar', last_updated: 'scalar', secret },
  dynamic_active_secrets: { ...dynamic, name: 'scalar', secret },
  dynamic_warming_secrets: { ...dynamic, name: 'scalar', secret },
};

export const fieldsOf = (resource: string): Fields => elements[resource] ?? {};

/** The message type of one element, without its section: `DynamicCluster` of `dynamic_active_clusters`. */
export function elementType(resource: string): string {
  const singular = resource.replace(/^dynamic_(active|warming)_/, 'dynamic_').replace(/s$/, '');
  if (resource === 'ecds_filters') return 'EcdsFilterConfig';
  if (resource.includes('scoped')) return `${pascal(singular)}s`;
  return pascal(singular);
}

const pascal = (words: string): string => words.replace(/(?:^|_)(.)/g, (_, letter: string) => letter.toUpperCase());

/** The name that `name_regex` has to match; of an endpoint entry it is the EDS service's, where the cluster has one. */
export function nameOf(resource: string, element: unknown): string {
  const e = element as {
    readonly [key: string]: { readonly name?: string; readonly cluster_name?: string } | undefined;
  } & { readonly name?: string };
  if (typeof e.name === 'string') return e.name;
  const body = e.cluster ?? e.listener ?? e.route_config ?? e.endpoint_config ?? e.ecds_filter;
  return (resource.endsWith('endpoint_configs') ? body?.cluster_name : body?.name) ?? '';
}
