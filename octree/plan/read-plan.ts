/** What a read of a region would fetch, node by node and byte by byte: known from the hierarchy, before any of it is fetched. */
import { neighbours, spanOf } from '../../cache/origin/index.ts';
import { Key } from '../geometry/index.ts';
import type { CloudVersion } from '../versions/index.ts';
import { type CloudInfo, cloudInfo } from '../versions/index.ts';
import type { Plan } from './plan.ts';
import type { PlannedNode } from './planned-node.ts';

/** A stretch of a stored file, named as below `/tiles/`: `ID/FILE`, or `ID` for a cloud that is one file. */
export interface StoredStretch {
  readonly file: string;
  /** null: the whole file. */
  readonly offset: number | null;
  /** null: not known before it is fetched, as the size of a file that a node has to itself, unless its points are stored as they are. */
  readonly bytes: number | null;
}

export interface ReadPlanNode extends StoredStretch {
  /** `D-X-Y-Z`. */
  readonly key: string;
  readonly points: number;
}

export interface ReadPlan {
  readonly cloud: CloudInfo;
  /** Shallow ones first. A node with points is never there without those above it. */
  readonly nodes: readonly ReadPlanNode[];
  /** The nodes as they are fetched: neighbouring stretches of one file are one. */
  readonly reads: readonly StoredStretch[];
  /** Points of the nodes, taken whole: some may lie outside of the region. */
  readonly points: number;
  /** Stored bytes of the nodes; null if any are not known. */
  readonly bytes: number | null;
  /** Distance between the points of the deepest nodes, metres; null if there is no node. */
  readonly spacing: number | null;
  /** True if nodes were left out for a budget. */
  readonly isTruncated: boolean;
  /** Bytes of metadata and hierarchy that this plan took from the storage. */
  readonly fetchedBytes: number;
}

export function readPlan(cloudVersion: CloudVersion, plan: Plan, fetchedBytes: number): ReadPlan {
  const nodes = plan.nodes.map((node) => toNode(cloudVersion, node));
  const deepest = plan.nodes.at(-1)?.key.depth;
  return {
    cloud: cloudInfo(cloudVersion),
    nodes,
    reads: readsOf(nodes),
    points: plan.points,
    bytes: total(nodes.map(({ bytes }) => bytes)),
    spacing: deepest === undefined ? null : cloudVersion.cloud.spacing / 2 ** deepest,
    isTruncated: plan.isTruncated,
    fetchedBytes,
  };
}

function toNode(cloudVersion: CloudVersion, { key, points, range }: PlannedNode): ReadPlanNode {
  const location = cloudVersion.cloud.locate(key, points, range);
  return {
    key: Key.format(key),
    points,
    file: tilePath(cloudVersion, location.path),
    offset: location.range?.offset ?? null,
    bytes: location.range?.length ?? location.storedBytes,
  };
}

/** The id and the path below the cloud; of a cloud that is one file, the id. */
function tilePath({ id, base }: CloudVersion, path: string): string {
  return base === `${path}/` ? id : `${id}/${path.slice(base.length)}`;
}

/** In the order of the files' first nodes. */
function readsOf(nodes: readonly ReadPlanNode[]): StoredStretch[] {
  const byFile = new Map<string, StoredStretch[]>();
  for (const { file, offset, bytes } of nodes)
    byFile.set(file, [...(byFile.get(file) ?? []), { file, offset, bytes }]);
  return [...byFile].flatMap(([file, stretches]) => {
    const ranges = stretches.flatMap(({ offset, bytes }) =>
      offset === null || bytes === null ? [] : [{ range: { offset, length: bytes } }],
    );
    if (ranges.length < stretches.length) return stretches;
    return neighbours(ranges).map((group) => {
      const { offset, length } = spanOf(group);
      return { file, offset, bytes: length };
    });
  });
}

function total(all: readonly (number | null)[]): number | null {
  return all.reduce<number | null>((sum, bytes) => (sum === null || bytes === null ? null : sum + bytes), 0);
}
