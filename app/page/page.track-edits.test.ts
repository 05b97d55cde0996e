/**
 * Tracks on the real server: what the timeline shows of them, where one key goes, and edits of whole tracks.
 */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TestApi } from './test-api.ts';
import { canTest } from './testing/fixture/index.ts';
import { demoObjects, type RealPage, useRealPage } from './testing/real/index.ts';

declare const nearbox: TestApi;

const FRAMES = Array.from({ length: 10 }, (_, k) => `00000${k}`);
/** A car that is seen well in all frames. */
const CAR = 'object-006';
/** A person who is hidden in some frames, and one who is lost in most. */
const [HIDDEN, LOST] = ['object-027', 'object-068'];
const CELL = 26;

describe.runIf(canTest)('tracks in the page', { timeout: 240_000 }, () => {
  let on: RealPage;
  let folder: string;
  useRealPage({
    opened: (page, own) => {
      on = page;
      folder = own;
    },
  });

  const message = () => on.page.locator('#message').textContent();
  const boxesOf = async (id: string) => Promise.all(FRAMES.map((frame) => on.label(id, frame)));
  const knownIn = async (id: string) => {
    const boxes = await boxesOf(id);
    return FRAMES.filter((_, k) => boxes[k] !== undefined);
  };
  const goTo = async (frame: string) => {
    await on.page.click(`#frame-list button[data-frame="${frame}"]`);
    await on.isOpen(frame);
  };
  /** Clicks an object of the demo in the open frame, accepts its box, and has its id; it is selected. */
  const clickObject = async (name: string, frame = 0) => {
    const objects = await demoObjects(frame, /./);
    const { id } = await on.click(objects.find((object) => object.id === name)!);
    await on.press('Space');
    await on.page.click(`.track-name[data-id="${id}"]`);
    return id;
  };
  /** Presses a key that begins a track, and waits for its end. */
  const track = async (key: string) => {
    const begun = await on.tracksBegun();
    await on.press(key);
    await on.tracked(begun);
  };
  /** The name of the colour that most of a cell has, and how high it reaches, as a share of the row. */
  const cell = (id: string, frame: number) =>
    on.page.evaluate(
      ({ id, left, names }) => {
        const name = document.querySelector(`#timeline-rows .track-name[data-id="${id}"]`)!;
        const canvas = name.parentElement!.querySelector('canvas')!;
        const ratio = Math.min(2, devicePixelRatio);
        const width = Math.round(24 * ratio);
        const from = Math.round((left + 1) * ratio);
        const { data } = canvas.getContext('2d')!.getImageData(from, 0, width, canvas.height);
        const style = getComputedStyle(canvas);
        const colours = new Map(
          names.map((own) => {
            const hex = style.getPropertyValue(`--track-${own}`).trim().slice(1);
            return [Number.parseInt(hex, 16), own];
          }),
        );
        const counts = new Map<string, { count: number; top: number }>();
        for (let i = 0; i < data.length; i += 4) {
          if (data[i + 3] !== 255) continue;
          const own = colours.get((data[i]! << 16) | (data[i + 1]! << 8) | data[i + 2]!);
          if (own === undefined) continue;
          const row = Math.floor(i / 4 / width) / canvas.height;
          const { count, top } = counts.get(own) ?? { count: 0, top: row };
          counts.set(own, { count: count + 1, top: Math.min(top, row) });
        }
        const [most] = [...counts].sort(([, a], [, b]) => b.count - a.count);
        return most === undefined ? null : { status: most[0], height: 1 - most[1].top };
      },
      {
        id,
        left: frame * CELL,
        names: ['keyframe', 'measured', 'interpolated', 'predicted', 'occluded', 'lost'],
      },
    );
  /** As they are drawn: a moment after the work has changed, so this is to be polled. */
  const statuses = async (id: string) => {
    const cells = await Promise.all(FRAMES.map((_, k) => cell(id, k)));
    return cells.map((one) => one?.status ?? null);
  };

  it('cells have the colour of their status and the height of their score; one key goes to each doubt', async () => {
    const car = await clickObject(CAR);
    const hidden = await clickObject(HIDDEN);
    const lost = await clickObject(LOST);
    await track('Shift+I');
    await on.until(() => document.querySelectorAll('#timeline-rows .track').length === 3);
    await expect.poll(() => statuses(car)).toEqual(['keyframe', ...Array(9).fill('measured')]);
    const { score } = await on.label(car, '000004');
    expect((await cell(car, 4))!.height).toBeCloseTo((2 + 13 * score!) / 16, 0.9);
    const own = (await boxesOf(hidden)).map((label) => label.track!.status);
    const dark = own.indexOf('occluded');
    expect(dark).toBeGreaterThan(0);
    await expect.poll(() => statuses(hidden)).toEqual(own);
    const { frames } = (await on.state()).work;
    const gone = FRAMES.findIndex((frame) => frames[frame]?.missing?.[lost] !== undefined);
    expect(gone).toBeGreaterThan(0);
    await expect.poll(async () => (await statuses(lost))[gone]).toBe('lost');
    // The cell says its status and score in words, too.
    const strip = on.page.locator(`.track:has([data-id="${car}"]) canvas`);
    await strip.hover({ position: { x: 4 * CELL + 8, y: 8 } });
    expect(await strip.getAttribute('title')).toBe(`000004: measured, ${score!.toFixed(2)}`);

    // From the car: along the one person, wherever the points do not bear the box out, to where the other is
    // lost.
    await on.page.click(`.track-name[data-id="${car}"]`);
    const looked: string[] = [];
    while (looked.length < 20 && looked.at(-1) !== `${lost} ${FRAMES[gone]}`) {
      await on.press('z');
      await on.until(() => nearbox.state.opening === null);
      const { object, frame } = await on.state();
      looked.push(`${object} ${frame}`);
    }
    const unsure = (await boxesOf(hidden)).map(
      ({ score, track: own }) => score! < 0.5 || !['keyframe', 'measured'].includes(own!.status),
    );
    expect(looked).toEqual([
      ...FRAMES.filter((_, k) => k > 0 && unsure[k]).map((frame) => `${hidden} ${frame}`),
      `${lost} ${FRAMES[gone]}`,
    ]);
    expect(looked).toContain(`${hidden} ${FRAMES[dark]}`);
    expect((await on.state()).selected).toBeNull();
    await on.press('Shift+U');
    await on.until(() => nearbox.state.opening === null);
    const open = await on.state();
    expect((await on.label(open.selected!, open.frame!)).state).toBe('draft');
    expect(on.complaints).toEqual([]);
  });

  it('forwards and backwards; what is between keyframes without the server is interpolated, beyond it predicted', async () => {
    await goTo('000004');
    const id = await clickObject(CAR, 4);
    await track('Shift+F');
    expect(await knownIn(id)).toEqual(FRAMES.slice(4));
    await on.press('Control+z');
    await track('Shift+B');
    expect(await knownIn(id)).toEqual(FRAMES.slice(0, 5));
    await on.press('Control+z');

    const { box } = await on.label(id, '000004');
    const objects = [{ ...box, id, class: 'car' }];
    const file = path.join(folder, 'two.json');
    await writeFile(
      file,
      JSON.stringify({ frames: ['000000', '000007'].map((own) => ({ id: own, objects })) }),
    );
    await on.page.setInputFiles('#import-files', file);
    await on.until(() => nearbox.state.work.frames['000007']!.labels.length === 1);
    await on.press('n');
    const context = on.page.context();
    await context.setOffline(true);
    await track('i');
    expect(await message()).toMatch(/the boxes were interpolated in the page/);
    await expect
      .poll(() => statuses(id))
      .toEqual([
        'keyframe',
        ...Array(3).fill('interpolated'),
        'keyframe',
        ...Array(2).fill('interpolated'),
        'keyframe',
        'predicted',
        'predicted',
      ]);
    await context.setOffline(false);
    await on.until(() => nearbox.state.isServerReachable);
  });

  it('in an outage that begins at once, frames that are not known are left out, and it says so', async () => {
    const id = await clickObject(CAR);
    const context = on.page.context();
    await context.setOffline(true);
    await on.press('i');
    await on.until(() => /nothing was carried/.test(nearbox.state.message?.text ?? ''));
    expect(await message()).toBe(
      'The server cannot be reached: nothing was carried to 9 frames whose labels are not here. Carry again when it is back.',
    );
    expect(await knownIn(id)).toEqual(['000000']);
    await context.setOffline(false);
    await on.until(() => nearbox.state.isServerReachable);
    await track('i');
    expect(await knownIn(id)).toEqual(FRAMES);
  });

  it('one size, and that an object stands, are single steps for the whole track, which is fitted again', async () => {
    const id = await clickObject(CAR);
    await track('i');
    await goTo('000003');
    const begun = await on.tracksBegun();
    await on.page.fill('#size-1', '2.4');
    await on.tracked(begun);
    await on.page.keyboard.press('Escape');
    const before = await boxesOf(id);
    expect(new Set(before.map(({ box }) => box.size[1])).size).toBe(2);
    await track('Shift+R');
    expect((await boxesOf(id)).map(({ box }) => box.size)).toEqual(FRAMES.map(() => before[3]!.box.size));
    await on.press('Control+z');
    expect(await boxesOf(id)).toEqual(before);

    const stood = before[0]!.track!.isStatic;
    const pressed = () => on.page.getAttribute('#track-static', 'aria-pressed');
    expect(await pressed()).toBe(String(stood));
    const said = stood ? `Object ${id} moves` : `Object ${id} stands`;
    const again = await on.tracksBegun();
    await on.saying(new RegExp(`^${said}: the whole track is fitted again\\.$`, 'm'), () =>
      on.press('Shift+P'),
    );
    await on.tracked(again);
    expect(await pressed()).toBe(String(!stood));
    const switched = await boxesOf(id);
    for (const { track: own } of switched)
      expect(own).toMatchObject({ isStatic: !stood, isStaticChosen: true });
    await on.press('Control+z');
    expect(await boxesOf(id)).toEqual(before);
  });

  it('a locked box is moved by no track, and none is carried to where the object is absent', async () => {
    const id = await clickObject(CAR);
    await track('i');
    await goTo('000003');
    await on.press('Shift+L');
    const locked = await on.label(id, '000003');
    await goTo('000006');
    const absent = await on.tracksBegun();
    await on.press('Shift+O');
    await on.tracked(absent);
    await goTo('000000');
    const begun = await on.tracksBegun();
    await on.page.fill('#size-0', '5.6');
    await on.tracked(begun);
    await on.page.keyboard.press('Escape');
    expect(await on.label(id, '000003')).toEqual(locked);
    expect((await on.label(id, '000002')).box.size[0]).toBe(5.6);
    await track('i');
    expect(await on.label(id, '000003')).toEqual(locked);
    expect(await on.label(id, '000006')).toBeUndefined();
    expect((await on.state()).work.frames['000006']!.missing).toEqual({ [id]: 'absent' });
    expect(on.complaints).toEqual([]);
  });
});
