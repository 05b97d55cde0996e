import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NearboxError } from '../../cache/index.ts';
import type { Pose } from '../boxes/index.ts';
import { type Box, iou3d, minus, transformPoint } from '../boxes/index.ts';
import { follow } from './follow.ts';
import { memoryFrames } from './frames/index.ts';
import type { TrackBox } from './lines.ts';
import { boxInFrame, type Keyframe } from './sequence.ts';
import {
  boxAt,
  collect,
  type FakeOptions,
  fakeFrames,
  requestOf,
  SIZE,
  type Truth,
} from './testing/index.ts';

const open = () => ({ signal: new AbortController().signal });
const key = (frame: number, box: Box, confirmed = true): Keyframe => ({ frame, box, confirmed });
const run = (truths: readonly Truth[], request: ReturnType<typeof requestOf>, options?: FakeOptions) =>
  collect(follow(request, fakeFrames(truths, options), open()));
const boxOf = (line: unknown) => (line as TrackBox).box;

/** Drives at a speed along its heading, then bends. */
const driving =
  (speed: number, seconds = 0.1): Truth =>
  (frame) => {
    const t = frame * seconds;
    const yaw = 0.08 * Math.max(0, t - 1);
    return boxAt(20 + speed * t, 8 + 0.04 * speed * Math.max(0, t - 1) ** 2, yaw);
  };
const parked: Truth = () => boxAt(-12, 5, 1);

