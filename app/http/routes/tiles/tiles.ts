/** Stored files and nodes of clouds, as they are: what clients of the formats read, and what a CDN holds. */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { type ErrorCode, isLoop, NearboxError } from '../../../../cache/index.ts';
import { Key, STORED_MEDIA_TYPES } from '../../../../octree/index.ts';
import type { Clouds } from '../../../clouds/index.ts';
import { bytesAnswer, IMMUTABLE, SHORT_LIVED } from '../../answers/index.ts';
import { segmentsBehind } from '../../requests/index.ts';
import { LARGE_ANSWER_BYTES, type Operation, type RequestScope, type Route } from '../../route/index.ts';

/** What marks requests of instances; see `cache/sources/cdn-loop.ts`. */
export interface LoopOptions {
  /** Reads of the clouds that this instance reads from: to answer such a one would take another. */
  readonly clouds: string | null;
  /** Reads of nodes by way of a CDN or another instance: answered without asking in turn. */
  readonly upstreams: readonly string[];
}

type TileReader = Pick<Clouds, 'files' | 'storedNode'>;

const VERSION = /^[A-Za-z0-9_-]+$/;

export function tileRoutes(
  reader: TileReader,
  loops: LoopOptions = { clouds: null, upstreams: [] },
): Route[] {
  return [
    {
      method: 'GET',
      path: '/tiles/*',
      access: 'clouds-or-signature',
      answerBytes: LARGE_ANSWER_BYTES,
      handler: async (c, scope) => {
        const segments = segmentsBehind(c.req.path, '/tiles/');
        if (loops.clouds !== null && isMarked(c, loops.clouds))
          throw new NearboxError(
            'loop_detected',
            'this instance reads its clouds from the URL that the request came through',
          );
        const [first = '', ...rest] = segments;
        if (!first.startsWith('~')) return file(reader, c, segments, null, scope);
        const version = first.slice(1);
        if (!VERSION.test(version))
          throw new NearboxError('version_gone', `${JSON.stringify(version)} is not a version`);
        const key = rest.length >= 3 && rest.at(-2) === 'nodes' ? Key.parse(rest.at(-1)!) : null;
        if (key === null) return file(reader, c, rest, version, scope);
        const isDirect = loops.upstreams.some((token) => isMarked(c, token));
        return node(reader, c, { id: rest.slice(0, -2).join('/'), version, key, isDirect }, scope);
      },
      operations: [
        operation('/tiles/{cloud}/{file}', 'readFile', 'A stored file of the present version'),
        operation('/tiles/{cloud}', 'readCopcFile', 'A COPC cloud: its only file'),
        operation('/tiles/~{version}/{cloud}/{file}', 'readFileOfVersion', 'A stored file of a version', [
          'version_gone',
        ]),
        operation('/tiles/~{version}/{cloud}', 'readCopcFileOfVersion', 'A COPC cloud of a version', [
          'version_gone',
        ]),
        operation(
          '/tiles/~{version}/{cloud}/nodes/{key}',
          'readNode',
          'The stored bytes of a node, whole, in every format',
          ['version_gone', 'corrupt_tile'],
        ),
      ],
    },
  ];
}

function file(
  { files }: TileReader,
  c: Context,
  segments: readonly string[],
  version: string | null,
  { signal, access, room }: RequestScope,
): Promise<Response> {
  const cacheControl = version === null ? SHORT_LIVED : IMMUTABLE;
  const path = segments.join('/');
  // Before anything is looked up: what is not open is not even known to be there.
  access.require(path);
  return files.use({ path, version, signal }, async (stored) => {
    access.require(stored.cloud.id);
    return bytesAnswer(c, stored, cacheControl, { signal, room });
  });
}

interface NodeRequest {
  readonly id: string;
  readonly version: string;
  readonly key: Key;
  readonly isDirect: boolean;
}

async function node(
  reader: TileReader,
  c: Context,
  { id, version, key, isDirect }: NodeRequest,
  { signal, access, room }: RequestScope,
): Promise<Response> {
  access.require(id);
  const { bytes } = await reader.storedNode(id, version, key, { signal, reach: isDirect ? 'direct' : 'any' });
  room.resize(bytes.byteLength);
  const stored = {
    mediaType: 'application/octet-stream',
    size: bytes.byteLength,
    isWhole: true,
    // Of the bytes themselves: so it is the same on every instance, whatever the storage calls them.
    etag: `"${createHash('sha256').update(bytes).digest('base64url').slice(0, 22)}"`,
    read: async ({ offset, length }: { readonly offset: number; readonly length: number }) =>
      bytes.subarray(offset, offset + length),
  };
  return bytesAnswer(c, stored, IMMUTABLE, { signal, room });
}

const CONTENT = STORED_MEDIA_TYPES.map((mediaType) => ({ mediaType }));

function isMarked(c: Context, token: string): boolean {
  return isLoop(token, { cdnLoop: c.req.header('cdn-loop'), via: c.req.header('via') });
}

function operation(path: string, id: string, summary: string, errors: readonly ErrorCode[] = []): Operation {
  return {
    path,
    id,
    summary,
    tag: 'tiles',
    headers: ['Range', 'If-Range', 'If-None-Match'],
    answers: {
      200: {
        description: 'The bytes',
        content: CONTENT,
        headers: ['ETag', 'Cache-Control', 'Accept-Ranges'],
      },
      206: {
        description: 'The range of them that was asked for',
        content: CONTENT,
        headers: ['ETag', 'Cache-Control', 'Accept-Ranges', 'Content-Range'],
      },
      304: { description: 'The caller has them', headers: ['ETag', 'Cache-Control'] },
    },
    errors: [
      'invalid_request',
      'not_found',
      'cloud_not_found',
      ...errors,
      'cloud_changed',
      'range_not_satisfiable',
      'source_unavailable',
      'deadline_exceeded',
      'loop_detected',
    ],
  };
}
