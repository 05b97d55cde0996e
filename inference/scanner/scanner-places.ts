/** Where the scanners of clouds stood: from the metadata, the origin, or the points. */
import QuickLRU from 'quick-lru';
import { inSlices, Singleflight } from '../../cache/foundation/index.ts';
import type { CloudInfo, CloudReader } from '../../octree/index.ts';
import { plus, type Vec3 } from '../boxes/index.ts';
import { estimateScanner, LEAST_CONFIDENCE, type ScannerEstimate } from './estimate-scanner.ts';

/** One turn of a scanner has between these numbers of points. */
const LEAST_SCAN_POINTS = 2000;
const MOST_SCAN_POINTS = 3_000_000;
/**
 * A cloud of more points has mostly been put together of several scans: then its origin is not believed to be
 * the scanner's place, and no other place either, unless the ground points lie in circles around it.
 */
const MOST_POINTS_OF_ONE_TURN = 400_000;
/** No scanner sees farther to both sides, metres. */
const WIDEST_SCAN_M = 1000;
/** Points that an estimate is made from: those of the coarsest nodes. */
const POINT_BUDGET = 40_000;
/** How many clouds are remembered. */
const MAX_CLOUDS = 1000;

type ScannedCloud = Pick<CloudInfo, 'id' | 'version' | 'bounds' | 'points' | 'sensor'>;

export class ScannerPlaces {
  readonly #reader: Pick<CloudReader, 'read'>;
  readonly #estimates = new QuickLRU<string, { readonly place: Vec3 | null }>({ maxSize: MAX_CLOUDS });
  readonly #underWay = new Singleflight<Vec3 | null>();

  constructor(reader: Pick<CloudReader, 'read'>) {
    this.#reader = reader;
  }

  /**
   * Where the cloud's scanner stood, in its coordinates, metres; null if that is not known. It is what the
   * metadata say, else x = y = 0 if that lies inside the bounds of the points of a single scan, else what the
   * points of the coarsest nodes tell (`estimateScanner`); these are read once for each version.
   * @param height the place's where only x and y are known; the fits take heights from the ground
   * @throws what the reader throws
   */
  async of(cloud: ScannedCloud, height: number, signal: AbortSignal): Promise<Vec3 | null> {
    const known = this.known(cloud, height);
    if (known !== undefined) return known;
    const key = keyOf(cloud);
    return this.#underWay.run(key, (shared) => this.#estimate(cloud, key, shared), signal);
  }

  /**
   * Makes a read of a cloud's points, after which the place of its scanner is known where it can be. Points
   * may have to be read for that first. Meanwhile none are held, and the read is made again: many questions
   * could wait for each other's memory.
   * @param read may be called twice
   * @returns the points, which are held, and those of the first read where there were two
   */
  async withPlaces<Points>(
    read: () => Promise<Points>,
    viewOf: (points: Points) => { readonly cloud: ScannedCloud; release(): void },
    signal: AbortSignal,
  ): Promise<[points: Points, first?: Points]> {
    const points = await read();
    const view = viewOf(points);
    if (this.known(view.cloud, 0) !== undefined) return [points];
    view.release();
    await this.of(view.cloud, 0, signal);
    return [await read(), points];
  }

  /** The same where no points need be read for it; undefined where they must be. */
  known(cloud: ScannedCloud, height: number): Vec3 | null | undefined {
    if (cloud.sensor !== null) return cloud.sensor;
    const isAboutOrigin = holdsOrigin(cloud);
    if (isAboutOrigin && cloud.points <= MOST_POINTS_OF_ONE_TURN) return [0, 0, height];
    if (!mayBeOneScan(cloud)) return isAboutOrigin ? [0, 0, height] : null;
    return this.#estimates.get(keyOf(cloud))?.place;
  }

  async #estimate(cloud: ScannedCloud, key: string, signal: AbortSignal): Promise<Vec3 | null> {
    const { min, max } = cloud.bounds;
    const center: Vec3 = [(min[0] + max[0]) / 2, (min[1] + max[1]) / 2, (min[2] + max[2]) / 2];
    const radius = Math.hypot(max[0] - min[0], max[1] - min[1], max[2] - min[2]);
    const everything = { type: 'sphere', center, radius } as const;
    const view = await this.#reader.read(cloud.id, [everything], {
      signal,
      pointBudget: POINT_BUDGET,
      isReleased: true,
    });
    let estimate: ScannerEstimate | null;
    try {
      // The next question about the new version estimates it.
      if (view.cloud.version !== cloud.version) return null;
      const { positions, count } = await view.cropInSlices(everything, center, { signal });
      const byRingsAlone = cloud.points > MOST_POINTS_OF_ONE_TURN;
      estimate = await inSlices(estimateScanner(positions, count, { byRingsAlone }), { signal });
    } finally {
      view.release();
    }
    const isSure = estimate !== null && estimate.confidence >= LEAST_CONFIDENCE;
    const place = isSure ? plus(estimate!.place, center) : null;
    this.#estimates.set(key, { place });
    return place;
  }
}

function keyOf({ id, version }: ScannedCloud): string {
  return `${id} ${version}`;
}

function holdsOrigin({ bounds: { min, max } }: Pick<CloudInfo, 'bounds'>): boolean {
  return min[0] <= 0 && max[0] >= 0 && min[1] <= 0 && max[1] >= 0;
}

function mayBeOneScan({ points, bounds: { min, max } }: ScannedCloud): boolean {
  const widest = Math.max(max[0] - min[0], max[1] - min[1]);
  return points >= LEAST_SCAN_POINTS && points <= MOST_SCAN_POINTS && widest <= WIDEST_SCAN_M;
}
