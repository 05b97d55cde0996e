import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Box, iou3d } from '../boxes/index.ts';
import type { LabelledFrame } from '../frames/index.ts';
import { applyProfile } from './apply-profile.ts';
import { gapsOf } from './gaps.ts';
import {
  type AcceptedBox,
  type ClassProfile,
  DEFAULT_PROFILE_FILE,
  makeProfile,
  profileOfBoxes,
  profileSchema,
  profileVersion,
  readProfile,
  readProfiles,
} from './index.ts';

const flat = { a: 0, b: 0, c: 0 };
const body: Box = { center: [0, 0, 0.75], size: [4, 1.8, 1.5], yaw: 0.5 };

/** The rear, the left side and the roof of a body as a scanner sees it, and the ground round it: x, y, z. */
function seen({ center, size, yaw }: Box, withFront = false): Float32Array {
  const points: number[] = [];
  const [c, s] = [Math.cos(yaw), Math.sin(yaw)];
  const put = (u: number, v: number, z: number) =>
    points.push(center[0] + u * c - v * s, center[1] + u * s + v * c, z);
  const [l, w] = [size[0] / 2, size[1] / 2];
  const far = withFront ? l : 0;
  for (let z = 0.3; z <= size[2] + 1e-9; z += 0.1) {
    for (let v = -w; v <= w + 1e-9; v += 0.1) put(-l, v, z);
    for (let u = -l; u <= far + 1e-9; u += 0.1) put(u, w, z);
  }
  for (let u = -l; u <= far + 1e-9; u += 0.1) for (let v = -w; v <= w + 1e-9; v += 0.1) put(u, v, size[2]);
  for (let x = -9; x <= 9; x += 0.5)
    for (let y = -9; y <= 9; y += 0.5) points.push(center[0] + x, center[1] + y, 0);
  return Float32Array.from(points);
}

const profileOf = (over: Partial<ClassProfile['padding']> = {}, length = 4.4): ClassProfile => ({
  objects: 20,
  size: [length, 1.8, 1.5],
  padding: { ends: 0.05, sides: 0.02, top: 0.05, floor: 0, ...over },
});

const adapt = (box: Box, own: ClassProfile, withFront = false, keepsSize = false) => {
  const positions = seen(body, withFront);
  const points = { positions, count: positions.length / 3 };
  return applyProfile(box, { own, trainingProfile: profileOf() }, points, flat, keepsSize);
};

describe('gapsOf', () => {
  it('measures the room between points and faces', () => {
    const positions = seen(body, true);
    const roomy: Box = { center: [0, 0, 0.8], size: [4.2, 1.9, 1.5], yaw: 0.5 };
    const gaps = gapsOf(roomy, positions, positions.length / 3, flat)!;
    expect(gaps.front).toBeCloseTo(0.1, 2);
    expect(gaps.rear).toBeCloseTo(0.1, 2);
    expect(gaps.left).toBeCloseTo(0.05, 2);
    expect(gaps.top).toBeCloseTo(0.05, 2);
    expect(gaps.floor).toBeCloseTo(0.05, 6);
    expect(gapsOf({ ...body, center: [50, 0, 0] }, positions, positions.length / 3, flat)).toBeNull();
  });
});

describe('applyProfile', () => {
  it('changes nothing where the project draws as the network was trained', () => {
    expect(adapt(body, profileOf())).toEqual(body);
  });

  it('moves seen faces by the difference of the room', () => {
    const wide = adapt(body, profileOf({ ends: 0.15, sides: 0.02, top: 0.15, floor: -0.1 }), true);
    expect(wide.size[0]).toBeCloseTo(4.2, 2);
    expect(wide.size[1]).toBeCloseTo(1.8, 2);
    expect(wide.size[2]).toBeCloseTo(1.7, 2);
    expect(wide.center[2]).toBeCloseTo(0.75, 2);
  });

  it('moves an unseen end by the difference of the mean size, and holds the seen one', () => {
    const longer = adapt(body, profileOf({}, 4.8));
    expect(longer.size[0]).toBeCloseTo(4.3, 2);
    const rear = (box: Box) =>
      box.center[0] * Math.cos(0.5) + box.center[1] * Math.sin(0.5) - box.size[0] / 2;
    expect(rear(longer)).toBeCloseTo(rear(body), 2);
  });

  it('keeps a size that is to be kept, and gives a sane box for any profile', () => {
    expect(adapt(body, profileOf({ floor: 0.1 }, 5), false, true).size).toEqual(body.size);
    const room = fc.double({ min: -5, max: 5, noNaN: true });
    fc.assert(
      fc.property(
        room,
        room,
        room,
        fc.double({ min: 0.1, max: 30, noNaN: true }),
        (ends, sides, top, length) => {
          const { size, center } = adapt(body, profileOf({ ends, sides, top }, length));
          expect(size.every((side, k) => side >= 0.5 * body.size[k]!)).toBe(true);
          expect(center.every(Number.isFinite)).toBe(true);
        },
      ),
      { numRuns: 30 },
    );
  });
});

