/** Hierarchy pages of the formats that keep many nodes in one file: COPC and Potree 2. */
import type { ByteRange } from '../../cache/byte-source/index.ts';
import type { HierarchyPage } from './hierarchy-page.ts';

export interface RangedPage extends HierarchyPage {
  /**
   * By formatted key: where the node's points are stored, or, for a node with `OWN_PAGE`, its page. Nodes without points have none:
   * what their record says of a place is not to be requested.
   */
  readonly ranges: ReadonlyMap<string, ByteRange>;
}
