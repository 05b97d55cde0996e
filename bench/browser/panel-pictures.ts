/**
 * Pictures of the page's panels, from the demo: timeline, all frames, map, cameras, ontology, the menu
 * *View*, checks. The cameras' images are drawn from the demo's points. `npx tsx
 * bench/browser/panel-pictures.ts [--out docs/images] [--theme dark]`
 */
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { TestApi } from '../../app/page/index.ts';
import { launchChromium } from '../../app/page/testing/browser/index.ts';
import { pngOf } from '../../app/page/testing/index.ts';
import { demoObjects, RealPage, servePages } from '../../app/page/testing/real/index.ts';
import { DEMO_CLOUDS } from '../../app/services/index.ts';
import { type Camera, CameraProjection } from '../../inference/cameras/index.ts';
import { takePicture } from './picture.ts';

declare const nearbox: TestApi;

const MOST_BYTES = 150 * 1024;
const FRAME = '000000';
const IMAGE = { width: 640, height: 320 } as const;
const OBJECTS = ['object-005', 'object-006', 'object-007'];

const ONTOLOGY = {
  version: 1,
  classes: [
    { name: 'car' },
    { name: 'delivery', like: 'van', colour: '#ff8800', key: '2' },
    { name: 'tram', like: 'bus', key: 'Alt+1' },
    { name: 'pedestrian' },
  ],
  attributes: [
    { name: 'parked', kind: 'boolean' },
    { name: 'hidden', kind: 'choice', choices: ['no', 'partly', 'mostly'], per: 'frame' },
    { name: 'remark', kind: 'text' },
  ],
};

interface Canvas {
  readonly width: number;
  readonly height: number;
  getContext(kind: '2d'): {
    getImageData(x: number, y: number, width: number, height: number): { readonly data: Uint8ClampedArray };
  };
}
/** How often it is looked whether a picture is complete, milliseconds. */
const POLL_MS = 200;

const { values } = parseArgs({
  options: {
    out: { type: 'string', default: 'docs/images' },
    theme: { type: 'string', default: 'dark' },
  },
});
await mkdir(values.out, { recursive: true });
const folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-panels-'));
const ontology = path.join(folder, 'ontology.json');
await writeFile(ontology, JSON.stringify(ONTOLOGY));
const cameras = path.join(folder, 'cameras');
await mkdir(cameras);
let server = await servePages();
await writeCameras();
await server.close();
server = await servePages({ cameras, ontology });
const browser = await launchChromium();
try {
  const on = await RealPage.open(browser, server, FRAME, { learns: true });
  await on.page.selectOption('#theme', values.theme);
  await importPoses(on);
  await panels(on);
} finally {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
}

async function panels(on: RealPage): Promise<void> {
  const objects = await demoObjects(0, /./);
  for (const id of OBJECTS) {
    await on.click(objects.find((object) => object.id === id)!);
    await on.press('Space');
  }
  const begun = await on.tracksBegun();
  await on.press('Shift+I');
  await on.tracked(begun);
  await on.press('n');
  await on.complete();
  await shoot(on, 'timeline', '#timeline');
  await shoot(on, 'ontology', '#inspector');

  await on.press('Shift+G');
  await on.page.locator('.glance-cell[aria-label*="measured"]').nth(4).waitFor();
  while (!(await cellsHavePoints(on))) await on.page.waitForTimeout(POLL_MS);
  await shoot(on, 'all-frames', '#glance');
  await on.press('Shift+G');

  await on.press('Alt+m');
  await on.page.locator('#merged-said', { hasText: /^10 of 10 frames/ }).waitFor();
  await shoot(on, 'map', '#merged');
  await on.press('Alt+m');

  await on.press('Alt+c');
  await on.page.locator('.camera:not(.coming)').nth(1).waitFor();
  await shoot(on, 'cameras', '#cameras');
  await on.press('Alt+c');

  // Something to look at: a box that is far too long, and over the ground.
  await on.page.fill('#size-0', '9');
  await on.press('Escape');
  await on.page.fill('#centre-2', '0');
  await on.press('Escape');
  await on.press('Shift+V');
  await on.page.locator('.finding').nth(1).waitFor();
  await shoot(on, 'checks', '#checks');
  await on.press('Shift+V');

  await on.page.click('#view-menu summary');
  await shoot(on, 'view-menu', '#view-menu .menu');
}

