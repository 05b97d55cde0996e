/** A plan as it goes out, over HTTP and from the command line. */
import type { ReadPlan } from '../../../../octree/index.ts';
import type { PlanAnswer } from '../../../api/index.ts';

export function planAnswer({
  cloud,
  nodes,
  reads,
  points,
  bytes,
  spacing,
  isTruncated,
}: ReadPlan): PlanAnswer {
  return {
    cloud: { id: cloud.id, version: cloud.version },
    nodes: [...nodes],
    reads: [...reads],
    totals: { nodes: nodes.length, points, bytes, reads: reads.length },
    spacing,
    truncated: isTruncated,
  };
}
