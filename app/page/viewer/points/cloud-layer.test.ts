import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ApiError, type CloudSummary } from '../../api/index.ts';
import type { LodOptions } from '../../cloud/index.ts';
import { encodeNodeColours, encodeNodePayload } from '../../cloud/index.ts';
import { CloudLayer, type CloudLayerOptions } from './cloud-layer.ts';
import { PointMaterial } from './point-material.ts';

const cube = { min: [0, 0, 0], max: [64, 64, 64] } as const;
const summary = (version: string): CloudSummary => ({
  id: 'street',
  version,
  bounds: cube,
  cube,
  points: 900,
  spacing: 1,
  sensor: null,
  hasColour: true,
});
const POINTS = 100;
const children = ['1-0-0-0', '1-1-0-0', '1-0-1-0', '1-1-1-0', '1-0-0-1', '1-1-0-1', '1-0-1-1', '1-1-1-1'];

/** The root, and those of its children that are in focus. */
const seeing = (focus: readonly string[], budget = 10_000): LodOptions => ({
  camera: { position: [32, 32, 5000], planes: [], at: [0, 0, 0], pixelsPerMetre: 500 },
  budget,
  spacingPixels: 1e6,
  focus: focus.map((name) => {
    const [x, y, z] = name
      .split('-')
      .slice(1)
      .map((part) => 32 * Number(part) + 16) as [number, number, number];
    return { min: [x - 1, y - 1, z - 1], max: [x + 1, y + 1, z + 1] };
  }),
});

function payload(): ArrayBuffer {
  const data = new Uint16Array(4 * POINTS);
  return encodeNodePayload({
    count: POINTS,
    origin: [0, 0, 0],
    step: [0.001, 0.001, 0.001],
    intensity: { offset: 0, scale: 0 },
    data,
  });
}

