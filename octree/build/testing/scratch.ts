/** A folder for one test file's inputs and outputs, removed when it is done. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { PointInput } from '../inputs/index.ts';
import type { TestPoint } from './points.ts';

export interface Scratch {
  path(...names: string[]): string;
  /** Writes an input file and returns its path. */
  write(name: string, content: Uint8Array | string): Promise<string>;
}

/** To be called at the top of a test file. */
export function useScratch(): Scratch {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'nearbox-build-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));
  return {
    path: (...names) => path.join(folder, ...names),
    write: async (name, content) => {
      const file = path.join(folder, name);
      await writeFile(file, content);
      return file;
    },
  };
}

/** All points of an input, in order; an intensity of 0 where there is none. */
export async function readAll(input: PointInput): Promise<TestPoint[]> {
  const points: TestPoint[] = [];
  for await (const { count, x, y, z, intensity } of input.batches()) {
    for (let i = 0; i < count; i++) {
      points.push({ x: x[i]!, y: y[i]!, z: z[i]!, intensity: intensity?.[i] ?? 0 });
    }
  }
  return points;
}