describe('makeProfile and its file', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-profile-'));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  const frames = async (count: number): Promise<LabelledFrame[]> => {
    const xyz = seen(body, true);
    const points = Float32Array.from({ length: (xyz.length / 3) * 4 }, (_, i) =>
      i % 4 === 3 ? 0 : xyz[3 * Math.floor(i / 4) + (i % 4)]!,
    );
    const file = path.join(folder, 'one.bin');
    await writeFile(file, new Uint8Array(points.buffer));
    const drawn = { ...body, center: [0, 0, 0.8] as const, size: [4.4, 2, 1.6] as const };
    return Array.from({ length: count }, (_, k) => ({
      id: `frame-${k}`,
      file,
      source: 'made',
      scene: 'scene',
      pose: null,
      objects: [{ ...drawn, id: `car-${k}`, class: 'Car', numPoints: 500 }],
    }));
  };

  it('has the means of sizes and rooms, each object counting once', async () => {
    const twice = await frames(2);
    const again = [...twice, ...twice.map((frame) => ({ ...frame, id: `${frame.id}-later` }))];
    const { classes } = await makeProfile(again, { towards: null });
    expect(classes.car).toMatchObject({ objects: 2, size: [4.4, 2, 1.6] });
    expect(classes.car!.padding.ends).toBeCloseTo(0.2, 2);
    expect(classes.car!.padding.sides).toBeCloseTo(0.1, 2);
    expect(classes.car!.padding.top).toBeCloseTo(0.1, 2);
    expect(classes.car!.padding.floor).toBeCloseTo(0, 2);
  });

  it('is drawn towards the default where there are few', async () => {
    const towards = await readProfile(DEFAULT_PROFILE_FILE);
    const usual = towards.classes.car!.size[1];
    const few = (await makeProfile(await frames(1), { towards })).classes.car!.size[1];
    const many = (await makeProfile(await frames(40), { towards })).classes.car!.size[1];
    expect(Math.abs(few - usual)).toBeLessThan(Math.abs(many - usual));
    expect(Math.abs(many - 2)).toBeLessThan(0.05);
  });

  it('is read again; another content is another version; what does not fit is named', async () => {
    const profile = await makeProfile(await frames(3), { towards: null });
    const write = (name: string, value: unknown) =>
      writeFile(path.join(folder, name), typeof value === 'string' ? value : JSON.stringify(value));
    await write('mine.json', profile);
    await write('other.json', { ...profile, classes: {} });
    const read = await readProfiles(folder);
    expect([...read.keys()]).toEqual(['mine', 'other']);
    expect(read.get('mine')!.classes).toEqual(profile.classes);
    expect(read.get('mine')!.version).not.toBe(read.get('other')!.version);
    await write('wrong.json', { ...profile, classes: { car: { objects: 1 } } });
    await expect(readProfiles(folder)).rejects.toThrow(/wrong\.json: classes\.car/);
    await write('wrong.json', '{');
    await expect(readProfiles(folder)).rejects.toThrow(/wrong\.json/);
    await expect(readProfiles(path.join(folder, 'nowhere'))).rejects.toThrow(/nowhere/);
  });

  it('brings boxes nearer to how a project draws', async () => {
    const own = (await makeProfile(await frames(40), { towards: null })).classes.car!;
    const drawn: Box = { ...body, center: [0, 0, 0.8], size: [4.4, 2, 1.6] };
    const answer: Box = { ...body, center: [0, 0, 0.78], size: [4.1, 1.84, 1.56] };
    const adapted = adapt(answer, own, true);
    expect(iou3d(adapted, drawn)).toBeGreaterThan(iou3d(answer, drawn) + 0.05);
  });
});

describe('profileOfBoxes', () => {
  const accepted = (length: number): AcceptedBox => {
    const box: Box = { ...body, center: [0, 0, 0.8], size: [length, 2, 1.6] };
    const points = seen(body, true).map((value, i) => value - box.center[i % 3]!);
    return { box, class: 'car', points };
  };

  it('is a file as nearbox profile writes it, and counts its boxes', async () => {
    const towards = await readProfile(DEFAULT_PROFILE_FILE);
    const { profile, counts } = profileOfBoxes([accepted(4.2), accepted(4.4)], { given: null, towards });
    expect(profileSchema.parse(profile)).toEqual(profile);
    expect(counts).toEqual({ car: 2 });
    expect(profile.classes.car).toMatchObject({ objects: 2, seen: { ends: 2, sides: 2, top: 2, floor: 2 } });
  });

  it('adds to a given one as if all boxes had come at once', async () => {
    const towards = await readProfile(DEFAULT_PROFILE_FILE);
    const all = [4, 4.1, 4.3, 4.4, 4.6, 5].map(accepted);
    const once = profileOfBoxes(all, { given: null, towards });
    const first = profileOfBoxes(all.slice(0, 2), { given: null, towards });
    const twice = profileOfBoxes(all.slice(2), { given: first.profile, towards });
    expect(twice.counts).toEqual(once.counts);
    const [a, b] = [twice.profile.classes.car!, once.profile.classes.car!];
    for (const k of [0, 1, 2] as const) expect(a.size[k]).toBeCloseTo(b.size[k], 3);
    for (const name of ['ends', 'sides', 'top', 'floor'] as const)
      expect(a.padding[name]).toBeCloseTo(b.padding[name], 3);
  });

  it('keeps the classes of a given one that no new box has', async () => {
    const towards = await readProfile(DEFAULT_PROFILE_FILE);
    const given = { format: 'nearbox-profile-1' as const, classes: { bus: profileOf() } };
    const { profile, counts } = profileOfBoxes([accepted(4.4)], { given, towards });
    expect(profile.classes.bus).toEqual(profileOf());
    expect(counts).toEqual({ car: 1, bus: 20 });
  });

  it('has a version that goes by its content alone', () => {
    const [car, bus] = [profileOf(), profileOf({}, 11)];
    expect(profileVersion({ car, bus })).toBe(profileVersion({ bus, car }));
    expect(profileVersion({ car })).not.toBe(profileVersion({ car: { ...car, objects: 21 } }));
  });
});
