/**
 * Writes the cameras of frames as `serve --cameras` reads them: a folder for each cloud (docs/cameras.md).
 */
import path from 'node:path';
import { openPlainFiles, type PlainFiles } from '../../../octree/build/index.ts';
import { badFile } from '../files.ts';
import type { DatasetFrame } from '../frame.ts';

/** As many as the server reads. */
const MOST_CAMERAS = 32;
const NAME = /[^A-Za-z0-9_-]/g;

/**
 * `OUT/ID/cameras.json`, and each image beside it under its camera's name. `out` is a folder or
 * `s3://BUCKET/PREFIX`.
 * @throws NearboxError `invalid_request` that names the file that is wrong; or the signal's reason
 */
export async function writeCameras(
  out: string,
  frames: readonly Pick<DatasetFrame, 'id' | 'cameras'>[],
  { signal }: { readonly signal?: AbortSignal } = {},
): Promise<{ readonly frames: number; readonly images: number }> {
  const files = openPlainFiles(out);
  try {
    return await writeAll(files, frames, signal);
  } finally {
    files.close();
  }
}

async function writeAll(
  files: PlainFiles,
  frames: readonly Pick<DatasetFrame, 'id' | 'cameras'>[],
  signal: AbortSignal | undefined,
): Promise<{ readonly frames: number; readonly images: number }> {
  const written = { frames: 0, images: 0 };
  for (const { id, cameras: read } of frames) {
    signal?.throwIfAborted();
    const cameras = (await read?.()) ?? [];
    if (cameras.length === 0) continue;
    const own = id.replace(/\.copc\.laz$/i, '');
    if (cameras.length > MOST_CAMERAS)
      throw badFile(own, `has ${cameras.length} cameras, at most ${MOST_CAMERAS}`);
    const listed: object[] = [];
    for (const { file, name, ...camera } of cameras) {
      signal?.throwIfAborted();
      const plain = name.replace(NAME, '_').slice(0, 64);
      const image = plain + path.extname(file).toLowerCase();
      await files.copy(`${own}/${image}`, file, { signal });
      listed.push({ name: plain, ...camera, image });
      written.images += 1;
    }
    const content = `${JSON.stringify({ version: 1, cameras: listed }, null, 1)}\n`;
    await files.write(`${own}/cameras.json`, content, { signal });
    written.frames += 1;
  }
  return written;
}
