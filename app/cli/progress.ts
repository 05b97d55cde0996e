/** A progress bar on a terminal; no output to a file or a pipe. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** From 0 to 1; never decreases. */
  update(fraction: number, stage: string): void;
  /** Removes the bar from the terminal. May be called twice. */
  stop(): void;
}

/** @param stream where the bar is drawn; stderr, so that stdout stays the command's result */
export function createProgress(stream: NodeJS.WriteStream = process.stderr): Progress {
  if (!stream.isTTY) return { update() {}, stop() {} };
  const bar = new SingleBar(
    { format: '{bar} {percentage}% {stage}', stream, hideCursor: true, clearOnComplete: true, fps: 10 },
    Presets.shades_classic,
  );
  bar.start(1000, 0, { stage: '' });
  return {
    update: (fraction, stage) => bar.update(Math.round(1000 * fraction), { stage }),
    stop: () => bar.stop(),
  };
}