describe('a track', () => {
  it('has a head, a final line for each frame, and a done line at the end', async () => {
    const request = requestOf(
      [{ keyframes: [key(0, parked(0)!)] }, { keyframes: [key(4, driving(9)(4)!)] }],
      12,
    );
    const { lines, heads, final } = await run([parked, driving(9)], request);
    expect(heads.map(({ id, track }) => [id, track.static, track.frames])).toEqual([
      ['object-0', true, 12],
      ['object-1', false, 12],
    ]);
    for (const [id, truth] of [
      ['object-0', parked],
      ['object-1', driving(9)],
    ] as const) {
      const found = final(id);
      expect([...found.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, k) => k));
      for (const [frame, line] of found) expect(iou3d(boxOf(line), truth(frame)!)).toBeGreaterThan(0.85);
    }
    const order = lines.map((line) => ('done' in line ? 'done' : 'track' in line ? 'head' : 'line'));
    expect(order.at(-1)).toBe('done');
    expect(order.indexOf('head')).toBe(0);
    expect(lines.at(-1)).toMatchObject({ cost: { origin: expect.any(Number) } });
  });

  it('shows moving objects at once and replaces those lines', async () => {
    const request = requestOf([{ keyframes: [key(0, driving(9)(0)!)] }], 12);
    const { lines } = await run([driving(9)], request);
    const boxes = lines.filter((line) => 'box' in line);
    const first = boxes.findIndex((line) => !line.final);
    expect(first).toBeGreaterThan(0);
    for (const line of boxes.filter((each) => !each.final))
      expect(boxes.slice(boxes.indexOf(line)).some((each) => each.final && each.frame === line.frame)).toBe(
        true,
      );
  });

  it('answers a confirmed keyframe with that very box, and its velocity is that of the object', async () => {
    const drawn = { ...driving(9)(3)!, yaw: 0.01 };
    const { final } = await run([driving(9)], requestOf([{ keyframes: [key(3, drawn)] }], 10));
    expect(final('object-0').get(3)).toMatchObject({ box: drawn, status: 'keyframe', score: 1 });
    const { velocity } = final('object-0').get(8) as TrackBox;
    expect(velocity[0]).toBeCloseTo(9, 0);
    expect(Math.abs(velocity[1])).toBeLessThan(0.5);
  });

  it.each([0.1, 0.25, 0.4])(
    'finds the speed of a fast car at frames %d s apart, both ways in time',
    async (seconds) => {
      const truth = driving(14, seconds);
      const request = requestOf([{ keyframes: [key(4, truth(4)!)] }], 9, { seconds });
      const { final, heads } = await run([truth], request);
      expect(heads[0]!.track.static).toBe(false);
      for (const [frame, line] of final('object-0'))
        expect(iou3d(boxOf(line), truth(frame)!)).toBeGreaterThan(0.75);
    },
  );

  it('keeps its own car in a queue that comes to the same places', async () => {
    const queue = [0, 1, 2].map(
      (place): Truth =>
        (frame) =>
          boxAt(20 + 8 * frame * 0.1 - 8 * place, 4),
    );
    const request = requestOf([{ keyframes: [key(0, queue[1]!(0)!)] }], 20);
    const { heads, final } = await run(queue, request);
    expect(heads[0]!.track.static).toBe(false);
    for (const [frame, line] of final('object-0'))
      expect(iou3d(boxOf(line), queue[1]!(frame)!)).toBeGreaterThan(0.8);
  });

  it('is the same at UTM coordinates, under a scanner that drives and turns', async () => {
    const truth = driving(9);
    const poses = Array.from({ length: 12 }, (_, k): Pose => {
      const yaw = 0.02 * k;
      return {
        position: [515387 + 0.8 * k, 4918360 - 0.3 * k, 250],
        rotation: [0, 0, Math.sin(yaw / 2), Math.cos(yaw / 2)],
      };
    });
    const inWorld = (frame: number): Box => {
      const box = truth(frame)!;
      return { ...box, center: [515387 + box.center[0], 4918360 + box.center[1], 250 + box.center[2]] };
    };
    const frames = poses.map((pose, k) => ({ timestamp: k * 0.1, pose }));
    const seen: Truth = (frame) => boxInFrame(frames[frame]!, inWorld(frame));
    const request = { ...requestOf([{ keyframes: [key(0, seen(0)!)] }], 12), frames };
    const { final } = await run([seen], request);
    for (const [frame, line] of final('object-0'))
      expect(iou3d(boxOf(line), seen(frame)!)).toBeGreaterThan(0.85);
  });

  it('goes as far as direction and range say', async () => {
    const keyframes = [key(5, parked(5)!)];
    const frames = async (over: object) => {
      const { final } = await run([parked], requestOf([{ keyframes }], 10, over));
      return [...final('object-0').keys()].sort((a, b) => a - b);
    };
    expect(await frames({ direction: 'forward' })).toEqual([5, 6, 7, 8, 9]);
    expect(await frames({ direction: 'backward' })).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await frames({ range: [3, 6] })).toEqual([3, 4, 5, 6]);
    expect(await frames({ range: [7, 8] })).toEqual([7, 8]);
  });

  it('does not go across frames in which the object is not there', async () => {
    const request = requestOf([{ keyframes: [key(0, parked(0)!), key(9, parked(9)!)], absent: [4, 5] }], 12);
    const { final } = await run([parked], request);
    for (const frame of [4, 5]) expect(final('object-0').get(frame)).toMatchObject({ lost: 'absent' });
    expect(final('object-0').get(3)).toMatchObject({ status: 'measured' });
    const open = requestOf([{ keyframes: [key(0, parked(0)!)], absent: [4] }], 8);
    const after = (await run([parked], open)).final('object-0');
    expect(after.get(6)).toMatchObject({ lost: 'absent' });
    expect(after.size).toBe(8);
  });

  it('may move a keyframe that nobody confirmed, unless it is locked', async () => {
    const off = boxAt(-12 + 0.3, 5, 1);
    const answer = async (over: object) =>
      boxOf(
        (await run([parked], requestOf([{ keyframes: [key(0, off, false)], ...over }], 8)))
          .final('object-0')
          .get(0),
      );
    expect(iou3d(await answer({}), parked(0)!)).toBeGreaterThan(iou3d(off, parked(0)!));
    expect(await answer({ locked: [0] })).toEqual(off);
  });

  it('puts a parked car between where nobody confirmed it and where the frames show it', async () => {
    const offset = fc.double({ min: -0.3, max: 0.3, noNaN: true });
    await fc.assert(
      fc.asyncProperty(offset, offset, async (x, y) => {
        const truth: Truth = () => boxAt(-12, 5);
        const drawn = boxAt(-12 + x, 5 + y);
        const request = requestOf([{ keyframes: [key(3, drawn, false)], static: true }], 8);
        const { final } = await run([truth], request, { noise: 0 });
        for (const [frame, line] of final('object-0')) {
          const { center } = boxOf(line);
          for (const axis of [0, 1] as const) {
            const ends = [drawn.center[axis], truth(frame)!.center[axis]];
            expect(center[axis]).toBeGreaterThanOrEqual(Math.min(...ends) - 1e-9);
            expect(center[axis]).toBeLessThanOrEqual(Math.max(...ends) + 1e-9);
          }
        }
      }),
      { numRuns: 25 },
    );
  });

  it('stands still or moves as it is told', async () => {
    const request = requestOf([{ keyframes: [key(0, driving(9)(0)!)], static: true }], 6);
    const { heads, final } = await run([driving(9)], request);
    expect(heads[0]!.track.static).toBe(true);
    expect(boxOf(final('object-0').get(1)!).center).toEqual(driving(9)(0)!.center);
    const moving = requestOf([{ keyframes: [key(0, parked(0)!)], static: false }], 6);
    expect((await run([parked], moving)).heads[0]!.track.static).toBe(false);
  });
});

