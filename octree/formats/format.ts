/** What a family of octree clouds (EPT, Potree 2 and 1, COPC) has to offer to be read. One folder each; formats.ts lists them. */
import type { ByteRange, ByteSource, ObjectStat } from '../../cache/byte-source/index.ts';
import type { NodeEncoding } from '../decode/index.ts';
import type { Bounds, Key, Vec3 } from '../geometry/index.ts';
import type { HierarchyPage, OnDamage } from '../hierarchy/index.ts';
import type { FrameData } from './frame-data.ts';

export type FormatName = 'ept' | 'potree2' | 'potree1' | 'copc';

/** Sizes beyond which a format's files are not believed. */
export interface FormatLimits {
  /** Largest metadata file or hierarchy page, as stored and unpacked, bytes. */
  readonly maxMetadataBytes: number;
}

export interface OpenOptions {
  readonly source: ByteSource;
  /** The cloud's id, for messages. */
  readonly id: string;
  /** What its paths begin with: `''` or `ID/`. */
  readonly base: string;
  readonly limits: FormatLimits;
  readonly signal: AbortSignal;
  /** With it, records of hierarchy pages that are not valid are reported and left out; without, their page is `corrupt_tile`. */
  readonly onDamage?: OnDamage | undefined;
}

export interface CloudFormat {
  readonly name: FormatName;
  /** The file that every cloud of this format has, relative to the cloud; `''` if the cloud is a single file. */
  readonly metadataFile: string;
  /** Reads the metadata and the root of the hierarchy, side by side; null if there is no cloud of this format. */
  open(options: OpenOptions): Promise<FormatCloud | null>;
}

/** A file of the version as the storage had it when the cloud was opened. */
export interface Validator extends Pick<ObjectStat, 'placement' | 'unchangedMs'> {
  readonly path: string;
  /** null: the file is read again to know whether it has changed. */
  readonly etag: string | null;
}

export function validatorOf(path: string, { etag, placement, unchangedMs }: ObjectStat): Validator {
  return { path, etag, placement, unchangedMs };
}

/** One version of one cloud, opened: everything about it that is not points. Immutable. */
export interface FormatCloud {
  readonly format: FormatName;
  /** What the version is a hash of, in order: metadata, root of the hierarchy, and what stands for single data files. */
  readonly identity: readonly Uint8Array[];
  /** The objects behind `identity`; while their validators stay, so does the version. */
  readonly validators: readonly Validator[];
  /** The octree's cube. */
  readonly cube: Bounds;
  /** The extent of the data. */
  readonly bounds: Bounds;
  readonly points: number;
  /** Distance between the points of the root, metres; it halves with every level. */
  readonly spacing: number;
  readonly sensor: Vec3 | null;
  /** When and where the frame was taken. Default: unknown. */
  readonly frame?: FrameData | undefined;
  /** How far outside of its node's cube a point may lie: one scale step. */
  readonly pad: Vec3;
  readonly rootPage: HierarchyPage;
  /** Bytes that this object occupies, roughly: for the memory tier. */
  readonly bytes: number;
  /** A page other than the root's; `range` is what `ranges` of the page above says of it. */
  loadPage(root: Key, signal: AbortSignal, range: ByteRange | null): Promise<HierarchyPage>;
  /** Where the points of a node are stored; `range` is what `ranges` of its page says of it. */
  locate(key: Key, points: number, range: ByteRange | null): NodeLocation;
}

export interface NodeLocation {
  readonly path: string;
  /** Its stretch of the file; null if it is the whole file. */
  readonly range: ByteRange | null;
  /** Stored bytes, if known before the read: another size is `corrupt_tile`. */
  readonly storedBytes: number | null;
  /** Bytes once unpacked, if known. */
  readonly unpackedBytes: number | null;
  readonly encoding: NodeEncoding;
}
