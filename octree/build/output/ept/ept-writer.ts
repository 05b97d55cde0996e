/** Writes an EPT folder: node files as the nodes arrive, the JSON files at the end. */
import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { Key } from '../../../geometry/index.ts';
import type { IngestedPoints } from '../../ingest/index.ts';
import type { StepCube } from '../../layout/index.ts';
import { type BuildColumns, pointAt, type StepExtent } from '../../points/index.ts';
import type { BuildEncoding } from '../build-encoding.ts';
import type { CloudRecord } from '../cloud-record.ts';
import type { CloudWriter } from '../cloud-writer.ts';
import { allDone } from '../durable-file.ts';
import { type LasLayout, lasLayout, lasRecords, lazFile } from '../las/index.ts';
import { writeMetadata } from './metadata.ts';
import { nodeRecords } from './node-records.ts';
import { type EncodeNode, NodeWriter, zstandardNode } from './node-writer.ts';

export interface EptParts {
  readonly ingested: IngestedPoints;
  readonly cube: StepCube;
  readonly span: number;
  readonly encoding: BuildEncoding;
  readonly record: CloudRecord;
}

export class EptWriter implements CloudWriter {
  readonly #folder: string;
  readonly #parts: EptParts;
  readonly #nodes: NodeWriter;

  private constructor(folder: string, parts: EptParts) {
    this.#folder = folder;
    this.#parts = parts;
    this.#nodes = new NodeWriter(path.join(folder, 'ept-data'), parts.encoding, encoderOf(parts));
  }

  /** `folder` must be empty. */
  static async open(folder: string, parts: EptParts): Promise<EptWriter> {
    await mkdir(path.join(folder, 'ept-data'));
    return new EptWriter(folder, parts);
  }

  get points(): number {
    return this.#nodes.points;
  }

  get nodes(): number {
    return this.#nodes.counts.size;
  }

  write(key: Key, columns: BuildColumns, points: Uint32Array): Promise<string | null> {
    return this.#nodes.write(key, columns, points);
  }

  async finish(): Promise<{ readonly bytes: number }> {
    const metadata = writeMetadata(this.#folder, { ...this.#parts, nodes: this.#nodes });
    await allDone([this.#nodes.finish(), metadata]);
    return { bytes: this.#nodes.bytes + (await metadata) };
  }

  settle(): Promise<void> {
    return this.#nodes.settle();
  }
}

function encoderOf({ encoding, ingested }: EptParts): EncodeNode {
  switch (encoding) {
    case 'zstandard':
      return (columns, points) => ({
        packing: 'whole',
        ...zstandardNode(nodeRecords(columns, points, true)),
      });
    case 'binary':
      return (columns, points) => {
        const content = nodeRecords(columns, points, false).slice();
        return { packing: 'plain', content, unpacked: content.byteLength };
      };
    case 'laszip': {
      const { attributes, intensityRange, intensity, steps } = ingested;
      const layout = lasLayout(attributes, intensityRange, intensity === 'uint16');
      return (columns, points) => {
        const { min, max } = extentOf(columns, points);
        const records = lasRecords(columns, points, layout);
        const content = lazFile(records, layout, {
          points: points.length,
          byReturn: byReturn(columns, points, layout),
          scale: steps.scale,
          offset: steps.offset,
          min: pointAt(steps, min),
          max: pointAt(steps, max),
        });
        return { packing: 'piecewise', content, unpacked: records.byteLength };
      };
    }
  }
}

function extentOf(columns: BuildColumns, points: Uint32Array): StepExtent {
  const axes = [columns.x, columns.y, columns.z].map((values) => {
    let [low, high] = [Infinity, -Infinity];
    for (const point of points) {
      const value = values[point]!;
      if (value < low) low = value;
      if (value > high) high = value;
    }
    return [low, high] as const;
  }) as [readonly [number, number], readonly [number, number], readonly [number, number]];
  return { min: [axes[0][0], axes[1][0], axes[2][0]], max: [axes[0][1], axes[1][1], axes[2][1]] };
}

/** Number of points by return number. */
function byReturn({ attributes }: BuildColumns, points: Uint32Array, layout: LasLayout): number[] {
  const counts = new Array<number>(15).fill(0);
  if (layout.returnNumber === null) counts[0] = points.length;
  else
    for (const point of points) {
      const number = attributes[layout.returnNumber]![point]!;
      if (number >= 1 && number <= 15) counts[number - 1]! += 1;
    }
  return counts;
}