describe('keyframes that disagree', () => {
  it('are reported, and do not make a parked car move', async () => {
    const twice = [key(0, boxAt(-12, 5, 1)), key(9, boxAt(-11.8, 5, 1))];
    const { heads, final } = await run([parked], requestOf([{ keyframes: twice }], 10));
    expect(heads[0]!.track.static).toBe(true);
    expect(heads[0]!.track.disagreements).toEqual([
      { frames: [0, 9], size: 0, place: expect.closeTo(0.2, 6) },
    ]);
    const between = [...final('object-0')].filter(([frame]) => frame > 0 && frame < 9);
    for (const [, line] of between) {
      expect(boxOf(line)).toEqual(boxOf(between[0]![1]));
      expect(line).toMatchObject({ velocity: [0, 0, 0] });
    }
  });

  it('about the size: the one edited last has it', async () => {
    const larger = { ...parked(0)!, size: [4.6, 1.9, 1.5] as const };
    const keyframes = [key(9, parked(9)!), key(0, larger)];
    const { heads } = await run([parked], requestOf([{ keyframes }], 10));
    expect(heads[0]!.track).toMatchObject({ size: larger.size, sizeFrom: 1 });
    expect(heads[0]!.track.disagreements).toEqual([
      { frames: [0, 9], size: expect.closeTo(0.2, 6), place: 0 },
    ]);
  });
});

describe('the network', () => {
  /** Rear and one side of a car in the box; x, y, z, intensity. */
  const carIn = (box: Box): Float32Array => {
    const inWorld: Pose = {
      position: box.center,
      rotation: [0, 0, Math.sin(box.yaw / 2), Math.cos(box.yaw / 2)],
    };
    const points: number[] = [];
    for (let z = -0.4; z < 0.7; z += 0.3) {
      for (let u = -2.1; u <= 2.1; u += 0.1) points.push(...transformPoint(inWorld, [u, -0.85, z]), 0);
      for (let v = -0.8; v <= 0.8; v += 0.1) points.push(...transformPoint(inWorld, [-2.15, v, z]), 0);
    }
    return Float32Array.from(points);
  };
  const FRAMES = 12;
  /** Frames in which the network was asked about the only object, which it finds. */
  const asked = async (truth: Truth, keyframe: Keyframe) => {
    const frames: number[] = [];
    let at = 0;
    const fits = memoryFrames(
      async (frame) => {
        at = frame;
        return { points: carIn(truth(frame)!), sensor: [0, 0, 1.8] };
      },
      async ({ crop }) => {
        frames.push(at);
        const box = truth(at)!;
        return { box: { ...box, center: minus(box.center, crop.origin) }, score: 0.8 };
      },
    );
    const { heads, final } = await collect(
      follow(requestOf([{ keyframes: [keyframe] }], FRAMES), fits, open()),
    );
    return { frames, isStatic: heads[0]!.track.static, final: final('object-0') };
  };

  it('is asked about a parked car in its keyframe alone, if the points are in their places', async () => {
    const { frames, isStatic, final } = await asked(parked, key(3, parked(3)!));
    expect(isStatic).toBe(true);
    expect(frames).toEqual([3]);
    for (const [frame, line] of final) if (frame !== 3) expect(line).toMatchObject({ status: 'measured' });
  });

  it('is asked in all frames about one whose keyframe is not fixed', async () => {
    const { frames } = await asked(parked, key(3, parked(3)!, false));
    expect(frames.sort((a, b) => a - b)).toEqual(Array.from({ length: FRAMES }, (_, k) => k));
  });

  it('is asked about one that creeps along, though most of its side still has partners', async () => {
    const creeping: Truth = (frame) => boxAt(12 + 0.09 * frame, 5);
    const { isStatic } = await asked(creeping, key(0, creeping(0)!));
    expect(isStatic).toBe(false);
  });
});

