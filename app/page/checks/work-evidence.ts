/** What the points say of boxes: asked of the server, and remembered while a box stays as it is. */
import { type BoxEvidence, evidenceOf, REACH_METRES } from '../../../inference/checks/index.ts';
import { type ApiClient, ApiError, type BusyRetryOptions, retriedWhileBusy } from '../api/index.ts';
import { cropPoints, type PointList } from '../cloud/index.ts';
import type { Label } from '../model/index.ts';

export interface EvidenceOptions {
  readonly api: Pick<ApiClient, 'cloud' | 'crop'>;
  readonly wait?: BusyRetryOptions['wait'];
}

/** A cloud with no more points than this is asked about all its boxes at once. */
const SMALL_CLOUD = 500_000;

export class WorkEvidence {
  readonly #options: EvidenceOptions;
  /** null: the server cannot tell. */
  readonly #known = new WeakMap<Label, BoxEvidence | null>();

  constructor(options: EvidenceOptions) {
    this.#options = options;
  }

  /** null: unknown. */
  of(label: Label): BoxEvidence | null {
    return this.#known.get(label) ?? null;
  }

  /** True for a box whose points nobody has looked at yet. */
  isOpen(label: Label): boolean {
    return !this.#known.has(label);
  }

  /**
   * Looks at the points of those boxes of a frame that are open. Rejects while the server cannot be reached.
   */
  async look(frame: string, labels: readonly Label[], signal: AbortSignal): Promise<void> {
    const open = labels.filter((label) => this.isOpen(label));
    const isSmall = open.length > 1 && (await this.#isSmall(frame, signal));
    for (const group of isSmall ? [open] : open.map((label) => [label])) {
      const points = await this.#pointsAround(frame, group, signal);
      for (const label of group)
        this.#known.set(label, points === null ? null : evidenceIn(points, label, labels));
    }
  }

  async #isSmall(frame: string, signal: AbortSignal): Promise<boolean> {
    const ask = () => this.#options.api.cloud(frame, signal);
    return this.#ifTold(ask, signal).then((cloud) => cloud !== null && cloud.points <= SMALL_CLOUD);
  }

  /** null: the server cannot tell. */
  async #pointsAround(
    frame: string,
    labels: readonly Label[],
    signal: AbortSignal,
  ): Promise<PointList | null> {
    const { low, size, center } = surroundings(labels);
    const region = { type: 'box', center, size, yaw: 0 } as const;
    try {
      const bytes = await this.#ifTold(() => this.#options.api.crop(frame, region, signal), signal);
      return bytes === null ? null : cropPoints(bytes, low);
    } catch (error) {
      if (error instanceof ApiError && error.code === 'region_empty')
        return { origin: low, xyz: new Float32Array(0) };
      throw error;
    }
  }

  /** null for what the server refuses for good. */
  async #ifTold<T>(call: () => Promise<T>, signal: AbortSignal): Promise<T | null> {
    try {
      return await retriedWhileBusy(call, { signal, wait: this.#options.wait });
    } catch (error) {
      if (error instanceof ApiError && isFinal(error)) return null;
      throw error;
    }
  }
}

function isFinal({ status, code }: ApiError): boolean {
  return status >= 400 && ![429, 503].includes(status) && code !== 'region_empty';
}

/** An upright block around boxes and all that a check looks at. */
function surroundings(labels: readonly Label[]) {
  const along = (k: 0 | 1 | 2) => {
    const middles = labels.map(({ box }) => box.center[k]);
    return [Math.min(...middles) - REACH_METRES, Math.max(...middles) + REACH_METRES] as const;
  };
  const sides = [along(0), along(1), along(2)] as const;
  const of = (value: (side: readonly [number, number]) => number) =>
    [value(sides[0]), value(sides[1]), value(sides[2])] as const;
  return {
    low: of(([low]) => low),
    size: of(([low, high]) => high - low),
    center: of(([low, high]) => (low + high) / 2),
  };
}

function evidenceIn({ origin, xyz }: PointList, label: Label, all: readonly Label[]): BoxEvidence {
  const { center } = label.box;
  const [x, y, z] = [0, 1, 2].map((k) => center[k]! - origin[k]!) as [number, number, number];
  const near: number[] = [];
  for (let i = 0; i < xyz.length; i += 3) {
    const [dx, dy, dz] = [xyz[i]! - x, xyz[i + 1]! - y, xyz[i + 2]! - z];
    if (Math.abs(dx) <= REACH_METRES && Math.abs(dy) <= REACH_METRES && Math.abs(dz) <= REACH_METRES)
      near.push(dx, dy, dz);
  }
  const others = all.filter((other) => other !== label).map(({ box }) => box);
  return evidenceOf(label.box, Float32Array.from(near), others);
}
