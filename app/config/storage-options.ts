/** Options of reading clouds: where they are, what is kept of them, what a request may take of them. */
import { z } from 'zod';
import { integer, type OptionSpec, yesOrNo } from '../options/index.ts';

export const STORAGE_SPECS = {
  clouds: {
    flag: 'clouds',
    value: 'URI',
    description:
      'where the clouds are: a folder, s3://bucket/prefix or an http(s):// base; the built-in demo sequence if left out',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  forbiddenMeansAbsent: {
    flag: 'forbidden-means-absent',
    value: 'YES',
    description:
      'read 403 from the storage as absent: S3 answers it for a missing key where the caller may not list',
    schema: yesOrNo,
    default: 'no',
  },
  followLinks: {
    flag: 'follow-links',
    value: 'YES',
    description:
      'follow symbolic links below a folder of clouds, as long as they stay in it; `no`: what lies behind one is not there, since a link can lead from a cloud that a key opens into one that it does not',
    schema: yesOrNo,
    default: 'no',
  },
  storageDates: {
    flag: 'storage-dates',
    value: 'HOW',
    description:
      'whether `Last-Modified` is when an object was put in its place, which saves a look at the version after a first click: `auto`, of S3 and other object stores; `trusted`, of every server behind --clouds; `ignored`, of none',
    schema: z.enum(['auto', 'trusted', 'ignored']),
    default: 'auto',
  },
  storageTimeoutMs: {
    flag: 'storage-timeout-ms',
    value: 'MS',
    description:
      'longest wait for S3 or HTTP to begin an answer, and between two pieces of it; then it is asked again, within a budget',
    schema: integer(1, 600_000),
    default: 2000,
  },
  readAheadPoints: {
    flag: 'read-ahead-points',
    value: 'N',
    description:
      'a click on a cloud of at most so many points has the rest of it read behind the answer, so that the next click finds it in memory; 0: never',
    schema: integer(0, 10_000_000),
    default: 262_144,
  },
  memoryBytes: {
    flag: 'memory-bytes',
    value: 'BYTES',
    description:
      'memory for decoded tiles, metadata and work in progress; what does not fit waits until its deadline and is then refused with `overloaded`; 0: no tile is kept',
    schema: integer(0, 2 ** 40),
    default: 384 * 2 ** 20,
  },
  diskCache: {
    flag: 'disk-cache',
    value: 'FOLDER',
    description:
      'where tiles as they are stored are kept, so that they outlive memory and restarts: a folder for this instance alone, on a local disk; none if left out',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  diskTileBytes: {
    flag: 'disk-tile-bytes',
    value: 'BYTES',
    description: 'the most that the tiles in --disk-cache take from the disk',
    schema: integer(2 ** 20, 2 ** 50),
    default: 4 * 2 ** 30,
  },
  diskTimeoutMs: {
    flag: 'disk-timeout-ms',
    value: 'MS',
    description:
      'a read from --disk-cache that takes longer is given up and the tile fetched from the origin',
    schema: integer(1, 60_000),
    default: 100,
  },
  versionTtlMs: {
    flag: 'version-ttl-ms',
    value: 'MS',
    description: 'how long a cloud version is trusted before the metadata is looked at again',
    schema: integer(0, 3_600_000),
    default: 5000,
  },
  versionStaleMs: {
    flag: 'version-stale-ms',
    value: 'MS',
    description:
      'how long beyond that it is still served while the storage fails or does not answer; 0: not at all',
    schema: integer(0, 86_400_000),
    default: 60_000,
  },
  tilesUrl: {
    flag: 'tiles-url',
    value: 'URL',
    description:
      'the /tiles of a CDN in front of instances like this one: nodes are read through it, and from --clouds where it fails; none if left out',
    schema: z.url({ protocol: /^https?$/ }).optional(),
    default: undefined,
  },
  peers: {
    flag: 'peers',
    value: 'LIST',
    description:
      'the instances of a region, this one included, as http://HOST:PORT with commas between; each node is read from --clouds by its owner among them. A name stands for one instance at each of its addresses; none if left out',
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
    description: 'what --tiles-url and --peers are asked with, as a bearer token, where they want keys',
    schema: z.string().min(1).optional(),
    default: undefined,
  },
  upstreamHedgeAfterMs: {
    flag: 'upstream-hedge-after-ms',
    value: 'MS',
    description: 'how long the CDN, or the owner of a node, is waited for before --clouds is read as well',
    schema: integer(1, 60_000),
    default: 300,
  },
  maxNodes: {
    flag: 'max-nodes',
    value: 'N',
    description: 'most nodes that one request may touch',
    schema: integer(1, 1_000_000),
    default: 4096,
  },
  maxPoints: {
    flag: 'max-points',
    value: 'N',
    description: 'most points that one request may read',
    schema: integer(1, 1_000_000_000),
    default: 20_000_000,
  },
} as const satisfies Record<string, OptionSpec>;
