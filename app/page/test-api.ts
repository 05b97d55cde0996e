/** `globalThis.nearbox`: what tests, benchmarks and pages that embed this one may call. */
import type { Vec2, Vec3 } from '../../inference/boxes/index.ts';
import type { Label } from './model/index.ts';
import type { PageState } from './session/index.ts';

export interface TestApi {
  readonly state: PageState;
  /** The boxes of the open frame. */
  labels(): readonly Label[];
  /** Does what a key or button does; false if there is no action of that name. */
  run(action: string): boolean;
  /** Page pixels of a place in the cloud; null behind the camera. */
  project(place: Vec3, view?: 'main' | 'top' | 'side' | 'rear'): Vec2 | null;
  /** Looks at a place from above, with so many metres around it. */
  lookAt(place: Vec3, radius: number): void;
  stats(): PageStats;
  /** How many tracks have begun so far. */
  tracksBegun(): number;
  /** How long the page waits for an answer before it fits by itself. */
  setLateAfter(ms: number): void;
  /** The most points that are drawn at once. */
  setBudget(points: number): void;
}

export interface PageStats {
  /** Pictures so far. */
  readonly frames: number;
  /** Time on the main thread of the last picture, and of the last few hundred, milliseconds. */
  readonly mainThreadMs: number;
  readonly recentMs: number[];
  /** How long the graphics worked on the last picture that is done, milliseconds. */
  readonly graphicsMs: number;
  /** Between the last two pictures while the camera moved, milliseconds. */
  readonly intervalMs: number;
  /** Points on the screen, points that are kept for this cloud, and how many may be drawn on this machine. */
  readonly points: number;
  readonly loaded: number;
  readonly budget: number;
  /** True if the camera is at rest and all points that it should show are there. */
  readonly complete: boolean;
}
