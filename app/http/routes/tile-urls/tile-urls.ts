/** Signed tile URLs: made here for callers with a key, and checked here for a cache in front that cannot do it itself. */
import { z } from 'zod';
import { NearboxError } from '../../../../cache/index.ts';
import { CLOUD_ID_PATTERN, MAX_CLOUD_ID_LENGTH } from '../../../../octree/index.ts';
import { type Door, isScope, RequestAccess } from '../../../access/index.ts';
import { jsonBody, segmentsOf } from '../../requests/index.ts';
import type { Route } from '../../route/index.ts';

const DEFAULT_TTL_SECONDS = 3600;
/** How long a cache in front may believe that a signature is good. */
const BELIEVED_SECONDS = 60;

const signSchema = z.strictObject({
  scope: z
    .string()
    .min(1)
    .max(MAX_CLOUD_ID_LENGTH)
    .refine(isScope, 'neither `*` nor the prefix of a cloud id')
    .meta({
      description: 'a cloud id, a folder of clouds, or `*`',
      pattern: String.raw`^(?:\*|${CLOUD_ID_PATTERN.slice(1, -1)}/?)$`,
      examples: ['000000'],
    }),
  ttlSeconds: z.int().min(1).default(DEFAULT_TTL_SECONDS).describe('clamped by the server'),
});

export interface TileUrlOptions {
  readonly door: Door;
  readonly maxBodyBytes: number;
}

export function tileUrlRoutes({ door, maxBodyBytes }: TileUrlOptions): Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/tile-urls',
      access: 'clouds',
      handler: async (c, { access }) => {
        const { scope, ttlSeconds } = await jsonBody(c, signSchema, maxBodyBytes);
        access.require(scope);
        if (door.signer === null)
          throw new NearboxError('forbidden', 'this server signs no URLs: it has no --url-secrets');
        const { expires, expiresAt, signature } = door.signer.sign(scope, ttlSeconds);
        const query = String(new URLSearchParams({ scope, expires, signature }));
        return c.json({ scope, expires: expiresAt, query }, 200, { 'cache-control': 'no-store' });
      },
      operations: [
        {
          path: '/v1/tile-urls',
          id: 'signTileUrls',
          summary: 'A query that opens the tiles of a cloud, or of a folder of clouds, for a while',
          body: signSchema,
          answers: {
            200: {
              description:
                'To be put behind any URL below /tiles of the scope; `expires` in seconds since 1970',
              content: z.object({ scope: z.string(), expires: z.int(), query: z.string() }),
            },
          },
          errors: ['invalid_request', 'forbidden', 'body_too_large', 'unsupported_media_type'],
        },
      ],
    },
    {
      method: 'GET',
      path: '/v1/tile-access',
      // It is the door for others: what it asks for is in the URL that it is told of.
      access: 'open',
      handler: async (c, { signal }) => {
        const asked = originalUrl(c.req.header('x-original-uri'));
        const query = Object.fromEntries(asked.searchParams);
        const isTwice = asked.searchParams.size > Object.keys(query).length;
        if (isTwice) throw new NearboxError('forbidden', 'a parameter of the URL is given more than once');
        const credentials = { authorization: c.req.header('authorization'), query };
        const caller = await door.enter('clouds-or-signature', credentials, signal);
        const [first = '', ...rest] = segmentsOf(asked, '/tiles/');
        new RequestAccess(caller).require((first.startsWith('~') ? rest : [first, ...rest]).join('/'));
        const isSigned = caller.by === 'signature';
        const left = isSigned ? (door.signer?.secondsUntil(query.expires!) ?? 0) : 0;
        const believed = Math.floor(Math.min(BELIEVED_SECONDS, left));
        return c.body(null, 204, { 'cache-control': believed > 0 ? `max-age=${believed}` : 'no-store' });
      },
      operations: [
        {
          path: '/v1/tile-access',
          id: 'checkTileAccess',
          summary:
            'Whether the tile URL in the header X-Original-URI may be read: for `auth_request` of a cache in front',
          headers: ['X-Original-URI'],
          answers: { 204: { description: 'It may', headers: ['Cache-Control'] } },
          errors: ['invalid_request', 'unauthorized', 'forbidden'],
        },
      ],
    },
  ];
}

/** Path and query as the cache in front got them. @throws NearboxError `forbidden` if they name no tile. */
function originalUrl(header: string | undefined): URL {
  const base = 'http://original';
  const url = header?.startsWith('/tiles/') && URL.canParse(base + header) ? new URL(base + header) : null;
  if (!url?.pathname.startsWith('/tiles/'))
    throw new NearboxError('forbidden', 'the header X-Original-URI names nothing below /tiles/');
  return url;
}
