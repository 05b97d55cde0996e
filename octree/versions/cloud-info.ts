/** The description of a cloud. */

import { type FormatName, type FrameData, NO_FRAME_DATA } from '../formats/index.ts';
import type { Bounds, Vec3 } from '../geometry/index.ts';
import { isComplete } from '../hierarchy/index.ts';
import type { CloudVersion } from './version-store.ts';

export interface CloudInfo {
  readonly id: string;
  readonly format: FormatName;
  /** `[A-Za-z0-9_-]+`, the same on every instance. */
  readonly version: string;
  /** The extent of the data. */
  readonly bounds: Bounds;
  /** The cube of the octree. */
  readonly cube: Bounds;
  readonly points: number;
  /** Distance between the points of the root node, metres; it halves with every level. */
  readonly spacing: number;
  /** Number of nodes, if the root page of the hierarchy lists all of them; else null. */
  readonly nodes: number | null;
  /** False if no point has a colour. */
  readonly hasColour: boolean;
  /** Position of the scanner, if the cloud's metadata have it. */
  readonly sensor: Vec3 | null;
  /** Time and pose of the frame, if the cloud's metadata have them. */
  readonly frame: FrameData;
}

export function cloudInfo({ id, version, cloud }: CloudVersion): CloudInfo {
  const { format, bounds, cube, points, spacing, hasColour, sensor, frame = NO_FRAME_DATA, rootPage } = cloud;
  const nodes = isComplete(rootPage) ? rootPage.nodes.size : null;
  return { id, format, version, bounds, cube, points, spacing, nodes, hasColour, sensor, frame };
}
