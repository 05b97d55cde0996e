/**
 * COPC files read point for point by the web's streaming viewers, giro3d and maplibre-gl-lidar
 * (.ci/install-components): their own readers, without a page around them.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { describe, expect, it } from 'vitest';
import { buildClouds } from './index.ts';
import { asMultiset, plyBytes, scenePoints, useScratch } from './testing/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const KITS = path.join(ROOT, '.cache/components/web-readers/node_modules');
const LAZ_PERF = path.join(ROOT, 'node_modules/laz-perf/lib');
const scratch = useScratch();

const POINTS = scenePoints(3000, 7);
const COLOURS = POINTS.map((_, i) => [i % 256, (7 * i) % 256, 255 - (i % 256)] as const);
const CLASSES = POINTS.map((_, i) => i % 20);

/**
 * Each prints for all points x, y, z, the intensity (0 to 65,535), the class and 8 bits of red, green and
 * blue.
 */
const READERS: Readonly<Record<string, { readonly program: string; readonly wasm: string }>> = {
  giro3d: {
    wasm: 'laz-perf.wasm',
    program: `
import COPCSource from '@giro3d/giro3d/sources/COPCSource.js';
import { setLazPerfWasmBinary } from '@giro3d/giro3d/sources/las/config.js';
import { traverse } from '@giro3d/giro3d/core/Octree.js';
setLazPerfWasmBinary(wasm);
const source = new COPCSource({ url: async (begin, end) => bytes.slice(begin, end), enableWorkers: false });
await source.initialize();
const { pointCount, attributes } = await source.getMetadata();
const wanted = ['Intensity', 'Classification', 'Color'].map((name) => attributes.find((own) => own.name === name));
const nodes = [];
traverse(await source.getHierarchy(), (node) => nodes.push(node) > 0);
const rows = [];
for (const node of nodes.filter(({ hasData }) => hasData)) {
  const data = await source.getNodeData({ node, position: true, attributes: wanted });
  const [intensity, label, colour] = data.attributes;
  for (let i = 0; i < data.position.count; i++) {
    const place = [data.position.getX(i) + data.origin.x, data.position.getY(i) + data.origin.y];
    const rgb = [0, 1, 2].map((part) => colour.array[i * colour.itemSize + part]);
    rows.push([...place, data.position.getZ(i) + data.origin.z, intensity.array[i], label.array[i], ...rgb]);
  }
}
print(pointCount, rows);`,
  },
  'maplibre-gl-lidar': {
    wasm: 'web/laz-perf.wasm',
    program: `
import { CopcStreamingLoader } from 'maplibre-gl-lidar';
globalThis.fetch = async () => ({ ok: true, arrayBuffer: async () => wasm });
const loader = new CopcStreamingLoader(bytes.buffer, { pointBudget: 100_000 });
const { totalPoints, bounds } = await loader.initialize();
const { minX, minY, maxX, maxY } = bounds;
const nodes = await loader.selectNodesForViewport({ bounds: [minX, minY, maxX, maxY], center: [0, 0], targetDepth: 30 });
for (const node of nodes) loader.queueNode(node);
await new Promise((resolve, reject) => {
  loader.on('nodeloaded', () => loader.getLoadedNodeCount() === nodes.length && resolve());
  loader.on('error', reject);
  loader.loadQueuedNodes();
});
const { positions, coordinateOrigin, intensities, classifications, colors, pointCount } = loader.getLoadedPointCloudData();
const rows = Array.from({ length: pointCount }, (_, i) => [
  ...[0, 1, 2].map((axis) => positions[3 * i + axis] + coordinateOrigin[axis]),
  ...[65535 * intensities[i], classifications[i], ...colors.subarray(4 * i, 4 * i + 3)],
]);
print(totalPoints, rows);`,
  },
};

