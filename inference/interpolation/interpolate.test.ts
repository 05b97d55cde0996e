import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Box, inversePose, type Pose, transformBox, yawQuaternion } from '../boxes/index.ts';
import { interpolate } from './interpolate.ts';

const at = (x: number, yaw = 0, size: Box['size'] = [4, 2, 1.5]): Box => ({ center: [x, 1, -1], size, yaw });
const still = (count: number) => Array.from({ length: count }, (_, k) => ({ timestamp: k / 10, pose: null }));
const whole = { absent: [], isStatic: false };

describe('interpolation', () => {
  it('goes evenly between two keyframes and on for a second beyond them', () => {
    const lines = interpolate({
      ...whole,
      frames: still(30),
      keyframes: [
        { frame: 4, box: at(4) },
        { frame: 8, box: at(8, 0.4) },
      ],
      range: [3, 29],
    });
    const of = (frame: number) => lines.find((line) => line.frame === frame)!;
    expect(lines.map(({ frame }) => frame)).not.toContain(4);
    expect(of(5)).toMatchObject({ status: 'interpolated', box: { center: [5, 1, -1] } });
    expect(of(5).box!.yaw).toBeCloseTo(0.1);
    expect(of(3).box!.center[0]).toBeCloseTo(3);
    expect(of(3).status).toBe('predicted');
    expect(of(18).box!.center[0]).toBeCloseTo(18);
    expect(of(18).box!.yaw).toBeCloseTo(0.4);
    expect(of(29).box!.center[0]).toBeCloseTo(18);
  });

  it('takes the shorter way round, and the size of the keyframe that was edited last', () => {
    const [line] = interpolate({
      ...whole,
      frames: still(3),
      keyframes: [
        { frame: 2, box: at(2, -3.1, [5, 2, 1.6]) },
        { frame: 0, box: at(0, 3.1) },
      ],
      range: [1, 1],
    });
    expect(Math.abs(line!.box!.yaw)).toBeCloseTo(Math.PI, 5);
    expect(line!.box!.size).toEqual([4, 2, 1.5]);
  });

  it('carries nothing across frames in which the object is absent', () => {
    const lines = interpolate({
      frames: still(6),
      keyframes: [{ frame: 0, box: at(0) }],
      absent: [2, 3],
      isStatic: true,
      range: [0, 5],
    });
    expect(lines.map(({ status }) => status)).toEqual(['predicted', 'absent', 'absent', 'absent', 'absent']);
  });

  it('keeps a standing object in the world, however the scanner moves', () => {
    const coordinate = fc.double({ min: -50, max: 50, noNaN: true });
    fc.assert(
      fc.property(
        fc.array(fc.tuple(coordinate, coordinate, coordinate), { minLength: 2, maxLength: 6 }),
        (places) => {
          const frames = places.map(([x, y, turn], k) => {
            const pose: Pose = { position: [x, y, 0], rotation: yawQuaternion(turn) };
            return { timestamp: k, pose };
          });
          const world = at(7, 0.5);
          const own = transformBox(inversePose(frames[0]!.pose), world);
          const lines = interpolate({
            ...whole,
            frames,
            keyframes: [{ frame: 0, box: own }],
            range: [0, frames.length - 1],
          });
          expect(lines).toHaveLength(frames.length - 1);
          for (const { frame, box } of lines) {
            const back = transformBox(frames[frame]!.pose, box!);
            for (const k of [0, 1, 2] as const) expect(back.center[k]).toBeCloseTo(world.center[k], 6);
          }
        },
      ),
    );
  });
});
