/**
 * The JSON files of a built cloud: ept.json, ept-hierarchy and ept-sources. They do not depend on the time or
 * place of the build.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { type EptJson, eptHierarchyPath } from '../../../formats/index.ts';
import type { Vec3 } from '../../../geometry/index.ts';
import type { IngestedPoints } from '../../ingest/index.ts';
import { cubeBounds, type StepCube } from '../../layout/index.ts';
import type { Steps } from '../../points/index.ts';
import type { BuildEncoding } from '../build-encoding.ts';
import type { CloudRecord } from '../cloud-record.ts';
import { allDone } from '../durable-file.ts';
import { SOURCES_FILE } from '../fingerprint.ts';
import { hierarchyPages } from '../hierarchy.ts';
import type { NodeWriter } from './node-writer.ts';
import { eptSchema } from './schema.ts';

const EPT_VERSION = '1.1.0';

export interface CloudParts {
  readonly ingested: IngestedPoints;
  readonly cube: StepCube;
  readonly nodes: NodeWriter;
  readonly encoding: BuildEncoding;
  readonly span: number;
  readonly record: CloudRecord;
}

/**
 * Writes them into `folder`. ept.json comes last, because it makes the folder a cloud. Returns the bytes
 * written.
 */
export async function writeMetadata(folder: string, parts: CloudParts): Promise<number> {
  let bytes = 0;
  const write = async (name: string, content: unknown) => {
    const text = `${JSON.stringify(content, null, 2)}\n`;
    bytes += Buffer.byteLength(text);
    await writeFile(path.join(folder, name), text, { flag: 'wx' });
  };
  const writePages = async () => {
    for (const { root, entries } of hierarchyPages(parts.nodes.counts))
      await write(eptHierarchyPath(root, 'json'), entries);
  };
  await mkdir(path.join(folder, 'ept-hierarchy'));
  await mkdir(path.join(folder, 'ept-sources'));
  await allDone([writePages(), write(SOURCES_FILE, sources(parts)), write('ept.json', eptJson(parts))]);
  return bytes;
}

function eptJson({ ingested, cube, encoding, span, record }: CloudParts): EptJson {
  const { fingerprint: _, ...own } = record;
  const { steps, extent, store } = ingested;
  const bounds = cubeBounds(cube, steps);
  return {
    bounds: [...bounds.min, ...bounds.max],
    boundsConforming: coordinates(extent, steps),
    dataType: encoding,
    hierarchyType: 'json',
    points: store.count,
    schema: eptSchema(ingested, encoding),
    span,
    srs: ingested.wkt === null ? {} : { wkt: ingested.wkt },
    version: EPT_VERSION,
    ...(Object.keys(own).length === 0 ? {} : { nearbox: own }),
  };
}

/**
 * One entry for each input, by its base name (entwine-point-tile.md, "ept-sources": a path need only be
 * unique).
 */
function sources({ ingested, record: { fingerprint } }: CloudParts): unknown[] {
  const { sources: inputs, steps } = ingested;
  return inputs.map((source, index) => ({
    path: path.basename(source.path),
    points: source.points,
    ...(source.extent === null ? {} : { bounds: coordinates(source.extent, steps) }),
    inserted: true,
    ...(index === 0 && fingerprint !== undefined ? { fingerprint } : {}),
  }));
}

function coordinates(
  { min, max }: { readonly min: Vec3; readonly max: Vec3 },
  { scale, offset }: Steps,
): number[] {
  return [min, max].flatMap((corner) => corner.map((step, axis) => step * scale + offset[axis]!));
}
