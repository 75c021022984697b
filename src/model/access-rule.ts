// What istiod makes of AuthorizationPolicies for a gateway: rules that a request meets or not.
// Source: envoy/config/rbac/v3/rbac.proto; istio pilot/pkg/security/authz/{builder,model}.

import type { HeaderMatch, StringMatch } from './match.ts';
import type { ObjectRef } from './resource.ts';

export interface AccessPolicies {
  /** `DENY`: what is met is refused; `ALLOW`: everything else is; `CUSTOM`: a service decides on what is met. */
  readonly action: string;
  /** NAMESPACE/NAME. */
  readonly names: readonly string[];
  /** All rules that the filter has; no part of documents, as they are long and the same in every filter chain. */
  readonly [accessRules]: readonly AccessRule[];
}

export const accessRules = Symbol('access rules');

export interface AccessRule {
  /** Undefined for a rule that no AuthorizationPolicy has brought. */
  readonly policy: ObjectRef | undefined;
  /** Its place in `spec.rules`. */
  readonly index: number;
  /** istiod refuses everything that it meets: it does not know the service that should decide. */
  readonly isWithoutProvider: boolean;
  readonly when: AccessCondition;
}

export type AccessCondition =
  | { readonly kind: 'always' }
  | { readonly kind: 'all' | 'any'; readonly of: readonly AccessCondition[] }
  | { readonly kind: 'not'; readonly of: AccessCondition }
  | { readonly kind: 'header'; readonly match: HeaderMatch }
  /** Without query and fragment. */
  | { readonly kind: 'path'; readonly match: StringMatch }
  /** Of the listener. */
  | { readonly kind: 'port'; readonly port: number }
  /** Who asks, or something that this tool does not evaluate. */
  | {
      readonly kind: 'unknown';
      readonly says: string;
      readonly isOfClient: boolean;
      /** It asks for something in a JSON Web Token: without one it is not met. */
      readonly isOfToken?: true;
    };
