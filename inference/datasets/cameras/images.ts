/** Files of images. */
import path from 'node:path';
import { isThere } from '../files.ts';

const ENDINGS = ['.png', '.jpg', '.jpeg', '.webp'] as const;

/** The image of that name in a folder, whatever its ending; null if there is none. */
export async function imageIn(folder: string, stem: string): Promise<string | null> {
  for (const ending of ENDINGS) {
    const file = path.join(folder, stem + ending);
    if (await isThere(file)) return file;
  }
  return null;
}
