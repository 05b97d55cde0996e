import type { AnnotatorsResult, ContenderName } from '../speed/designs/index.ts';

/** Whether all annotators start within 5 s, or one after the other. */
export type StartKind = 'mass' | 'spread';

/** One design under one number of annotators. */
export interface LoadCell extends AnnotatorsResult {
  readonly contender: ContenderName;
  readonly start: StartKind;
  readonly annotators: number;
  /** Read from the storage for each answer. */
  readonly storageKiB: number;
  readonly storageRequests: number;
}

export interface ExperimentResult {
  readonly machine: string;
  readonly versions: readonly string[];
  /** What the frames are. */
  readonly source: string;
  /** How long annotators click. */
  readonly seconds: number;
  readonly cells: LoadCell[];
}

/** Half of the clicks late or failed: more annotators show nothing new. */
const PAST_KNEE = 0.5;

export function isPastKnee({ inTime }: Pick<LoadCell, 'inTime'>): boolean {
  return inTime < PAST_KNEE;
}

/** Share under 400 ms that a design must keep for a number of annotators to count as carried. */
const CARRIED_SHARE = 0.99;

/** The largest number of annotators that was carried, with all smaller ones; null if there is none. */
export function carriedAnnotators(cells: readonly Pick<LoadCell, 'annotators' | 'inTime'>[]): number | null {
  let most: number | null = null;
  for (const { annotators, inTime } of cells.toSorted((a, b) => a.annotators - b.annotators)) {
    if (inTime < CARRIED_SHARE) break;
    most = annotators;
  }
  return most;
}
