/**
 * The interface of a format of octree clouds (EPT, Potree 1, Potree 2, COPC). Each has a folder of its own;
 * formats.ts lists them.
 */
import type { ByteRange, ByteSource, ObjectStat } from '../../cache/byte-source/index.ts';
import type { NodeEncoding } from '../decode/index.ts';
import type { Bounds, Key, Vec3 } from '../geometry/index.ts';
import type { HierarchyPage, OnDamage } from '../hierarchy/index.ts';
import type { FrameData } from './frame-data.ts';

export type FormatName = 'ept' | 'potree2' | 'potree1' | 'copc';

/** Size limits for the files of a cloud. */
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
  /**
   * With it, invalid records of hierarchy pages are reported and left out. Without it, such a page is
   * `corrupt_tile`.
   */
  readonly onDamage?: OnDamage | undefined;
}

export interface CloudFormat {
  readonly name: FormatName;
  /**
   * The file that every cloud of this format has, relative to the cloud; `''` if the cloud is a single file.
   */
  readonly metadataFile: string;
  /** Reads metadata and root hierarchy page, in parallel. null if there is no cloud of this format. */
  open(options: OpenOptions): Promise<FormatCloud | null>;
}

/** A file of the version, as it was when the cloud was opened. */
export interface Validator extends Pick<ObjectStat, 'placement' | 'unchangedMs'> {
  readonly path: string;
  /** null: the storage has no validators; the file is read again to detect a change. */
  readonly etag: string | null;
}

export function validatorOf(path: string, { etag, placement, unchangedMs }: ObjectStat): Validator {
  return { path, etag, placement, unchangedMs };
}

/** One version of a cloud: everything about it except its points. Immutable. */
export interface FormatCloud {
  readonly format: FormatName;
  /**
   * The version is the hash of these, in this order: metadata, root hierarchy page, and the size of a shared
   * data file.
   */
  readonly identity: readonly Uint8Array[];
  /** The files that `identity` comes from. As long as their validators stay the same, the version does. */
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
  /** Unpacked bytes of one point; null if they are not known before a read (LAZ). */
  readonly bytesPerPoint: number | null;
  /** False if no point has a colour. True if points have one, or the metadata do not say. */
  readonly hasColour: boolean;
  /** Reads from a file what the metadata do not say; only where they do not. */
  readonly readHasColour?: ((signal: AbortSignal | undefined) => Promise<boolean>) | undefined;
  /** Points may lie outside of the cube of their node by this much: one scale step. */
  readonly pad: Vec3;
  readonly rootPage: HierarchyPage;
  /** Estimated memory of this object, bytes. */
  readonly bytes: number;
  /** Loads a hierarchy page below the root page. `range` is its entry in `ranges` of the page above. */
  loadPage(root: Key, signal: AbortSignal, range: ByteRange | null): Promise<HierarchyPage>;
  /** Where the points of a node are stored. `range` is its entry in `ranges` of the page. */
  locate(key: Key, points: number, range: ByteRange | null): NodeLocation;
}

export interface NodeLocation {
  readonly path: string;
  /** The range of the file; null for the whole file. */
  readonly range: ByteRange | null;
  /** Stored bytes, if known before the read. A different size is `corrupt_tile`. */
  readonly storedBytes: number | null;
  readonly encoding: NodeEncoding;
}
