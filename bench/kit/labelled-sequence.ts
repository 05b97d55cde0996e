/**
 * A labelled sequence as clouds behind a counting origin: the built-in demo, or a folder of labelled frames.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DEMO_CLOUDS } from '../../app/services/index.ts';
import { ObjectServer } from '../../cache/testing/index.ts';
import { buildClouds } from '../../octree/build/index.ts';

export interface LabelledCloud {
  readonly id: string;
  /** Everything that the cloud consists of. */
  readonly bytes: number;
  /** Where annotators click: the objects with enough points. */
  readonly objects: readonly { readonly id: string; readonly position: readonly [number, number, number] }[];
}

interface SequenceIndex {
  readonly frames: readonly {
    readonly id: string;
    readonly points?: string;
    readonly objects: readonly {
      readonly id?: string;
      readonly center: [number, number, number];
      readonly numPoints: number;
    }[];
  }[];
}

/** Objects with fewer points are hardly seen, and hardly clicked. */
const MIN_POINTS = 20;

export interface LabelledSequence {
  readonly origin: ObjectServer;
  readonly clouds: readonly LabelledCloud[];
  close(): Promise<void>;
}

/**
 * `folder` holds labelled frames with an `index.json`; undefined: the demo. Each cloud is stored `copies`
 * times, under ids of its own.
 */
export async function labelledSequence(folder?: string, copies = 1): Promise<LabelledSequence> {
  const built = folder === undefined ? null : mkdtempSync(path.join(tmpdir(), 'nearbox-bench-'));
  const root = built ?? DEMO_CLOUDS;
  const file = folder === undefined ? path.join(DEMO_CLOUDS, 'truth.json') : path.join(folder, 'index.json');
  const { frames } = JSON.parse(readFileSync(file, 'utf8')) as SequenceIndex;
  if (folder !== undefined)
    await buildClouds(
      frames.map(({ points }) => path.join(folder, points!)),
      root,
      {},
    );
  const origin = await ObjectServer.start('/clouds');
  const clouds: LabelledCloud[] = [];
  for (const { id, points, objects } of frames) {
    const name = points === undefined ? id : path.basename(points).replace(/\.bin$/, '');
    const files = readdirSync(path.join(root, name), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => path.join(entry.parentPath, entry.name));
    const stored = files.map((one) => [path.relative(root, one), readFileSync(one)] as const);
    for (let copy = 0; copy < copies; copy += 1) {
      const prefix = copies === 1 ? '' : `copy-${copy}/`;
      for (const [name, bytes] of stored) origin.put(prefix + name, bytes);
      clouds.push({
        id: prefix + name,
        bytes: stored.reduce((sum, [, bytes]) => sum + bytes.length, 0),
        objects: objects
          .filter(({ numPoints }) => numPoints >= MIN_POINTS)
          .map(({ id: object, center }, i) => ({ id: object ?? `${i}`, position: center })),
      });
    }
  }
  return {
    origin,
    clouds,
    async close() {
      await origin.stop();
      if (built !== null) rmSync(built, { recursive: true });
    },
  };
}
