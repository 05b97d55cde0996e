/** Which frames have boxes that were made for another version of their cloud, as far as the page knows. */
import type { PageState } from './state.ts';

type VersionFacts = Pick<PageState, 'frame' | 'cloudVersion' | 'cloudVersions' | 'work' | 'summaries'>;

/**
 * True if the boxes of a frame, or its mark as done, were made for another version of its cloud. False while
 * the version of the cloud is not known.
 */
export function isOfOtherVersion(state: VersionFacts, frame: string): boolean {
  const version = frame === state.frame ? state.cloudVersion : (state.cloudVersions[frame] ?? null);
  if (version === null) return false;
  const own = state.work.frames[frame];
  if (own !== undefined) return (own.labels.length > 0 || own.isDone) && own.cloudVersion !== version;
  const listed = state.summaries[frame];
  return listed !== undefined && (listed.total > 0 || listed.isDone) && listed.version !== version;
}

/** Those of the frames whose boxes, which the page has, were made for another version of their cloud. */
export function withBoxesOfOtherVersion(state: VersionFacts, frames: readonly string[]): readonly string[] {
  return frames.filter((frame) => hasBoxes(state, frame) && isOfOtherVersion(state, frame));
}

/** Those of the frames that have boxes, and of whose cloud the version is not known. */
export function withUnknownVersion(state: VersionFacts, frames: readonly string[]): readonly string[] {
  return frames.filter(
    (frame) => frame !== state.frame && state.cloudVersions[frame] === undefined && hasBoxes(state, frame),
  );
}

function hasBoxes({ work }: VersionFacts, frame: string): boolean {
  return (work.frames[frame]?.labels.length ?? 0) > 0;
}
