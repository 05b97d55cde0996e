/** The supported formats. A new format is added to these lists. */
import { COPC_EXTENSION, copcFormat } from './copc/index.ts';
import { eptFormat } from './ept/index.ts';
import type { CloudFormat } from './format.ts';
import { potree1Format } from './potree1/index.ts';
import { potree2Format } from './potree2/index.ts';

/** If a folder holds several, the first of this order counts. */
const IN_FOLDERS: readonly CloudFormat[] = [eptFormat, potree2Format, potree1Format];
const IN_FILES: readonly CloudFormat[] = [copcFormat];

/** The formats that a cloud of this id may have: a `*.copc.laz` is a file, anything else a folder. */
export function formatsOf(id: string): readonly CloudFormat[] {
  return id.endsWith(COPC_EXTENSION) ? IN_FILES : IN_FOLDERS;
}
