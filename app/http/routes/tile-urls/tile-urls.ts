/**
 * Signed tile URLs: one route signs them for callers with a key, another checks them for a cache in front
 * that cannot check them itself.
 */
import { isNearboxError, NearboxError } from '../../../../cache/index.ts';
import { type Authenticator, RequestAccess } from '../../../access/index.ts';
import { tileUrlAnswerSchema, tileUrlSchema } from '../../../api/index.ts';
import { jsonBody, pathSegments } from '../../requests/index.ts';
import type { Route } from '../../route/index.ts';

/** How long a cache in front may keep the result of a check, seconds. */
const BELIEVED_SECONDS = 60;

export interface TileUrlOptions {
  readonly authenticator: Authenticator;
  readonly maxBodyBytes: number;
}

export function tileUrlRoutes({ authenticator, maxBodyBytes }: TileUrlOptions): Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/tile-urls',
      access: 'clouds',
      handler: async (c, request) => {
        const { scope, ttlSeconds } = await jsonBody(c, tileUrlSchema, maxBodyBytes, request);
        request.access.require(scope);
        if (authenticator.signer === null)
          throw new NearboxError('forbidden', 'this server does not sign URLs: --url-secrets is not set');
        const { expires, expiresAt, signature } = authenticator.signer.sign(scope, ttlSeconds);
        const query = String(new URLSearchParams({ scope, expires, signature }));
        return c.json({ scope, expires: expiresAt, query }, 200, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/v1/tile-urls',
          id: 'signTileUrls',
          summary:
            'Sign a query that gives access to the tiles of a cloud or of a folder of clouds for a limited time',
          tag: 'tiles',
          body: tileUrlSchema,
          example: { scope: '000000' },
          answers: {
            200: {
              description: 'Append `query` to any tile URL of the scope; `expires` is in seconds since 1970',
              content: tileUrlAnswerSchema,
            },
          },
          errors: ['invalid_request', 'forbidden', 'body_too_large', 'unsupported_media_type'],
        },
      ],
    },
    {
      method: 'GET',
      path: '/v1/tile-access',
      // The credentials to check are in the URL of the header, not in this request.
      access: 'open',
      handler: async (c, { signal }) => {
        const { segments, query } = originalUrl(c.req.header('x-original-uri'));
        const credentials = { authorization: c.req.header('authorization'), query };
        const caller = await authenticator.authenticate('clouds-or-signature', credentials, signal);
        const [first = '', ...rest] = segments;
        new RequestAccess(caller).require((first.startsWith('~') ? rest : segments).join('/'));
        const isSigned = caller.by === 'signature';
        const left = isSigned ? (authenticator.signer?.secondsUntil(query.expires!) ?? 0) : 0;
        const believed = Math.floor(Math.min(BELIEVED_SECONDS, left));
        return c.body(null, 204, { 'cache-control': believed > 0 ? `max-age=${believed}` : 'no-store' });
      },
      operations: [
        {
          path: '/v1/tile-access',
          id: 'checkTileAccess',
          summary:
            'Check whether the tile URL in the header X-Original-URI may be read: for `auth_request` of a cache in front',
          tag: 'tiles',
          headers: ['X-Original-URI'],
          answers: { 204: { description: 'Access is granted', headers: ['Cache-Control'] } },
          errors: ['invalid_request', 'unauthorized', 'forbidden'],
        },
      ],
    },
  ];
}

interface OriginalUrl {
  /** The segments after `/tiles/`. */
  readonly segments: readonly string[];
  readonly query: Readonly<Record<string, string>>;
}

/**
 * Parses the URL that the cache in front received, as the tiles route would.
 * @throws NearboxError `forbidden` if it is not the URL of a tile, or ambiguous. The code is always the same,
 *   because nginx turns any other status into 500.
 */
function originalUrl(header: string | undefined): OriginalUrl {
  const [, ...queries] = (header ?? '').split('?');
  const parameters = new URLSearchParams(queries.join('?'));
  const query = Object.fromEntries(parameters);
  if (parameters.size > Object.keys(query).length)
    throw new NearboxError('forbidden', 'a parameter of the URL occurs more than once');
  let segments: readonly string[] = [];
  try {
    segments = pathSegments(header ?? '');
  } catch (error) {
    if (isNearboxError(error)) throw new NearboxError('forbidden', error.message, { cause: error });
    throw error;
  }
  if (!header?.startsWith('/') || segments[0] !== 'tiles' || segments.length < 2)
    throw new NearboxError('forbidden', 'the URL in the header X-Original-URI is not below /tiles/');
  return { segments: segments.slice(1), query };
}
