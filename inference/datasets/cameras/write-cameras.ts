/**
 * Writes the cameras of frames as `serve --cameras` reads them: a folder for each cloud (docs/cameras.md).
 */
import path from 'node:path';
import type { NearboxError } from '../../../cache/foundation/index.ts';
import { openPlainFiles, type PlainFiles } from '../../../octree/build/index.ts';
import { badFile, unlessBad } from '../files.ts';
import type { DatasetFrame } from '../frame.ts';

interface WriteCamerasOptions {
  readonly signal?: AbortSignal;
  readonly onBad?: (error: NearboxError) => void;
}

/** As many as the server reads. */
const MOST_CAMERAS = 32;
const NAME = /[^A-Za-z0-9_-]/g;

/**
 * `OUT/ID/cameras.json`, and each image beside it under its camera's name. `out` is a folder or
 * `s3://BUCKET/PREFIX`. `onBad` gets the error of a frame whose files are wrong, which is left out.
 * @throws NearboxError `invalid_request` that names the file that is wrong, without `onBad`; or the signal's
 * reason
 */
export async function writeCameras(
  out: string,
  frames: readonly Pick<DatasetFrame, 'id' | 'cameras'>[],
  { signal, onBad }: WriteCamerasOptions = {},
): Promise<{ readonly frames: number; readonly images: number }> {
  const files = openPlainFiles(out);
  try {
    const written = { frames: 0, images: 0 };
    for (const frame of frames) {
      signal?.throwIfAborted();
      await unlessBad(async () => {
        const images = await writeFrame(files, frame, signal);
        written.frames += images > 0 ? 1 : 0;
        written.images += images;
      }, onBad);
    }
    return written;
  } finally {
    files.close();
  }
}

/** Returns the number of images. */
async function writeFrame(
  files: PlainFiles,
  { id, cameras: read }: Pick<DatasetFrame, 'id' | 'cameras'>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const cameras = (await read?.()) ?? [];
  if (cameras.length === 0) return 0;
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
  }
  const content = `${JSON.stringify({ version: 1, cameras: listed }, null, 1)}\n`;
  await files.write(`${own}/cameras.json`, content, { signal });
  return listed.length;
}
