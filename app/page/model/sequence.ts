/** The frames that belong together: clouds of one folder are one sequence. */

/** Frames of the same folder as `frame`, in their order. */
export function sequenceOf(frames: readonly string[], frame: string): readonly string[] {
  const folder = folderOf(frame);
  const found = frames.filter((other) => folderOf(other) === folder);
  return found.includes(frame) ? found : [frame];
}

function folderOf(frame: string): string {
  return frame.slice(0, frame.lastIndexOf('/') + 1);
}
