/**
 * Authenticates requests: by a bearer token, or for tiles by a signed URL. With keys off, everybody may ask.
 */
import { abortable, NearboxError } from '../../cache/index.ts';
import type { Caller, TokenCheck } from './caller.ts';
import { CloudScope } from './cloud-scope.ts';
import type { SignedQuery, UrlSigner } from './signed-urls.ts';

/** What a route requires before it answers. */
export type AccessNeed =
  /** Nothing: the answer contains no data of clouds. */
  | 'open'
  /** Any valid key. */
  | 'key'
  /** A key with access to the requested clouds; the route checks each cloud. */
  | 'clouds'
  /** As `clouds`, or a signed URL. */
  | 'clouds-or-signature';

/** The credentials in a request. */
export interface Credentials {
  readonly authorization: string | undefined;
  readonly query: Readonly<Record<string, string>>;
}

export interface AuthenticatorOptions {
  /** null: keys are off; everybody has access to everything. */
  readonly tokens: TokenCheck | null;
  /** null: signed URLs are off. */
  readonly signer: UrlSigner | null;
}

const EVERYBODY: Caller = { name: null, clouds: CloudScope.all, writes: CloudScope.all, by: 'nothing' };
const NOBODY: Caller = { name: null, clouds: CloudScope.none, writes: CloudScope.none, by: 'nothing' };

/** Longest accepted token. Longer headers are refused before. */
const MAX_TOKEN_LENGTH = 8192;
const BEARER = /^bearer +([\w.~+/-]+=*) *$/i;

export class Authenticator {
  readonly signer: UrlSigner | null;
  readonly #tokens: TokenCheck | null;

  constructor({ tokens, signer }: AuthenticatorOptions) {
    this.signer = signer;
    this.#tokens = tokens;
  }

  /** For a server without keys. */
  static readonly open = new Authenticator({ tokens: null, signer: null });

  /** True if keys are on: shared caches must then not keep answers. */
  get isLocked(): boolean {
    return this.#tokens !== null;
  }

  /**
   * @throws NearboxError `unauthorized` without a key or with a bad one, `forbidden` with a bad signature,
   *   `source_unavailable` if a key cannot be checked now; or the signal's reason.
   */
  async authenticate(need: AccessNeed, credentials: Credentials, signal: AbortSignal): Promise<Caller> {
    if (this.#tokens === null) return EVERYBODY;
    if (need === 'open') return NOBODY;
    const { query, authorization } = credentials;
    if (need === 'clouds-or-signature' && this.signer !== null && query.signature !== undefined)
      return this.signer.check(signedQuery(query));
    signal.throwIfAborted();
    return abortable(this.#tokens(tokenOf(authorization), signal), signal);
  }
}

function signedQuery({
  scope = '',
  expires = '',
  signature = '',
}: Readonly<Record<string, string>>): SignedQuery {
  return { scope, expires, signature };
}

/**
 * The token of `Authorization: Bearer TOKEN` (RFC 6750, 2.1). A key is never taken from a URL: URLs end up in
 * logs.
 */
function tokenOf(authorization: string | undefined): string {
  if (authorization === undefined)
    throw new NearboxError('unauthorized', 'the request needs a key: Authorization: Bearer KEY');
  const token = authorization.length <= MAX_TOKEN_LENGTH ? BEARER.exec(authorization)?.[1] : undefined;
  if (token === undefined)
    throw new NearboxError('unauthorized', 'the Authorization header must have the form: Bearer KEY');
  return token;
}