describe('an edit', () => {
  const FRAMES = 24;
  const place = fc.integer({ min: 0, max: FRAMES - 1 });
  const off = fc.double({ min: -0.15, max: 0.15, noNaN: true });

  it.each([
    [true, true],
    [true, false],
    [false, true],
    [false, false],
  ])(
    'changes nothing beyond the neighbouring keyframes (static: %s, confirmed: %s)',
    async (isStatic, confirmed) => {
      const truth = isStatic ? parked : driving(7);
      const drawn = (frame: number, by: number): Keyframe => {
        const box = truth(frame)!;
        const center = [box.center[0] + by, box.center[1] - by, box.center[2]] as const;
        return key(frame, { ...box, center }, confirmed);
      };
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(place, { minLength: 2, maxLength: 5 }),
          place,
          off,
          async (at, edited, by) => {
            const before = at.map((frame) => drawn(frame, 0.01 * (frame % 3)));
            const after = [...before.filter(({ frame }) => frame !== edited), drawn(edited, by)];
            const lines = async (keyframes: Keyframe[]) => {
              const { heads, final } = await run(
                [truth],
                requestOf([{ keyframes, static: isStatic }], FRAMES),
              );
              expect(heads[0]!.track.size).toEqual(SIZE);
              return final('object-0');
            };
            const [old, fresh] = [await lines(before), await lines(after)];
            const others = at.filter((frame) => frame !== edited);
            const left = Math.max(-1, ...others.filter((frame) => frame < edited));
            const right = Math.min(FRAMES, ...others.filter((frame) => frame > edited));
            for (let frame = 0; frame < FRAMES; frame++)
              if (frame <= left || frame >= right) expect(fresh.get(frame)).toEqual(old.get(frame));
          },
        ),
        { numRuns: 25 },
      );
    },
  );
});

describe('what is not there', () => {
  it('is lost, not measured, when it was taken away', async () => {
    const taken: Truth = (frame) => (frame < 6 ? parked(frame) : null);
    const { final } = await run([taken], requestOf([{ keyframes: [key(0, parked(0)!)], static: true }], 12));
    for (let frame = 6; frame < 12; frame++)
      expect(final('object-0').get(frame)).toMatchObject({ lost: 'no_points' });
  });

  it('is occluded while something stands in front, and is found again behind it', async () => {
    const truth = driving(8);
    const hidden: Truth = (frame) => (frame >= 8 && frame < 14 ? null : truth(frame));
    const request = requestOf([{ keyframes: [key(0, truth(0)!)] }], 24);
    const { final } = await run([hidden], request, {
      hidden: (frame) => (frame >= 8 && frame < 14 ? 0.6 : 0),
    });
    for (let frame = 8; frame < 14; frame++)
      expect(final('object-0').get(frame)).toMatchObject({ status: 'occluded', method: 'motion' });
    for (let frame = 14; frame < 24; frame++) {
      const line = final('object-0').get(frame)!;
      expect(line).toMatchObject({ status: 'measured' });
      expect(iou3d(boxOf(line), truth(frame)!)).toBeGreaterThan(0.8);
    }
  });

  it('is predicted for a while and then lost', async () => {
    const truth = driving(8);
    const gone: Truth = (frame) => (frame >= 10 ? null : truth(frame));
    const { final } = await run([gone], requestOf([{ keyframes: [key(0, truth(0)!)] }], 40));
    expect(final('object-0').get(10)).toMatchObject({ status: 'predicted', method: 'motion' });
    expect(final('object-0').get(39)).toMatchObject({ lost: 'no_points' });
  });

  it('is not found by a single fit long after it was lost, but by two', async () => {
    const truth = driving(8);
    const flash =
      (...at: number[]): Truth =>
      (frame) =>
        frame < 10 || at.includes(frame) ? truth(frame) : null;
    const request = requestOf([{ keyframes: [key(0, truth(0)!)] }], 40);
    const once = (await run([flash(22)], request)).final('object-0');
    expect(once.get(22)).toMatchObject({ lost: 'jumped' });
    const twice = (await run([flash(22, 25)], request)).final('object-0');
    for (const frame of [22, 25]) expect(twice.get(frame)).toMatchObject({ status: 'measured' });
  });
});

