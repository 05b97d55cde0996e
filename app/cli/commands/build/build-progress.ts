/** How far a build is: a bar on a terminal; elsewhere, for many clouds, a line every ten seconds. */
import type { BatchCounts, BuildStage } from '../../../../octree/build/index.ts';
import { createProgress } from '../../progress.ts';

export interface BuildProgress {
  update(fraction: number, stage: BuildStage, counts: BatchCounts): void;
  stop(): void;
}

const LINE_EVERY_MS = 10_000;

export function createBuildProgress(
  stream: NodeJS.WriteStream = process.stderr,
  now: () => number = () => performance.now(),
): BuildProgress {
  const bar = createProgress(stream);
  const started = now();
  let lastLine = started;
  return {
    update: (fraction, stage, counts) => {
      const ms = now() - started;
      bar.update(fraction, counts.clouds === 1 ? stage : progressText(fraction, counts, ms));
      if (stream.isTTY || counts.clouds === 1 || now() - lastLine < LINE_EVERY_MS) return;
      lastLine = now();
      stream.write(`nearbox: ${progressText(fraction, counts, ms)}\n`);
    },
    stop: () => bar.stop(),
  };
}

/** `120 of 1000 clouds, 2 failed, 1.31 M points/s, 4 min 10 s left`. */
function progressText(fraction: number, counts: BatchCounts, ms: number): string {
  const { clouds, built, skipped, failed, points } = counts;
  const seconds = ms / 1000;
  const parts = [`${built + skipped + failed} of ${clouds} clouds`];
  if (failed > 0) parts.push(`${failed} failed`);
  if (points > 0 && seconds > 0) parts.push(`${(points / seconds / 1e6).toFixed(2)} M points/s`);
  if (fraction > 0 && fraction < 1) parts.push(`${duration((seconds * (1 - fraction)) / fraction)} left`);
  return parts.join(', ');
}

function duration(seconds: number): string {
  const whole = Math.ceil(seconds);
  if (whole < 60) return `${whole} s`;
  const minutes = Math.floor(whole / 60);
  return minutes < 60
    ? `${minutes} min ${whole % 60} s`
    : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
