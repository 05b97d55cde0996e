/** Who comes in, and by what: nothing where keys are off, else a bearer token, or for tiles a signed URL. */
import { NearboxError } from '../../cache/index.ts';
import type { Caller, TokenCheck } from './caller.ts';
import { CloudScope } from './cloud-scope.ts';
import type { SignedQuery, UrlSigner } from './signed-urls.ts';

/** What a route asks for before it answers. */
export type AccessNeed =
  /** Nothing: there is nothing of the clouds in it. */
  | 'open'
  /** Some key. */
  | 'key'
  /** A key that opens the clouds that are asked about; the route checks each of them. */
  | 'clouds'
  /** The same, or a signed URL. */
  | 'clouds-or-signature';

/** What a request brings. */
export interface Credentials {
  readonly authorization: string | undefined;
  readonly query: Readonly<Record<string, string>>;
}

export interface AuthenticatorOptions {
  /** null: keys are off, and everybody may touch everything. */
  readonly tokens: TokenCheck | null;
  /** null: no URL is signed here, and none is believed. */
  readonly signer: UrlSigner | null;
}

const EVERYBODY: Caller = { name: null, clouds: CloudScope.all, writes: CloudScope.all, by: 'nothing' };
const NOBODY: Caller = { name: null, clouds: CloudScope.none, writes: CloudScope.none, by: 'nothing' };

/** Longest token that is looked at. What is longer than a header may be never gets here. */
const MAX_TOKEN_LENGTH = 8192;
const BEARER = /^bearer +([\w.~+/-]+=*) *$/i;

export class Authenticator {
  readonly signer: UrlSigner | null;
  readonly #tokens: TokenCheck | null;

  constructor({ tokens, signer }: AuthenticatorOptions) {
    this.signer = signer;
    this.#tokens = tokens;
  }

  /** The door of a server without keys. */
  static readonly open = new Authenticator({ tokens: null, signer: null });

  /** True if keys are on: answers are then for those who asked, and for no shared cache. */
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
    return whileWaiting(this.#tokens(tokenOf(authorization), signal), signal);
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
    throw new NearboxError('unauthorized', 'a key is needed: Authorization: Bearer KEY');
  const token = authorization.length <= MAX_TOKEN_LENGTH ? BEARER.exec(authorization)?.[1] : undefined;
  if (token === undefined)
    throw new NearboxError('unauthorized', 'the header Authorization is not of the form Bearer KEY');
  return token;
}

/** The value, or the signal's reason if it aborts before that is there. */
async function whileWaiting<Value>(value: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  let leave = () => {};
  const left = new Promise<never>((_, reject) => {
    leave = () => reject(signal.reason as Error);
    signal.addEventListener('abort', leave, { once: true });
  });
  try {
    return await Promise.race([value, left]);
  } finally {
    signal.removeEventListener('abort', leave);
  }
}
