// `auth-provider: oidc` of a kubeconfig. This tool sends a valid id token and does not refresh an expired one. An
// issuer gives a new refresh token with each id token, and only kubectl may write that into the kubeconfig. Source:
// client-go plugin/pkg/client/auth/oidc; RFC 7519 §4.1.4 (exp, seconds since 1970).

import type { User } from '@kubernetes/client-node';
import { ToolError } from '#core/error.ts';
import { field } from '#core/json.ts';

/** Throws ToolError `credentials` where the user's id token has expired or cannot be read. */
export function expectValidIdToken({ authProvider }: User, contextName: string, now: Date): void {
  if (authProvider?.name !== 'oidc') return;
  const expires = expiryOf(String(field(authProvider.config, 'id-token') ?? ''));
  if (expires !== undefined && expires > now.getTime()) return;
  const why =
    expires === undefined
      ? 'the kubeconfig has no id token of OIDC that can be read'
      : 'the id token of OIDC has expired';
  throw new ToolError('credentials', `cannot use the credentials of context ${contextName}: ${why}`, {
    hint: 'let kubectl get a new one and keep it: kubectl version; then run this command again',
  });
}

function expiryOf(token: string): number | undefined {
  try {
    const expires = field(JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')), 'exp');
    return typeof expires === 'number' ? expires * 1000 : undefined;
  } catch {
    return undefined;
  }
}
