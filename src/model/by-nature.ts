// What differs between pods by nature, and so is no difference: the only things that a comparison of what Envoy holds
// leaves out. All else counts, whether this tool knows the field or not. Nothing below a filter or a TLS context
// is in this list, and of a route only the order of conditions that all have to be met.

import type { ElementKind } from './difference.ts';

export interface ByNature {
  /** `element`: what the dump has around each of its elements. */
  readonly of: ElementKind | 'element';
  /** Envoy's names of the fields, with dots, or one by one where a name has some; lists are not written. */
  readonly path: string | readonly string[];
  /** Without it: the field itself is left out. */
  readonly anyOrder?: true;
  readonly because: string;
}

export const byNature: readonly ByNature[] = [
  { of: 'element', path: 'name', because: 'stands inside of the element, too' },
  { of: 'element', path: 'client_status', because: 'what became of the last update; why one was rejected is compared' },
  { of: 'element', path: 'version_info', because: 'istiod numbers its pushes, each replica for itself' },
  { of: 'element', path: 'last_updated', because: 'the time at which this pod got it' },
  { of: 'element', path: 'error_state.last_update_attempt', because: 'the time at which this pod got it' },
  { of: 'element', path: 'error_state.version_info', because: 'istiod numbers its pushes, each replica for itself' },
  { of: 'element', path: 'error_state.failed_configuration', because: 'is not in force; why it failed is compared' },
  {
    of: 'listener',
    path: 'filter_chains',
    anyOrder: true,
    because:
      'the most specific match is taken, and none is there twice (docs of envoy.config.listener.v3.FilterChainMatch)',
  },
  {
    of: 'route configuration',
    path: 'virtual_hosts',
    anyOrder: true,
    because: 'found by their domains, of which none is there twice (envoy source/common/router/config_impl.cc)',
  },
  {
    of: 'virtual host',
    path: 'domains',
    anyOrder: true,
    because: 'the most specific domain is taken (envoy source/common/router/config_impl.cc findVirtualHost)',
  },
  {
    of: 'route',
    path: 'match.query_parameters',
    anyOrder: true,
    because: 'all have to be met, and istiod makes them of a map of Go, in another order each time (route.go)',
  },
  { of: 'route', path: 'match.dynamic_metadata', anyOrder: true, because: 'the same, for claims of a JWT' },
  { of: 'route', path: 'match.headers', anyOrder: true, because: 'the same, for two conditions on one header' },
  {
    of: 'filter chain',
    path: 'filter_chain_match.server_names',
    anyOrder: true,
    because: 'a set of names (envoy source/common/listener_manager/filter_chain_manager_impl.cc)',
  },
  {
    of: 'cluster',
    path: 'load_assignment.endpoints.priority',
    because: "by the pod's own locality (istio pilot/pkg/networking/core/loadbalancer applyLocalityFailover)",
  },
  {
    of: 'cluster',
    path: 'load_assignment.endpoints',
    anyOrder: true,
    because: "as a load assignment's; istiods do not list the endpoints of a ServiceEntry in one order",
  },
  { of: 'cluster', path: 'load_assignment.endpoints.lb_endpoints', anyOrder: true, because: 'the same' },
  { of: 'endpoint', path: 'priority', because: "by the pod's own locality; diff names it as such" },
  { of: 'endpoint', path: 'stats', because: 'counters' },
  { of: 'endpoint', path: 'success_rate', because: 'measured by this pod' },
  { of: 'endpoint', path: 'local_origin_success_rate', because: 'measured by this pod' },
  { of: 'endpoint', path: 'health_status', because: 'judged by this pod; diff compares what it comes to' },
  {
    of: 'load assignment',
    path: 'endpoints',
    anyOrder: true,
    because: 'balanced over by priority and weight (envoy source/common/upstream/upstream_impl.cc)',
  },
  { of: 'load assignment', path: 'endpoints.lb_endpoints', anyOrder: true, because: 'the same' },
  {
    of: 'assigned endpoint',
    path: 'health_status',
    because: 'judged by this pod; diff compares what /clusters says of it',
  },
  {
    of: 'assigned endpoint',
    path: 'locality_lb_endpoints.priority',
    because: "by the pod's own locality; diff names it as such",
  },
  {
    of: 'assigned endpoint',
    path: 'locality_lb_endpoints.load_balancing_weight',
    because: "by the pod's own locality (istio applyLocalityWeight); diff names it as such",
  },
  { of: 'bootstrap', path: 'node.id', because: "has the pod's name and address" },
  { of: 'bootstrap', path: 'node.locality', because: "the node's region and zone" },
  {
    of: 'bootstrap',
    path: 'node.extensions',
    because: 'what this build of Envoy can do; which build it is, is compared',
  },
  { of: 'bootstrap', path: 'node.metadata.NAME', because: "the pod's name" },
  { of: 'bootstrap', path: 'node.metadata.INSTANCE_IPS', because: "the pod's addresses" },
  { of: 'bootstrap', path: 'node.metadata.NODE_NAME', because: "the node's name" },
  { of: 'bootstrap', path: 'node.metadata.PLATFORM_METADATA', because: 'what the cloud says of the machine' },
  {
    of: 'bootstrap',
    path: 'node.metadata.ANNOTATIONS',
    because: 'network plugins write addresses of the pod into them',
  },
  { of: 'bootstrap', path: 'node.metadata.LABELS.pod-template-hash', because: 'tells pods of two rollouts apart' },
  { of: 'bootstrap', path: 'node.metadata.LABELS.controller-revision-hash', because: 'the same' },
  { of: 'bootstrap', path: 'node.metadata.LABELS.pod-template-generation', because: 'the same' },
  {
    of: 'bootstrap',
    path: ['node', 'metadata', 'LABELS', 'topology.kubernetes.io/region'],
    because: "Kubernetes from 1.35 on gives pods their node's (plugin/pkg/admission/podtopologylabels)",
  },
  {
    of: 'bootstrap',
    path: ['node', 'metadata', 'LABELS', 'topology.kubernetes.io/zone'],
    because: 'the same',
  },
];

/** Secrets that are compared not at all. */
export const ownIdentity = 'default';
