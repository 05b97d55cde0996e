/** What a figure was measured on, and the statistics that every bench prints. */
import os from 'node:os';

/** One line: processor, cores, memory, system, Node. */
export function machineLine(): string {
  const cpus = os.cpus();
  const gib = (os.totalmem() / 2 ** 30).toFixed(0);
  const load = os.loadavg()[0]!.toFixed(2);
  return `${cpus[0]?.model ?? 'unknown processor'}, ${cpus.length} cores, ${gib} GiB, ${os.platform()} ${os.arch()}, Node ${process.versions.node}, load ${load}`;
}

/** The q-quantile (0..1) of some values, by linear interpolation; NaN if there are none. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (sorted.length - 1) * q;
  const below = sorted[Math.floor(at)] ?? Number.NaN;
  const above = sorted[Math.ceil(at)] ?? Number.NaN;
  return below + (above - below) * (at - Math.floor(at));
}

export function medianOf(values: readonly number[]): number {
  return quantile(values, 0.5);
}
