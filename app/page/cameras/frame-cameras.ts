/**
 * What cameras saw of the open frame: calibrations and images, fetched for the frame that is looked at, given
 * up when it is left, and kept for the frames that were looked at last.
 */
import type { Camera } from '../../../inference/cameras/index.ts';
import type { ApiClient } from '../api/index.ts';

export interface FrameCamerasOptions<Picture> {
  readonly api: Pick<ApiClient, 'cameras' | 'image'>;
  readonly decode: (bytes: Blob) => Promise<Picture>;
  /** Frees a picture. */
  readonly release: (picture: Picture) => void;
  /** Something of the frame that is looked at has come. */
  readonly onChange: () => void;
  readonly onError: (error: unknown) => void;
}

interface CameraPicture<Picture> {
  readonly camera: Camera;
  /** null: on its way, or not to be had. */
  readonly picture: Picture | null;
}

interface KeptFrame<Picture> {
  readonly cameras: readonly Camera[];
  readonly pictures: Map<string, Picture>;
}

/** Frames whose images are kept: to the next one and back. */
const MOST_FRAMES = 4;
/** Images that are fetched at a time: the points need connections as well. */
const AT_ONCE = 2;

export class FrameCameras<Picture> {
  readonly #options: FrameCamerasOptions<Picture>;
  readonly #kept = new Map<string, KeptFrame<Picture>>();
  #looking: { readonly frame: string; readonly leaving: AbortController } | null = null;

  constructor(options: FrameCamerasOptions<Picture>) {
    this.#options = options;
  }

  /** The cameras of the frame that is looked at; undefined while they are not known. */
  get shown(): readonly CameraPicture<Picture>[] | undefined {
    const kept = this.#looking === null ? undefined : this.#kept.get(this.#looking.frame);
    return kept?.cameras.map((camera) => ({ camera, picture: kept.pictures.get(camera.name) ?? null }));
  }

  /** Looks at another frame, or at none. */
  look(frame: string | null): void {
    if (frame === (this.#looking?.frame ?? null)) return;
    this.#looking?.leaving.abort(new DOMException('left', 'AbortError'));
    this.#looking = frame === null ? null : { frame, leaving: new AbortController() };
    if (this.#looking === null) return;
    const { signal } = this.#looking.leaving;
    this.#load(this.#looking.frame, signal).catch((error: unknown) => {
      if (!signal.aborted) this.#options.onError(error);
    });
  }

  async #load(frame: string, signal: AbortSignal): Promise<void> {
    const { api, onChange } = this.#options;
    let kept = this.#kept.get(frame);
    if (kept === undefined) {
      const cameras = await api.cameras(frame, signal);
      signal.throwIfAborted();
      kept = { cameras, pictures: new Map() };
    }
    this.#keep(frame, kept);
    onChange();
    const { cameras, pictures } = kept;
    const missing = cameras.filter(({ name }) => !pictures.has(name));
    const next = async (): Promise<void> => {
      for (let camera = missing.shift(); camera !== undefined; camera = missing.shift())
        await this.#fetch(frame, camera.name, pictures, signal);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, next));
  }

  async #fetch(
    frame: string,
    name: string,
    pictures: Map<string, Picture>,
    signal: AbortSignal,
  ): Promise<void> {
    const { api, decode, release, onChange } = this.#options;
    const picture = await decode(await api.image(frame, name, signal));
    if (signal.aborted) {
      release(picture);
      throw signal.reason as Error;
    }
    pictures.set(name, picture);
    onChange();
  }

  #keep(frame: string, kept: KeptFrame<Picture>): void {
    this.#kept.delete(frame);
    this.#kept.set(frame, kept);
    for (const old of [...this.#kept.keys()].slice(0, -MOST_FRAMES)) {
      for (const picture of this.#kept.get(old)!.pictures.values()) this.#options.release(picture);
      this.#kept.delete(old);
    }
  }
}
