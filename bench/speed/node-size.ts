/**
 * What a first click on a frame costs against the size of its nodes: files, bytes and milliseconds for the 8
 * m around a labelled object, nothing cached. `npx tsx bench/speed/node-size.ts [LABELLED_FRAMES_FOLDER...]`;
 * docs/node-size.md holds a run and what follows from it.
 */
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { FolderSource } from '../../cache/index.ts';
import { buildCloud } from '../../octree/build/index.ts';
import { CloudReader, type Vec3 } from '../../octree/index.ts';
import { machineLine, medianOf, quantile } from '../kit/index.ts';

const FOLDERS =
  process.argv.length > 2
    ? process.argv.slice(2)
    : ['../shared/real/kitti-dev', '../shared/real/pandaset-002'];
const FRAMES_PER_FOLDER = 5;
const CLICKS_PER_FRAME = 8;
const LEAST_POINTS = 20;
const RADIUS_METRES = 8;
const SPANS = [32, 64, 128];
const NODE_POINTS = [2048, 4096, 8192, 16_384, 32_768, 65_536, 200_000];

interface MeasuredFrame {
  readonly id: string;
  readonly points: string;
  readonly objects: readonly { readonly center: Vec3; readonly numPoints: number }[];
}

interface MeasuredClick {
  readonly cloud: string;
  readonly position: Vec3;
}

interface NodeSizeRow {
  readonly span: number;
  readonly maxNodePoints: number;
  readonly cloudNodes: number[];
  readonly cloudBytes: number[];
  readonly nodes: number[];
  readonly bytes: number[];
  readonly points: number[];
  readonly ms: number[];
}

const frames = (await Promise.all(FOLDERS.filter(existsSync).map(framesOf))).flat();
if (frames.length === 0) throw new Error(`none of ${FOLDERS.join(', ')} is a folder of labelled frames`);
console.log(machineLine());
console.log(
  `${frames.length} frames, ${clicksOf().length} clicks, ${RADIUS_METRES} m around each; medians (90th percentile)`,
);
console.log('| span | leaf points | files in cloud | KB in cloud | files | KB | points decoded | ms |');
console.log('| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |');
for (const span of SPANS) {
  for (const maxNodePoints of NODE_POINTS) print(await measure(span, maxNodePoints));
}

async function framesOf(folder: string): Promise<MeasuredFrame[]> {
  const { frames: all } = JSON.parse(await readFile(path.join(folder, 'index.json'), 'utf8')) as {
    frames: MeasuredFrame[];
  };
  const useful = all
    .map((frame) => ({
      id: frame.id,
      points: path.join(folder, frame.points),
      objects: frame.objects.filter(({ numPoints }) => numPoints >= LEAST_POINTS).slice(0, CLICKS_PER_FRAME),
    }))
    .filter(({ objects }) => objects.length > 0);
  const step = Math.max(1, Math.floor(useful.length / FRAMES_PER_FOLDER));
  return useful.filter((_, index) => index % step === 0).slice(0, FRAMES_PER_FOLDER);
}

function clicksOf(): MeasuredClick[] {
  return frames.flatMap(({ id, objects }) => objects.map(({ center }) => ({ cloud: id, position: center })));
}

async function measure(span: number, maxNodePoints: number): Promise<NodeSizeRow> {
  const row: NodeSizeRow = {
    span,
    maxNodePoints,
    cloudNodes: [],
    cloudBytes: [],
    nodes: [],
    bytes: [],
    points: [],
    ms: [],
  };
  const root = await mkdtemp(path.join(tmpdir(), 'nearbox-node-size-'));
  try {
    for (const { id, points } of frames) {
      const built = await buildCloud([points], path.join(root, id), { span, maxNodePoints });
      row.cloudNodes.push(built.nodes);
      row.cloudBytes.push(built.bytes);
    }
    await click(root, row);
  } finally {
    await rm(root, { recursive: true, force: true });
  }
  return row;
}

/** Reads the neighbourhood of each click with nothing kept of the clicks before but the hierarchy. */
async function click(root: string, row: NodeSizeRow): Promise<void> {
  const reader = new CloudReader({
    source: new FolderSource({ root }),
    tileMemoryBytes: 0,
    versionTtlMs: 1e9,
  });
  try {
    await reader.ready();
    for (const { cloud } of clicksOf()) await reader.cloud(cloud);
    for (let round = 0; round < 3; round++) {
      for (const { cloud, position } of clicksOf()) {
        const region = { type: 'sphere', center: position, radius: RADIUS_METRES } as const;
        const started = performance.now();
        const view = await reader.read(cloud, [region]);
        const ms = performance.now() - started;
        // The first round warms up.
        if (round === 0) continue;
        row.nodes.push(view.cost.nodes);
        row.bytes.push(view.cost.bytes);
        row.ms.push(ms);
        row.points.push(view.count({ type: 'sphere', center: position, radius: 1e6 }));
      }
    }
  } finally {
    await reader.close();
  }
}

function print({ span, maxNodePoints, cloudNodes, cloudBytes, nodes, bytes, points, ms }: NodeSizeRow): void {
  const both = (values: number[], digits = 0) =>
    `${medianOf(values).toFixed(digits)} (${quantile(values, 0.9).toFixed(digits)})`;
  const kb = (values: number[]) => values.map((value) => value / 1000);
  const cells = [
    span,
    maxNodePoints,
    medianOf(cloudNodes).toFixed(0),
    medianOf(kb(cloudBytes)).toFixed(0),
    both(nodes),
    both(kb(bytes)),
    both(points),
    both(ms, 1),
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
