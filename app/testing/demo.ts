/** For tests: the demo's clouds to be put behind a counting origin, and clicks on what stands there. */
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect } from 'vitest';
import type { ObjectServer } from '../../cache/testing/index.ts';
import { DEMO_CLOUDS } from '../services/index.ts';

const FIRST = '000000';

type Position = readonly [x: number, y: number, z: number];

/** What an answer says of its cost. */
export interface Cost {
  readonly nodes: number;
  readonly bytes: number;
  readonly memory: number;
  readonly disk: number;
  readonly origin: number;
}

/** `count` places on the objects of a demo cloud, in turn; each round a bit beside the one before. */
export function demoPlaces(count: number, cloud = FIRST): Position[] {
  const { frames } = JSON.parse(readFileSync(path.join(DEMO_CLOUDS, 'truth.json'), 'utf8')) as {
    frames: { id: string; objects: { center: [number, number, number]; numPoints: number }[] }[];
  };
  const objects = frames.find(({ id }) => id === cloud)!.objects.filter(({ numPoints }) => numPoints > 50);
  return Array.from({ length: count }, (_, i) => {
    const [x, y, z] = objects[i % objects.length]!.center;
    return [x + 0.01 * Math.floor(i / objects.length), y, z];
  });
}

/** The files of a demo cloud, by their path below the clouds. */
export async function demoFiles(cloud = FIRST): Promise<[string, Uint8Array][]> {
  const entries = await readdir(path.join(DEMO_CLOUDS, cloud), { recursive: true, withFileTypes: true });
  return Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => {
        const file = path.join(entry.parentPath, entry.name);
        return [path.relative(DEMO_CLOUDS, file), await readFile(file)] as [string, Uint8Array];
      }),
  );
}

/** How to click, at a server: resolves with what the box has cost. */
export function clicker(url: string): (position: Position, cloud?: string) => Promise<Cost> {
  return async (position, cloud = FIRST) => {
    const response = await fetch(`${url}/v1/predictions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cloud, region: { type: 'click', position } }),
    });
    const body = (await response.json()) as { cost: Cost; detail?: string };
    expect(response.status, body.detail).toBe(200);
    return body.cost;
  };
}

/** How often each tile is in a list of paths. */
export function tallyTiles(paths: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of paths) if (name.includes('/ept-data/')) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

/** How often each tile was read from an origin. */
export function tilesRead(origin: ObjectServer): Map<string, number> {
  return tallyTiles(origin.requests.filter(({ method }) => method === 'GET').map(({ path: name }) => name));
}
