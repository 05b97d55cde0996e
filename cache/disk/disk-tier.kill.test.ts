/** `kill -9` in the middle of writes. NEARBOX_KILLS says how often; 100 for the long form. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { WRITTEN_TILES } from '../testing/index.ts';
import { DiskTier } from './disk-tier.ts';

const KILLS = Number(process.env.NEARBOX_KILLS ?? 5);
const MAX_BYTES = 2_000_000;
const WRITER = fileURLToPath(new URL('../testing/disk-writer.ts', import.meta.url));

let folder: string;
let programs: string;
let program: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'nearbox-kill-'));
  programs = await mkdtemp(path.join(tmpdir(), 'nearbox-kill-program-'));
  // In one file, so that a process is soon at its work.
  program = path.join(programs, 'disk-writer.mjs');
  await build({ entryPoints: [WRITER], outfile: program, bundle: true, platform: 'node', format: 'esm' });
});
afterAll(async () => {
  for (const made of [folder, programs]) await rm(made, { recursive: true });
});

/** Lets a process write, and kills it after so many tiles, wherever it is then. */
async function writeUntilKilled(first: number, tiles: number): Promise<void> {
  const writer = spawn(process.execPath, [program, folder, `${MAX_BYTES}`, `${first}`], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = once(writer, 'exit');
  let written = 0;
  for await (const dots of writer.stdout as AsyncIterable<Buffer>) {
    written += dots.length;
    if (written >= tiles) writer.kill('SIGKILL');
  }
  const [, signal] = await ended;
  expect(signal).toBe('SIGKILL');
}

it(
  `no wrong byte, no orphan and no more than the bound after ${KILLS} kills`,
  async () => {
    let hits = 0;
    for (let kill = 0; kill < KILLS; kill += 1) {
      await writeUntilKilled(kill * 13, 3 + ((kill * 29) % 60));
      const tier = DiskTier.open({ folder, maxBytes: MAX_BYTES, readTimeoutMs: 60_000 });
      await tier.idle();
      for (const { group, name, tile } of WRITTEN_TILES) {
        const found = await tier.get(group, name);
        if (found === null) continue;
        hits += 1;
        expect(found.etag).toBe(tile.etag);
        expect(Buffer.compare(found.bytes, tile.bytes)).toBe(0);
      }
      const { corrupt, bytes, entries } = tier.stats();
      expect(corrupt).toBe(0);
      expect(bytes).toBeLessThanOrEqual(MAX_BYTES);
      await tier.close();
      expect(await readdir(path.join(folder, 'tiles-v1', 'tmp'))).toEqual([]);
      const files = await readdir(folder, { recursive: true, withFileTypes: true });
      expect(files.filter((entry) => entry.isFile()).length).toBe(entries);
    }
    expect(hits).toBeGreaterThan(0);
    if (KILLS > 5) console.log(`${KILLS} kills, ${hits} tiles found whole afterwards`);
  },
  60_000 + KILLS * 30_000,
);