const BEFORE = `
import { readFileSync, writeFileSync } from 'node:fs';
const [file, wasmFile, out] = process.argv.slice(2);
const bytes = new Uint8Array(readFileSync(file)).slice();
const wasm = readFileSync(wasmFile);
const print = (total, rows) => { writeFileSync(out, JSON.stringify({ total, rows })); process.exit(0); };
`;
/** What a page and a module of CommonJS have. */
const AROUND = `
import { createRequire } from 'node:module';
const require = createRequire(import.meta.url), __dirname = '.';
Object.assign(globalThis, { window: globalThis, document: { currentScript: { src: 'http://localhost/' } }, onmessage: null });
`;

/** What only draws is left empty. */
const EMPTY = /^(@deck\.gl\/|maplibre-gl$|chart\.js|lil-gui|geotiff|3d-tiles-renderer)/;

async function bundle(program: string, outfile: string): Promise<void> {
  await build({
    stdin: { contents: BEFORE + program, resolveDir: ROOT, loader: 'js' },
    ...{ outfile, bundle: true, format: 'esm', platform: 'node', logLevel: 'error' },
    loader: { '.glsl': 'text' },
    nodePaths: [KITS, path.join(ROOT, 'node_modules')],
    banner: { js: AROUND },
    plugins: [
      {
        name: 'empty',
        setup({ onResolve, onLoad }) {
          onResolve({ filter: EMPTY }, ({ path: name }) => ({ path: name, namespace: 'empty' }));
          const contents = 'module.exports = new Proxy({}, { get: () => class {} });';
          onLoad({ filter: /.*/, namespace: 'empty' }, () => ({ contents, loader: 'js' }));
        },
      },
    ],
  });
}

describe.skipIf(!existsSync(KITS))('COPC files read by', () => {
  it.each(Object.entries(READERS))(
    '%s: all points, with intensity, class and colour',
    async (name, reader) => {
      const column = (column: string, type: string, values: readonly number[]) => ({
        name: column,
        type,
        values,
      });
      const columns = [
        ...(['x', 'y', 'z', 'intensity'] as const).map((axis) =>
          column(
            axis,
            'float',
            POINTS.map((point) => point[axis]),
          ),
        ),
        ...['red', 'green', 'blue'].map((part, i) =>
          column(
            part,
            'uchar',
            COLOURS.map((colour) => colour[i]!),
          ),
        ),
        column('classification', 'uchar', CLASSES),
      ];
      const input = await scratch.write(
        'scene.ply',
        plyBytes([{ name: 'vertex', columns }], 'binary_little_endian'),
      );
      const out = scratch.path(name);
      await buildClouds([input], out, { to: 'copc', span: 16, maxNodePoints: 200 });

      const program = path.join(out, 'read.mjs');
      await bundle(reader.program, program);
      const args = [
        program,
        path.join(out, 'scene.copc.laz'),
        path.join(LAZ_PERF, reader.wasm),
        `${out}/rows.json`,
      ];
      const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
      if (status !== 0) throw new Error(stderr);
      const text = await readFile(`${out}/rows.json`, 'utf8');
      const { total, rows } = JSON.parse(text) as { total: number; rows: number[][] };
      expect(total).toBe(POINTS.length);
      // Both hold places as float32 from a middle of the cloud: their own rounding is far below a step.
      const read = rows.map(([x, y, z, intensity]) => ({
        x: x!,
        y: y!,
        z: z!,
        intensity: Math.round(intensity!),
      }));
      const stored = POINTS.map((point) => ({ ...point, intensity: Math.round(65_535 * point.intensity) }));
      expect(asMultiset(read, 0.001)).toEqual(asMultiset(stored, 0.001));
      const others = new Map(
        stored.map(({ x, y }, i) => [
          `${Math.round(1000 * x)} ${Math.round(1000 * y)}`,
          [CLASSES[i]!, ...COLOURS[i]!],
        ]),
      );
      for (const [x, y, , , ...rest] of rows)
        expect(rest).toEqual(others.get(`${Math.round(1000 * x!)} ${Math.round(1000 * y!)}`));
    },
  );
});
