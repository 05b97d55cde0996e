/**
 * Where Potree 1 keeps a node's files, relative to the octree folder. Source: potree
 * PointCloudOctreeGeometryNode.getHierarchyPath.
 */
import type { Key } from '../../geometry/index.ts';
import { toPotreeName } from '../potree-name.ts';

/**
 * Path of a file of the node; `extension` is without its dot. With pages of `step` levels, nodes lie in
 * nested folders, one per complete group of `step` digits of their name: with step 5, r2407 is `r/r2407` and
 * r24076 is `r/24076/r24076`. Without pages (1.4), all nodes lie in one folder.
 */
export function potree1Path(key: Key, extension: string, step: number | null): string {
  const name = toPotreeName(key);
  const file = `${name}.${extension}`;
  if (step === null) return file;
  const folders = ['r'];
  for (let from = 1; from + step <= name.length; from += step) folders.push(name.slice(from, from + step));
  return `${folders.join('/')}/${file}`;
}
