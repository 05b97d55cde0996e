import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type Box,
  inversePose,
  type Pose,
  transformBox,
  transformPoint,
  type Vec3,
  yawQuaternion,
} from '../../../inference/boxes/index.ts';
import { pointList } from '../cloud/index.ts';
import { EMPTY_WORK, findLabel, labelsOf, NO_LABELS } from '../model/index.ts';
import { pageAnswer } from '../testing/index.ts';
import {
  askInWorld,
  boxOnMap,
  chosenFrames,
  drawMap,
  fromMap,
  MergedPoints,
  objectThere,
  placeOnMap,
  poseOfFrame,
  standingObjects,
  toMap,
  withStandingObject,
} from './index.ts';

const EAST = 500_000;
const NORTH = 5_000_000;
const BOX: Box = { center: [EAST + 12, NORTH + 3, 51], size: [4, 2, 1.6], yaw: 0.3 };
/** A drive along x that turns a little, in UTM. */
const FRAMES = Array.from({ length: 5 }, (_, k) => ({
  frame: `f${k}`,
  pose: { position: [EAST + 4 * k, NORTH, 52], rotation: yawQuaternion(0.1 * k) } satisfies Pose,
}));

/** A floor around each frame, and the box's surface where `sees` says so; in the frame's own coordinates. */
function street(sees: (k: number) => boolean, around = 12): MergedPoints {
  const merged = new MergedPoints([EAST, NORTH, 50]);
  for (const [k, posed] of FRAMES.entries()) {
    const places: Vec3[] = [];
    for (let x = -around; x <= around; x += 0.5)
      for (let y = -around; y <= around; y += 0.5) places.push([BOX.center[0] + x, BOX.center[1] + y, 50.19]);
    if (sees(k))
      for (let along = -1.9; along <= 1.9; along += 0.2)
        for (let up = -0.6; up <= 0.7; up += 0.2)
          places.push(
            transformPoint({ position: BOX.center, rotation: yawQuaternion(BOX.yaw) }, [along, 0.9, up]),
            transformPoint({ position: BOX.center, rotation: yawQuaternion(BOX.yaw) }, [along, -0.9, up]),
          );
    const own = places.map((place) => transformPoint(inversePose(posed.pose), place));
    merged.add(posed, pointList([0, 0, 0], own));
  }
  return merged;
}

describe('poses of frames', () => {
  const pose: Pose = { position: [1, 2, 3], rotation: [0, 0, 0, 1] };
  it('are those of the cloud, else of the labels or of an imported file', () => {
    expect(poseOfFrame({ timestamp: null, pose }, undefined)).toBe(pose);
    const labels = (kept: object) => ({ ...NO_LABELS, kept: kept as Record<string, unknown> });
    expect(poseOfFrame(null, labels({ frame: { pose } }))).toEqual(pose);
    expect(poseOfFrame(null, labels({ imported: { raw: { pose } } }))).toEqual(pose);
    expect(
      poseOfFrame(null, labels({ frame: { pose: { position: [1, 2], rotation: [0, 0, 0, 1] } } })),
    ).toBeNull();
    expect(poseOfFrame(null, labels({ frame: { pose: { ...pose, rotation: [0, 0, 0, 0] } } }))).toBeNull();
    expect(poseOfFrame(null, undefined)).toBeNull();
  });
});

describe('merged points', () => {
  it('are those of at most so many frames, evenly taken, with the open one', () => {
    const frames = Array.from({ length: 100 }, (_, k) => ({ frame: `${k}`, pose: FRAMES[0]!.pose }));
    const chosen = chosenFrames(frames, '37', 20).map(({ frame }) => Number(frame));
    expect(chosen).toContain(37);
    expect(chosen.length).toBeLessThanOrEqual(20);
    expect(Math.max(...chosen.slice(1).map((at, k) => at - chosen[k]!))).toBeLessThanOrEqual(6);
    expect(chosenFrames(FRAMES, 'f0')).toBe(FRAMES);
  });

  it('meet in the world: each frame counts its own in a box', () => {
    const merged = street((k) => k < 3);
    const counts = merged.countIn(BOX);
    expect([...counts.values()].map((count) => count > 100)).toEqual([true, true, true, false, false]);
    const { origin, xyz } = merged.pointsIn({
      min: [BOX.center[0] - 2.5, BOX.center[1] - 2.5, 50.3],
      max: [BOX.center[0] + 2.5, BOX.center[1] + 2.5, 53],
    });
    expect(origin).toEqual([EAST, NORTH, 50]);
    expect(xyz.length / 3).toBe([...counts.values()].reduce((sum, count) => sum + count, 0));
  });
});