describe('the layer of points', () => {
  let asked: string[];
  let errors: unknown[];
  let gone: string[];
  let version: string;
  /** Throws for a node, as often as it says. */
  let trouble: (name: string) => ApiError | null;
  let layer: CloudLayer;
  let options: CloudLayerOptions;

  beforeEach(() => {
    vi.useFakeTimers();
    asked = [];
    errors = [];
    gone = [];
    version = 'v1';
    trouble = () => null;
    let last: LodOptions | null = null;
    options = {
      api: {
        cloud: async () => summary(version),
        listing: async () => ({
          nodes: Object.fromEntries(['0-0-0-0', ...children].map((name) => [name, POINTS])),
          more: [],
        }),
        node: async (_, of, name) => {
          asked.push(`${of} ${name}`);
          const error = trouble(name);
          if (error !== null) throw error;
          return payload();
        },
        colours: async (_, of, name) => {
          asked.push(`${of} colours ${name}`);
          return encodeNodeColours({ areWide: false, rgb: new Uint8Array(3 * POINTS) });
        },
      },
      material: new PointMaterial(),
      onChange: () => {
        if (last !== null) choose(last);
      },
      onError: (error) => errors.push(error),
      onGone: (id) => gone.push(id),
    };
    layer = new CloudLayer(options);
    const choose = layer.choose.bind(layer);
    layer.choose = (options) => {
      last = options;
      choose(options);
    };
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const open = async () => layer.show(await layer.load('street', new AbortController().signal));
  const settled = () => vi.advanceTimersByTimeAsync(0);

  it('fetches what is chosen, coarse first, and draws it', async () => {
    await open();
    layer.choose(seeing(['1-0-0-0', '1-1-1-1']));
    await settled();
    expect(asked[0]).toBe('v1 0-0-0-0');
    expect(asked.slice(1).sort()).toEqual(['v1 1-0-0-0', 'v1 1-1-1-1']);
    expect(layer.isComplete).toBe(true);
    expect(layer.pointsDrawn).toBe(3 * POINTS);
  });

  it('fetches own colours once they are shown, of the chosen nodes alone', async () => {
    await open();
    layer.choose(seeing(['1-0-0-0']));
    await settled();
    expect(asked.filter((name) => /colours/.test(name))).toEqual([]);
    layer.showOwnColours(true);
    expect(layer.isComplete).toBe(false);
    expect(layer.hasAll({ min: [1, 1, 1], max: [2, 2, 2] })).toBe(true);
    await settled();
    expect(layer.isComplete).toBe(true);
    expect(asked.slice(2)).toEqual(['v1 colours 0-0-0-0', 'v1 colours 1-0-0-0']);
    layer.choose(seeing(['1-0-0-0', '1-1-1-1']));
    await settled();
    expect(asked.slice(4)).toEqual(['v1 1-1-1-1', 'v1 colours 1-1-1-1']);
  });

  it('keeps no more than twice the budget, and fetches again what it let go', async () => {
    await open();
    for (const name of [...children, children[0]!]) {
      layer.choose(seeing([name], 2 * POINTS));
      await settled();
      expect(layer.pointsDrawn).toBe(2 * POINTS);
      layer.choose(seeing([name], 2 * POINTS));
      expect(layer.pointsLoaded).toBeLessThanOrEqual(4 * POINTS);
    }
    expect(asked.filter((one) => one === `v1 ${children[0]}`)).toHaveLength(2);
    expect(asked.filter((one) => one === 'v1 0-0-0-0')).toHaveLength(1);
  });

  it('draws the best nodes alone while the camera moves', async () => {
    await open();
    layer.choose(seeing(children));
    await settled();
    layer.limit(3 * POINTS);
    expect(layer.pointsDrawn).toBe(3 * POINTS);
    expect(layer.group.children.filter(({ visible }) => visible)).toHaveLength(3);
  });

  it('lets what is under way come while the camera moves, and gives it up once it rests', async () => {
    const signals = new Map<string, AbortSignal>();
    const held = new CloudLayer({
      ...options,
      api: {
        ...options.api,
        node: (_id, _version, name, signal) => {
          if (name === '0-0-0-0') return Promise.resolve(payload());
          signals.set(name, signal!);
          return new Promise(() => undefined);
        },
      },
      onChange: () => undefined,
    });
    held.show(await held.load('street', new AbortController().signal));
    held.choose(seeing(['1-0-0-0']), true);
    held.choose(seeing(['1-1-1-1']), true);
    expect([...signals].map(([name, { aborted }]) => [name, aborted])).toEqual([
      ['1-0-0-0', false],
      ['1-1-1-1', false],
    ]);
    held.choose(seeing(['1-1-1-1']));
    expect([...signals].map(([name, { aborted }]) => [name, aborted])).toEqual([
      ['1-0-0-0', true],
      ['1-1-1-1', false],
    ]);
  });

  it('asks again when a request failed by the way', async () => {
    let times = 0;
    trouble = (name) =>
      name === '1-0-0-0' && times++ < 2 ? new ApiError('overloaded', 503, 'too busy') : null;
    await open();
    layer.choose(seeing(['1-0-0-0']));
    await settled();
    expect(layer.isComplete).toBe(false);
    await vi.advanceTimersByTimeAsync(2500);
    expect(layer.isComplete).toBe(true);
    expect(layer.pointsDrawn).toBe(2 * POINTS);
    expect(errors).toEqual([]);
  });

  it('says once what will not come, and draws the rest', async () => {
    trouble = (name) => (name === '1-0-0-0' ? new ApiError('not_found', 404, 'no such node') : null);
    await open();
    layer.choose(seeing(children));
    await settled();
    layer.choose(seeing(children));
    await settled();
    expect(layer.isComplete).toBe(true);
    expect(layer.pointsDrawn).toBe(children.length * POINTS);
    expect(errors).toHaveLength(1);
    expect(layer.hasAll({ min: [1, 1, 1], max: [2, 2, 2] })).toBe(false);
    expect(layer.hasAll({ min: [40, 40, 40], max: [41, 41, 41] })).toBe(true);
  });

  it('keeps no points of a version that an answer says is over', async () => {
    await open();
    layer.choose(seeing(['1-0-0-0']));
    await settled();
    layer.noteVersion('street', 'v1');
    layer.noteVersion('other', 'v2');
    expect(gone).toEqual([]);
    layer.noteVersion('street', 'v2');
    layer.noteVersion('street', 'v2');
    expect(gone).toEqual(['street']);
    version = 'v2';
    await open();
    expect(layer.current?.summary.version).toBe('v2');
    expect(gone).toEqual(['street']);
  });

  it('goes on by itself after an outage, however long it was', async () => {
    await open();
    trouble = () => new ApiError('unreachable', 0, 'no connection');
    layer.choose(seeing(['1-0-0-0']));
    await vi.advanceTimersByTimeAsync(600_000);
    expect(layer.isComplete).toBe(false);
    expect(errors).toEqual([]);
    trouble = () => null;
    layer.retryNow();
    await settled();
    expect(layer.isComplete).toBe(true);
    expect(layer.pointsDrawn).toBe(2 * POINTS);
  });

  it('never mixes up nodes of the same name in two frames', async () => {
    const answers = new Map<string, (points: ArrayBuffer) => void>();
    const held = new CloudLayer({
      ...options,
      api: {
        ...options.api,
        cloud: async (id) => ({ ...summary('v1'), id }),
        node: (id, _version, name, signal) =>
          name === '0-0-0-0'
            ? Promise.resolve(payload())
            : new Promise((resolve, reject) => {
                answers.set(`${id} ${name}`, resolve);
                signal?.addEventListener('abort', () => reject(signal.reason as Error));
              }),
      },
      onChange: () => held.choose(seeing(['1-0-0-0'])),
    });
    const frame = (id: string) => held.load(id, new AbortController().signal);
    held.show(await frame('a'));
    const second = frame('b');
    // The first frame is still shown, and asks for its nodes, when the second one comes.
    held.choose(seeing(['1-0-0-0']));
    held.show(await second);
    expect([...answers.keys()]).toEqual(['a 1-0-0-0', 'b 1-0-0-0']);
    answers.get('b 1-0-0-0')!(payload());
    await settled();
    expect(held.isComplete).toBe(true);
    expect(held.pointsDrawn).toBe(2 * POINTS);
  });

  it('tells when the cloud has another version, and shows that one when it is opened again', async () => {
    await open();
    layer.choose(seeing([]));
    await settled();
    version = 'v2';
    trouble = () => (version === 'v2' ? new ApiError('version_gone', 404, 'gone') : null);
    layer.choose(seeing(children));
    await settled();
    expect(gone).toEqual(['street']);
    expect(errors).toEqual([]);
    trouble = () => null;
    asked.length = 0;
    await open();
    layer.choose(seeing([]));
    await settled();
    expect(asked[0]).toBe('v2 0-0-0-0');
    expect(asked.every((one) => one.startsWith('v2'))).toBe(true);
    expect(layer.pointsDrawn).toBe(POINTS);
  });
});
