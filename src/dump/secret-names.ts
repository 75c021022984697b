// Which names say that a value is a credential, for the places where no message of Envoy's API says it: a Struct, an Any
// of another type, an environment, headers, Kubernetes objects. A name alone never makes an object secret: `token` may
// be a provider, and `credentials` hold names of Secrets.

/** What the name of a field, header or variable says: `client_secret`, `clientSecret`, `X-Api-Key`, `DB_PASSWORDS`. */
export interface NameMeaning {
  /** The value is a credential. */
  readonly isCredential: boolean;
  /** As a header, the value is or carries a credential: authorization and cookies besides. */
  readonly isCredentialHeader: boolean;
  /** What it is compared with is a credential. Not that of a cookie: routes choose by what else is in one. */
  readonly isCredentialCondition: boolean;
  /** Of a message of Envoy that holds nothing but secrets, also where it is an object, a list or a number. */
  readonly isSecretObject: boolean;
  /** What is below are names of cookies, headers or Secrets: `cookie_names: {bearer_token: …}` of OAuth2. */
  readonly holdsNames: boolean;
}

/** Names of fields come again and again; keys of maps are without number. */
const known = new Map<string, NameMeaning>();
const mostKnown = 20_000;

export function meaningOf(name: string): NameMeaning {
  const before = known.get(name);
  if (before !== undefined) return before;
  const plain = name.replace(/[^A-Za-z0-9]/g, '').toLowerCase();
  const isCredential = credentialNames.test(plain) || /(?:^|[_.-])pass$/i.test(name);
  const isAuthorization = isCredential || authorizationNames.test(plain);
  const meaning = {
    isCredential,
    isCredentialHeader: isAuthorization || /^(?:set)?cookie$/.test(plain),
    isCredentialCondition: isAuthorization,
    isSecretObject: secretObjects.test(plain),
    holdsNames: /names?$/.test(plain),
  };
  if (known.size < mostKnown) known.set(name, meaning);
  return meaning;
}

/** The keys that let somebody in: `secret_key`, `AccountKey`. */
export const keyKinds: readonly string[] = [
  ...['api', 'private', 'access', 'encryption', 'signing', 'hmac', 'auth', 'subscription'],
  ...['secret', 'session', 'shared', 'master', 'account', 'license'],
];

const secretObjects = /(?:privatekey|password|passphrase|sessionticketkeys|genericsecret|pkcs12)$/;

const credentialNames = new RegExp(
  `(?:token|secret|password|passphrase|passwd|.pwd|credential|secretkeybase|(?:json|${keyKinds.join('|')})key)s?(?:v?\\d{1,2})?$`,
);

/** Headers for which what carries a credential is no word of it: CloudFront's to an origin, Honeycomb's of OpenTelemetry. */
const authorizationNames = /(?:authorization|jwt|jwtassertion|^xauth|originverify|honeycombteam)$/;

/** The private members of a JSON Web Key. Source: RFC 7518 sections 6.2.2, 6.3.2 and 6.4. */
export const privateJwkMembers: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k']);
