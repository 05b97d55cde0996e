/**
 * Plans of clouds of every format: what they name is what a read fetches, and naming it fetches nothing of
 * it.
 */
import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import type { ByteSource, SourceOptions, SourceReadOptions } from '../../cache/byte-source/index.ts';
import { MemorySource } from '../../cache/testing/index.ts';
import { InlineDecoders } from '../decode/index.ts';
import { Key } from '../geometry/index.ts';
import { CloudReader } from '../reader/index.ts';
import type { Region } from '../regions/index.ts';
import { regionKinds, SMALL_CLOUDS, storeCloud } from '../testing/index.ts';
import type { ReadPlan, StoredStretch } from './read-plan.ts';

/** Remembers what was read. */
class RecordedSource implements ByteSource {
  readonly label = 'recorded';
  readonly rootName = null;
  readonly reads: StoredStretch[] = [];
  readonly #memory: MemorySource;

  constructor(memory: MemorySource) {
    this.#memory = memory;
  }

  read(path: string, options: SourceReadOptions = {}) {
    const { range } = options;
    this.reads.push({ file: path, offset: range?.offset ?? null, bytes: range?.length ?? null });
    return this.#memory.read(path, options);
  }

  stat(path: string, options: SourceOptions = {}) {
    return this.#memory.stat(path, options);
  }
}

const readers: CloudReader[] = [];
afterAll(async () => {
  await Promise.all(readers.map((reader) => reader.close()));
});

/** The cloud, read cold each time: nothing stays in memory but the threads. */
async function open(name: string) {
  const memory = new MemorySource();
  const { files, middle, half } = await SMALL_CLOUDS[name]!();
  const id = storeCloud(memory, 'c', { files });
  const source = new RecordedSource(memory);
  const reader = new CloudReader({
    source,
    decoders: new InlineDecoders(),
    tileMemoryBytes: 0,
    maxInFlight: 2000,
    maxInFlightPerRead: 2000,
    versionTtlMs: 1e9,
  });
  readers.push(reader);
  const everything: Region = { type: 'sphere', center: middle, radius: 1e4 };
  const all = await reader.plan(id, [everything]);
  return { id, source, reader, middle, half, all };
}

/** A read is that of a node if it lies in one; those of metadata and pages do not. */
function isOfNodes({ all }: { readonly all: ReadPlan }, { file, offset }: StoredStretch): boolean {
  return all.nodes.some(
    (node) =>
      node.file === file &&
      (node.offset === null ||
        (offset !== null && offset >= node.offset && offset < node.offset + node.bytes!)),
  );
}

const name = ({ file, offset, bytes }: StoredStretch) =>
  `${file} ${offset ?? ''}+${offset === null ? '' : bytes}`;

describe.each(Object.keys(SMALL_CLOUDS))('a plan of %s', (kind) => {
  test('names what a read then fetches, and fetches none of it', async () => {
    const cloud = await open(kind);
    const { id, source, reader, all } = cloud;
    // All nodes have points, and their parents' points are counted, each once.
    const { points } = await reader.cloud(id);
    expect(all.points).toBe(points);
    // The head and the end of a COPC file may hold nodes as well.
    const isEnd = ({ offset, bytes }: StoredStretch) => offset === 0 || bytes === null;
    const opened = source.reads.filter((read) => !(read.file === id && isEnd(read)));
    expect(opened.filter((read) => isOfNodes(cloud, read))).toEqual([]);

    await fc.assert(
      fc.asyncProperty(
        fc.oneof(...Object.values(regionKinds(cloud.middle, cloud.half))),
        fc.option(fc.constantFrom(0.25, 0.5, 1, 3), { nil: undefined }),
        fc.option(fc.integer({ min: 1, max: 500 }), { nil: undefined }),
        async (region, spacing, pointBudget) => {
          source.reads.length = 0;
          const plan = await reader.plan(id, [region], { spacing, pointBudget });
          expect(source.reads.filter((read) => isOfNodes(cloud, read))).toEqual([]);
          const view = await reader.read(id, [region], { spacing, pointBudget });
          const fetched = source.reads.filter((read) => isOfNodes(cloud, read));
          expect(fetched.map(name).sort()).toEqual(plan.reads.map(name).sort());
          expect(view.cost.nodes).toBe(plan.nodes.length);
          expect(view.isTruncated).toBe(plan.isTruncated);

          // Those above each node are there, if they have points at all.
          const planned = new Set(plan.nodes.map(({ key }) => key));
          const known = new Set(all.nodes.map(({ key }) => key));
          for (const key of planned) {
            for (let above = Key.parent(Key.parse(key)!); above !== null; above = Key.parent(above)) {
              const id = Key.format(above);
              if (known.has(id) && !planned.has(id)) throw new Error(`${id} is missing above ${key}`);
            }
          }
          expect(plan.points).toBe(plan.nodes.reduce((sum, node) => sum + node.points, 0));
          if (pointBudget !== undefined && plan.nodes.length > 1)
            expect(plan.points).toBeLessThanOrEqual(pointBudget);
          // One level less deep would be coarser than what is wanted.
          if (spacing !== undefined && plan.spacing !== null && plan.nodes.length > 1)
            expect(2 * plan.spacing).toBeGreaterThan(Math.min(spacing, plan.cloud.spacing));
          const sizes = plan.nodes.map(({ bytes }) => bytes);
          expect(plan.bytes).toBe(
            sizes.includes(null) ? null : sizes.reduce<number>((sum, bytes) => sum + bytes!, 0),
          );
        },
      ),
      { numRuns: 30 },
    );
  });
});
