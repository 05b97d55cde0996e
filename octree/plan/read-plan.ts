/** The plan of a read, by node and by byte range; it needs the hierarchy only. */
import { neighbours, spanOf } from '../../cache/origin/index.ts';
import type { CloudVersion } from '../versions/index.ts';
import { type CloudInfo, cloudInfo } from '../versions/index.ts';
import type { Plan } from './plan.ts';
import type { PlannedNode } from './planned-node.ts';

/**
 * A byte range of a stored file, named as below `/tiles/`: `ID/FILE`, or `ID` for a cloud that is one file.
 */
export interface StoredStretch {
  readonly file: string;
  /** null: the whole file. */
  readonly offset: number | null;
  /** null: unknown before the read, because the node has its own file with compressed points. */
  readonly bytes: number | null;
}

export interface ReadPlanNode extends StoredStretch {
  /** `D-X-Y-Z`. */
  readonly key: string;
  readonly points: number;
}

export interface ReadPlan {
  readonly cloud: CloudInfo;
  /** In the order of depth. A node with points comes with all of its ancestors. */
  readonly nodes: readonly ReadPlanNode[];
  /** The requests: neighbouring ranges of one file are merged into one. */
  readonly reads: readonly StoredStretch[];
  /** Points of these nodes. Some may lie outside of the region. */
  readonly points: number;
  /** Stored bytes of the nodes; null if any are not known. */
  readonly bytes: number | null;
  /** Point spacing of the deepest nodes, metres; null if there is no node. */
  readonly spacing: number | null;
  /** True if nodes were left out for a budget. */
  readonly isTruncated: boolean;
  /** Bytes of metadata and hierarchy pages that were fetched for this plan. */
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

function toNode(cloudVersion: CloudVersion, { key, name, points, range }: PlannedNode): ReadPlanNode {
  const location = cloudVersion.cloud.locate(key, points, range);
  return {
    key: name,
    points,
    file: tilePath(cloudVersion, location.path),
    offset: location.range?.offset ?? null,
    bytes: location.range?.length ?? location.storedBytes,
  };
}

/** Id and path below the cloud; only the id for a cloud that is one file. */
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
