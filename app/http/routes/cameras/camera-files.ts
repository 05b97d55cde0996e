/**
 * Where the cameras of clouds are stored: `cameras.json` in the folder of a cloud's id (without `.copc.laz`),
 * or in a folder above it, where `{frame}` in the names of images stands for the last part of the cloud's id.
 */
import { createHash } from 'node:crypto';
import {
  type ByteSource,
  checkJsonShape,
  isPlainPath,
  Limiter,
  NearboxError,
} from '../../../../cache/index.ts';
import { type CamerasAnswer, cameraFileSchema } from '../../../api/index.ts';

const FILE = 'cameras.json';
const MOST_FILE_BYTES = 2 ** 20;
/** A camera has some thirty values on six levels. */
const FILE_LIMITS = { maxDepth: 32, maxValues: 20_000 } as const;
/** Folders of a cloud's id that are looked in, from its own upwards. */
const MOST_FOLDERS = 16;
/** Images that are read at a time, whoever asks. */
const READS_AT_ONCE = 8;
const ENDING = /\.copc\.laz$/i;

export interface StoredImage {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly mediaType: string;
  /** Of the bytes themselves, with its quotes. */
  readonly etag: string;
}

interface FoundCamera {
  readonly camera: CamerasAnswer['cameras'][number];
  /** Below the root. */
  readonly image: string;
}

export class CameraFiles {
  readonly #source: ByteSource;
  readonly #maxImageBytes: number;
  readonly #reads = new Limiter(READS_AT_ONCE);

  constructor(source: ByteSource, maxImageBytes: number) {
    this.#source = source;
    this.#maxImageBytes = maxImageBytes;
  }

  /**
   * The cameras of a cloud, in the order of the file; none if it has no file.
   * @throws NearboxError `source_unavailable` if the storage fails, or the file is none
   */
  async of(cloud: string, signal: AbortSignal): Promise<readonly FoundCamera[]> {
    const folders = cloud.replace(ENDING, '').split('/');
    const frame = folders.at(-1)!;
    for (let up = 0; up <= Math.min(MOST_FOLDERS, folders.length); up++) {
      const folder = folders.slice(0, folders.length - up).join('/');
      const file = below(folder, FILE);
      const stored = await this.#source.read(file, { signal, maxBytes: MOST_FILE_BYTES });
      if (stored !== null) return readCameras(stored.bytes, { file, folder, frame });
    }
    return [];
  }

  /**
   * @throws NearboxError `not_found` if there is no such camera or image; `source_unavailable` if the storage
   *   fails, the image is too large, or is none
   */
  async image(cloud: string, name: string, signal: AbortSignal): Promise<StoredImage> {
    const found = (await this.of(cloud, signal)).find(({ camera }) => camera.name === name);
    if (found === undefined)
      throw new NearboxError('not_found', `${cloud} has no camera ${JSON.stringify(name)}`);
    const stored = await this.#reads.run(
      () => this.#source.read(found.image, { signal, maxBytes: this.#maxImageBytes }),
      signal,
    );
    if (stored === null) throw new NearboxError('not_found', `${cloud} has no image of camera ${name}`);
    const mediaType = mediaTypeOf(stored.bytes);
    if (mediaType === null)
      throw new NearboxError('source_unavailable', `the image of ${name} is neither JPEG nor PNG nor WebP`);
    const hash = createHash('sha256').update(stored.bytes).digest('base64url').slice(0, 22);
    return { bytes: stored.bytes, mediaType, etag: `"${hash}"` };
  }
}

function readCameras(
  bytes: Uint8Array,
  { file, folder, frame }: { readonly file: string; readonly folder: string; readonly frame: string },
): FoundCamera[] {
  const wrong = (what: string) => new NearboxError('source_unavailable', `${file}: ${what}`);
  let value: unknown;
  try {
    checkJsonShape(bytes, FILE_LIMITS);
  } catch (cause) {
    throw wrong((cause as Error).message);
  }
  try {
    value = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw wrong(`is not JSON: ${(cause as Error).message}`);
  }
  const parsed = cameraFileSchema.safeParse(value);
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!;
    throw wrong(`${path.join('.')}: ${message}`);
  }
  return parsed.data.cameras.map(({ image, ...camera }) => {
    // Not `replaceAll` with a text: `$` in a frame's name stands for itself.
    const path = below(folder, image.split('{frame}').join(frame));
    if (!isPlainPath(path)) throw wrong(`${JSON.stringify(image)} is not a path below its folder`);
    return { camera, image: path };
  });
}

function below(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

/** By the first bytes: names and storages say what they like. */
function mediaTypeOf(bytes: Uint8Array): string | null {
  const text = (from: number, to: number) => String.fromCharCode(...bytes.subarray(from, to));
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'image/jpeg';
  if (text(0, 8) === '\x89PNG\r\n\x1a\n') return 'image/png';
  if (text(0, 4) === 'RIFF' && text(8, 12) === 'WEBP') return 'image/webp';
  return null;
}
