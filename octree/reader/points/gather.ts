/** Copies the selected points together, so that further questions about them test no others. */
import type { AxisArray, DecodedNode } from '../../points/index.ts';
import type { SelectedNode, Selection } from './selection.ts';

/** More points are not copied: 3 MiB. */
const MAX_GATHERED = 262_144;
/** Points are copied only if there are so many times as many in their nodes: else little is saved. */
const LEAST_SAVING = 2;

/**
 * The same points in the same order, in nodes that hold no others; or the selection itself where that would
 * save little. The selection may be released if another one is returned. Bounds stay those of the nodes they
 * come from.
 */
export function gather(selection: Selection): Selection {
  const { count, nodes, indices } = selection;
  const total = nodes.reduce((sum, { node }) => sum + node.count, 0);
  if (count > MAX_GATHERED || total < LEAST_SAVING * count) return selection;
  return {
    count,
    nodes: nodes.filter(({ length }) => length > 0).map((selected) => gatherNode(selected, indices)),
    indices: new Int32Array(0),
    release() {},
  };
}

function gatherNode(selected: SelectedNode, indices: Int32Array): SelectedNode {
  const { node, isWhole, from, length } = selected;
  if (isWhole) return selected;
  const chosen = indices.subarray(from, from + length);
  const { scale, offset, bounds } = node;
  const gathered: DecodedNode = {
    count: length,
    x: pick(node.x, chosen),
    y: pick(node.y, chosen),
    z: pick(node.z, chosen),
    scale,
    offset,
    bounds,
    intensity: null,
  };
  return { node: gathered, isWhole: true, from: 0, length };
}

function pick(axis: AxisArray, chosen: Int32Array): AxisArray {
  return axis instanceof Int32Array
    ? pickInto(axis, chosen, new Int32Array(chosen.length))
    : pickInto(axis, chosen, new Float64Array(chosen.length));
}

function pickInto<Axis extends AxisArray>(axis: Axis, chosen: Int32Array, out: Axis): Axis {
  for (let k = 0; k < chosen.length; k++) out[k] = axis[chosen[k]!]!;
  return out;
}