/** True once each cell has drawn points, which are brighter than all else in the dark theme. */
function cellsHavePoints(on: RealPage): Promise<boolean> {
  return on.page.locator('.glance-cell canvas').evaluateAll((all) =>
    (all as unknown as Canvas[]).every((canvas) => {
      if (canvas.width === 0) return true;
      const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
      return data.filter((value, i) => i % 4 === 0 && value > 200 && data[i + 1]! > 200).length > 50;
    }),
  );
}

/** The part of the page that an element takes. */
async function shoot(on: RealPage, name: string, selector: string): Promise<void> {
  const clip = (await on.page.locator(selector).boundingBox())!;
  await takePicture(on.page, `page-${name}`, { out: values.out, mostBytes: MOST_BYTES, clip });
}

/** The demo's clouds have no poses: its labels do. */
async function importPoses(on: RealPage): Promise<void> {
  const truth = JSON.parse(await readFile(path.join(DEMO_CLOUDS, 'truth.json'), 'utf8')) as {
    frames: { id: string; pose: unknown }[];
  };
  const frames = truth.frames.map(({ id, pose }) => ({ id, pose, objects: [] }));
  const buffer = Buffer.from(JSON.stringify({ frames }));
  await on.page.setInputFiles('#import-files', { name: 'poses.json', mimeType: 'application/json', buffer });
  await on.until(() => nearbox.state.message !== null);
}

/** Two cameras at the scanner, and what they would see of the points. */
async function writeCameras(): Promise<void> {
  const listed = [
    ['front', 0],
    ['left', Math.PI / 2],
  ] as const;
  const response = await fetch(`${server.url}/v1/crops`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cloud: FRAME, region: { type: 'sphere', center: [0, 0, 0], radius: 60 } }),
  });
  const points = plyPoints(await response.arrayBuffer());
  const all = listed.map(([name, yaw]) => cameraTo(name, yaw));
  for (const camera of all)
    await writeFile(path.join(cameras, `${FRAME}-${camera.name}.png`), drawn(camera, points));
  const file = { version: 1, cameras: all.map((one) => ({ ...one, image: `{frame}-${one.name}.png` })) };
  await writeFile(path.join(cameras, 'cameras.json'), JSON.stringify(file));
}

function cameraTo(name: string, yaw: number): Camera {
  // The camera's axes as a quaternion: ahead along +x, then turned about +z.
  const [c, s] = [Math.cos(yaw / 2) / 2, Math.sin(yaw / 2) / 2];
  const { width, height } = IMAGE;
  return {
    name,
    size: [width, height],
    focal: [320, 320],
    centre: [width / 2, height / 2],
    pose: { position: [0, 0, 0], rotation: [-c - s, c - s, s - c, c + s] },
  };
}

/** x, y, z of the points of a crop: binary PLY of double x, y, z and float intensity. */
function plyPoints(bytes: ArrayBuffer): readonly (readonly [number, number, number])[] {
  const end = 'end_header\n';
  const from = Buffer.from(bytes).indexOf(end) + end.length;
  const view = new DataView(bytes, from);
  return Array.from({ length: Math.floor(view.byteLength / 28) }, (_, i) => [
    view.getFloat64(28 * i, true),
    view.getFloat64(28 * i + 8, true),
    view.getFloat64(28 * i + 16, true),
  ]);
}

function drawn(camera: Camera, points: ReturnType<typeof plyPoints>): Uint8Array {
  const { width, height } = IMAGE;
  const nearest = new Float32Array(width * height).fill(Number.POSITIVE_INFINITY);
  const projection = new CameraProjection(camera);
  for (const place of points) {
    const pixel = projection.project(place);
    if (pixel === null) continue;
    const [x, y] = [Math.floor(pixel.x), Math.floor(pixel.y)];
    const range = Math.hypot(...place);
    const size = Math.max(1, Math.round(24 / range));
    for (let dx = 0; dx < size; dx++)
      for (let dy = 0; dy < size; dy++) {
        if (x + dx < 0 || x + dx >= width || y + dy < 0 || y + dy >= height) continue;
        const at = (y + dy) * width + x + dx;
        nearest[at] = Math.min(nearest[at]!, range);
      }
  }
  return pngOf(width, height, (x, y) => {
    const range = nearest[y * width + x]!;
    if (range === Number.POSITIVE_INFINITY) return [18, 22, 30];
    const light = Math.round(60 + 190 * Math.exp(-range / 25));
    return [light, light, Math.round(light * 0.92)];
  });
}