describe('the map', () => {
  it('goes from the world to pixels and back', () => {
    const number = (min: number, max: number) => fc.double({ min, max, noNaN: true });
    fc.assert(
      fc.property(
        number(-1e6, 1e6),
        number(-1e6, 1e6),
        number(0.01, 5),
        number(0, 800),
        number(0, 500),
        (mx, my, scale, x, y) => {
          const view = { middle: [mx, my] as const, metresPerPixel: scale, width: 800, height: 500 };
          const [bx, by] = toMap(view, fromMap(view, [x, y]));
          expect(bx).toBeCloseTo(x, 4);
          expect(by).toBeCloseTo(y, 4);
        },
      ),
    );
  });

  it('shows the highest point of a pixel, north up', () => {
    const view = { middle: [EAST, NORTH] as const, metresPerPixel: 1, width: 5, height: 5 };
    const xyz = Float32Array.of(0.5, 1.5, 1, 0.5, 1.5, 3, 0.5, 1.5, 2, 90, 0, 0);
    const table = Array.from({ length: 256 }, (_, k) => [k, 0, 0, 255]).flat();
    const data = drawMap(view, [{ ...FRAMES[0]!, xyz }], [EAST, NORTH, 50], { table, range: [50, 54] });
    const drawn = [...data].flatMap((value, i) => (i % 4 === 3 && value > 0 ? [(i - 3) / 4] : []));
    expect(drawn).toEqual([1 * 5 + 3]);
    expect(data[4 * drawn[0]!]).toBe(Math.floor((3 / 4) * 255));
  });

  it('a click is on what stands there, a rectangle a box on the ground', () => {
    const merged = street(() => true);
    const place = placeOnMap(merged, [BOX.center[0], BOX.center[1] + 0.9], 0.6)!;
    expect(Math.hypot(place[0] - BOX.center[0], place[1] - BOX.center[1] - 0.9)).toBeLessThan(0.6);
    expect(place[2]).toBeGreaterThan(50.4);
    expect(placeOnMap(merged, [BOX.center[0] - 8, BOX.center[1]], 0.6)).toBeNull();
    const box = boxOnMap(
      merged,
      [BOX.center[0] - 2.5, BOX.center[1] - 1.5],
      [BOX.center[0] + 2.5, BOX.center[1] + 1.5],
    )!;
    expect(box.center[2] - box.size[2] / 2).toBeCloseTo(50.2, 1);
    expect(box.size[2]).toBeCloseTo(1.5, 0);
    expect(boxOnMap(merged, [0, 0], [3, 3])).toBeNull();
  });
});

describe('a box of the world', () => {
  const { signal } = new AbortController();
  const toFrame = (k: number) => inversePose(FRAMES[k]!.pose);

  it('is asked of the frame that sees it best, in that frame’s coordinates', async () => {
    const merged = street((k) => k === 3);
    const asked: object[] = [];
    const api = {
      predict: async (question: object) => {
        asked.push(question);
        return pageAnswer({ box: transformBox(toFrame(3), BOX), score: 0.8 });
      },
    };
    const answer = (await askInWorld(merged, { place: BOX.center }, { api: api as never, signal }))!;
    expect(answer.best).toBe('f3');
    expect(asked).toEqual([
      { cloud: 'f3', region: { type: 'click', position: transformPoint(toFrame(3), BOX.center) } },
    ]);
    for (const k of [0, 1, 2] as const) expect(answer.box.center[k]).toBeCloseTo(BOX.center[k], 6);
    expect(answer.box.yaw).toBeCloseTo(BOX.yaw, 9);
  });

  it('stays as it was drawn where the network is unsure or away; a click then has no answer', async () => {
    const merged = street(() => true);
    const drawn: Box = { ...BOX, size: [4.4, 2.2, 1.8] };
    const unsure = { predict: async () => pageAnswer({ box: BOX, score: 0.2 }) };
    const away = {
      predict: async () => {
        throw new Error('unreachable');
      },
    };
    for (const api of [unsure, away]) {
      const answer = (await askInWorld(merged, { drawn }, { api, signal }))!;
      expect(answer.object.method).toBe('drawn');
      expect(answer.box.yaw).toBe(drawn.yaw);
      expect(answer.box.size[1]).toBeLessThan(2);
    }
    await expect(askInWorld(merged, { place: BOX.center }, { api: away, signal })).rejects.toThrow(
      'unreachable',
    );
    expect(await askInWorld(merged, { place: [EAST, NORTH - 90, 50] }, { api: unsure, signal })).toBeNull();
  });

  it('comes back into each of its frames as boxes of one standing track', () => {
    const object = { class: 'car', method: 'model', score: 0.8, note: null, prediction: null } as const;
    const counts = new Map([
      ['f1', 40],
      ['f2', 0],
      ['f4', 12],
      ['f0', 0],
    ]);
    const put = withStandingObject(EMPTY_WORK, FRAMES, { box: BOX, best: 'f1', counts, object })!;
    expect(put.frames).toBe(4);
    expect(labelsOf(put.work, 'f0')).toEqual([]);
    const status = ['f1', 'f2', 'f3', 'f4'].map((frame) => findLabel(put.work, frame, put.id)!.track);
    expect(status.map((track) => [track!.status, track!.isStatic])).toEqual([
      ['keyframe', true],
      ['occluded', true],
      ['interpolated', true],
      ['measured', true],
    ]);
    for (const k of [1, 2, 3, 4]) {
      const back = transformBox(FRAMES[k]!.pose, findLabel(put.work, `f${k}`, put.id)!.box);
      for (const axis of [0, 1, 2] as const) expect(back.center[axis]).toBeCloseTo(BOX.center[axis], 6);
      expect(back.size).toEqual(BOX.size);
    }
    expect(standingObjects(put.work, FRAMES).map(({ label }) => label.id)).toEqual([put.id]);
    expect(objectThere(put.work, 'f2', transformBox(toFrame(2), BOX))).toBe(put.id);
    expect(objectThere(put.work, 'f2', { ...BOX, center: [90, 0, 0] })).toBeNull();
  });
});
