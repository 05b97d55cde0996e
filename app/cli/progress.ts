/** A progress bar on a terminal; nothing where the output is a file or a pipe. */
import { Presets, SingleBar } from 'cli-progress';

export interface Progress {
  /** 0..1, never backwards. */
  update(fraction: number, stage: string): void;
  /** Takes the bar off the terminal. Safe to call twice. */
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