describe('a frame that fails', () => {
  it('is a line for each object, and the track goes on behind it', async () => {
    const error = new NearboxError('cloud_not_found', 'there is no cloud x');
    const request = requestOf(
      [{ keyframes: [key(0, parked(0)!)] }, { keyframes: [key(0, driving(9)(0)!)] }],
      10,
    );
    const { final, lines } = await run([parked, driving(9)], request, { failures: new Map([[5, error]]) });
    for (const id of ['object-0', 'object-1']) {
      expect(final(id).get(5)).toEqual({
        id,
        frame: 5,
        lost: 'cloud_not_found',
        detail: 'there is no cloud x',
        final: true,
      });
      expect(final(id).get(9)).toMatchObject({ status: 'measured' });
      expect(final(id).size).toBe(10);
    }
    expect(lines.at(-1)).toMatchObject({ done: true });
  });

  it('is one whose cloud was replaced between two looks at it', async () => {
    let looks = 0;
    const version = (frame: number) => (frame === 3 ? `v${looks++}` : 'v');
    const request = requestOf([{ keyframes: [key(0, driving(9)(0)!)] }], 8);
    const { final } = await run([driving(9)], request, { version });
    expect(final('object-0').get(3)).toMatchObject({ lost: 'cloud_changed' });
    expect(final('object-0').get(4)).toMatchObject({ status: 'measured' });
  });

  it('is not a bug: that ends the stream', async () => {
    const frames = { ...fakeFrames([parked]), ask: () => Promise.reject(new TypeError('a bug')) };
    await expect(
      collect(follow(requestOf([{ keyframes: [key(0, parked(0)!)] }], 4), frames, open())),
    ).rejects.toThrow('a bug');
  });
});

describe('the end', () => {
  const request = requestOf([{ keyframes: [key(0, driving(9)(0)!)] }], 30);

  it('at the deadline: what is left says so, and the done line comes', async () => {
    const controller = new AbortController();
    const late = new NearboxError('deadline_exceeded', 'late');
    let asked = 0;
    const onAsk = () => {
      if (++asked === 28) controller.abort(late);
    };
    const track = follow(request, fakeFrames([driving(9)], { onAsk }), { signal: controller.signal });
    const { final, lines } = await collect(track);
    expect(final('object-0').size).toBe(30);
    expect(final('object-0').get(29)).toMatchObject({ lost: 'deadline_exceeded' });
    expect(final('object-0').get(2)).toMatchObject({ status: 'measured' });
    expect(lines.at(-1)).toMatchObject({ done: true });
  });

  it('when the client leaves: nothing is asked any more', async () => {
    const controller = new AbortController();
    const gone = new Error('gone');
    const asked: number[] = [];
    const onAsk = (frame: number) => asked.push(frame);
    const track = follow(request, fakeFrames([driving(9)], { onAsk }), { signal: controller.signal });
    await track.next();
    controller.abort(gone);
    const before = asked.length;
    await expect(collect(track)).rejects.toBe(gone);
    expect(asked.length).toBe(before);
  });

  it('asks each frame for all its objects together, once in each pass', async () => {
    const asked = new Map<number, number[]>();
    const onAsk = (frame: number, asks: readonly unknown[]) =>
      asked.set(frame, [...(asked.get(frame) ?? []), asks.length]);
    const standing = Array.from(
      { length: 20 },
      (_, k): Truth =>
        () =>
          boxAt(-40 + 6 * k, 12),
    );
    const many = requestOf(
      standing.map((truth) => ({ keyframes: [key(0, truth(0)!)] })),
      15,
    );
    await collect(follow(many, fakeFrames(standing, { onAsk }), open()));
    expect([...asked.keys()].length).toBe(15);
    for (const asks of asked.values()) expect(asks).toEqual([20]);
  });
});
