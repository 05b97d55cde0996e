/** Options of reading clouds: where they are, what is kept of them, what a request may take of them. */
import { z } from 'zod';
import { READ_DEFAULTS } from '../../octree/index.ts';
import { integer, type OptionSpec, yesOrNo } from '../options/index.ts';

export const STORAGE_SPECS = {
  clouds: {
    flag: 'clouds',
    value: 'URI',
    description:
      'where the clouds are: a folder, s3://bucket/prefix or an http(s):// base; if left out, the built-in demo sequence',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  cameras: {
    flag: 'cameras',
    value: 'URI',
    description:
      'where calibrations and images of cameras are: a folder, s3://bucket/prefix or an http(s):// base, in the form of docs/cameras.md; if left out, there are none',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  cameraMaxBytes: {
    flag: 'camera-max-bytes',
    value: 'BYTES',
    description: 'largest image of a camera',
    schema: integer(1024, 256 * 2 ** 20),
    default: 16 * 2 ** 20,
  },
  forbiddenMeansAbsent: {
    flag: 'forbidden-means-absent',
    value: 'YES',
    description:
      'treat status 403 of the storage as "not found": S3 answers so for a missing key if the caller may not list',
    schema: yesOrNo,
    default: 'no',
  },
  followLinks: {
    flag: 'follow-links',
    value: 'YES',
    description:
      'whether symbolic links below a folder of clouds are followed if they stay in it; `no`: their targets count as missing, because a link could lead from a cloud that a key opens to one that it does not open',
    schema: yesOrNo,
    default: 'no',
  },
  storageDates: {
    flag: 'storage-dates',
    value: 'HOW',
    description:
      'servers whose `Last-Modified` is the time at which an object was stored; this saves a revalidation after a first click. `auto`: S3 and other object stores; `trusted`: every server behind --clouds; `ignored`: none',
    schema: z.enum(['auto', 'trusted', 'ignored']),
    default: 'auto',
  },
  storageTimeoutMs: {
    flag: 'storage-timeout-ms',
    value: 'MS',
    description:
      'timeout for the first byte of an answer of S3 or HTTP, and between two pieces of it; after it the request is sent again, within the retry budget',
    schema: integer(1, 600_000),
    default: 2000,
  },
  readAheadPoints: {
    flag: 'read-ahead-points',
    value: 'N',
    description:
      'after a click on a cloud of up to so many points, the rest of the cloud is read in the background, so that the next click finds it in memory; 0: never',
    schema: integer(0, 10_000_000),
    default: 262_144,
  },
  memoryBytes: {
    flag: 'memory-bytes',
    value: 'BYTES',
    description:
      'memory for tiles, metadata, work in progress, large bodies and answers; what does not fit waits until its deadline and is then refused with `overloaded`; 0: no tile is kept',
    schema: integer(0, 2 ** 40),
    default: 384 * 2 ** 20,
  },
  diskCache: {
    flag: 'disk-cache',
    value: 'FOLDER',
    description:
      'folder of the disk tier, which keeps stored tiles across restarts: on a local disk, used by this instance only; if left out, there is no disk tier',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  diskTileBytes: {
    flag: 'disk-tile-bytes',
    value: 'BYTES',
    description: 'most bytes that the tiles in --disk-cache take on the disk',
    schema: integer(2 ** 20, 2 ** 50),
    default: 4 * 2 ** 30,
  },
  diskTimeoutMs: {
    flag: 'disk-timeout-ms',
    value: 'MS',
    description: 'timeout of a read from --disk-cache; after it the tile is fetched from the origin',
    schema: integer(1, 60_000),
    default: 100,
  },
  versionTtlMs: {
    flag: 'version-ttl-ms',
    value: 'MS',
    description: 'how long a cloud version is used before it is revalidated',
    schema: integer(0, 3_600_000),
    default: READ_DEFAULTS.versionTtlMs,
  },
  versionStaleMs: {
    flag: 'version-stale-ms',
    value: 'MS',
    description:
      'how long after --version-ttl-ms a version is still served if the storage fails or does not answer; 0: not at all',
    schema: integer(0, 86_400_000),
    default: READ_DEFAULTS.versionStaleMs,
  },
  tilesUrl: {
    flag: 'tiles-url',
    value: 'URL',
    description:
      'URL of /tiles on a CDN in front of nearbox instances: nodes are read through it, or from --clouds if it fails; none if left out',
    schema: z.url({ protocol: /^https?$/ }).optional(),
    default: undefined,
  },
  peers: {
    flag: 'peers',
    value: 'LIST',
    description:
      'the instances of a region, including this one, as http://HOST:PORT, separated by commas; for each node, one of them is the owner, which reads it from --clouds. A host name stands for one instance at each of its addresses; none if left out',
    schema: z
      .string()
      .transform((list) => list.split(',').map((url) => url.trim()))
      .pipe(z.array(z.url({ protocol: /^http$/ })))
      .optional(),
    default: undefined,
  },
  tilesKey: {
    flag: 'tiles-key',
    value: 'TOKEN',
    description: 'bearer token for requests to --tiles-url and --peers, if these need keys',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  upstreamHedgeAfterMs: {
    flag: 'upstream-hedge-after-ms',
    value: 'MS',
    description: 'how long to wait for the CDN, or for the owner of a node, before --clouds is read as well',
    schema: integer(1, 60_000),
    default: 300,
  },
  maxNodes: {
    flag: 'max-nodes',
    value: 'N',
    description: 'most nodes that one request may need',
    schema: integer(1, 1_000_000),
    default: READ_DEFAULTS.maxNodes,
  },
  maxPoints: {
    flag: 'max-points',
    value: 'N',
    description: 'most points that one request may read',
    schema: integer(1, 1_000_000_000),
    default: READ_DEFAULTS.maxPoints,
  },
} as const satisfies Record<string, OptionSpec>;
