/** Hierarchy pages of formats that keep many nodes in one file: COPC and Potree 2. */
import type { ByteRange } from '../../cache/byte-source/index.ts';
import type { HierarchyPage } from './hierarchy-page.ts';

export interface RangedPage extends HierarchyPage {
  /** See `HierarchyPage.ranges`; these formats always have them. */
  readonly ranges: ReadonlyMap<string, ByteRange>;
}
