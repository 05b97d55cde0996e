/** Feather files (Arrow IPC), such as Argoverse 2's `sensors/lidar/*.feather`. */

import { readFile } from 'node:fs/promises';
import { whyUnopened } from '../input-file.ts';
import type { PointInput } from '../point-input.ts';
import { badInput, wrongInput } from '../point-input.ts';
import { columnsInput, type PointTable } from './columns-input.ts';

export function openFeather(path: string): Promise<PointInput> {
  return columnsInput(path, () => load(path));
}

async function load(path: string): Promise<PointTable> {
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw wrongInput(path, whyUnopened(cause), cause);
  });
  // Loaded on demand: the library is large and would delay the start of every command.
  const { readArrowTable } = await import('../../../arrow/index.ts');
  try {
    const { numbers } = await readArrowTable(bytes);
    return numbers;
  } catch (cause) {
    throw badInput(path, (cause as Error).message, cause);
  }
}
