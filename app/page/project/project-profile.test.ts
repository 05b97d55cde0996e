import { describe, expect, it } from 'vitest';
import type { Box } from '../../../inference/boxes/index.ts';
import type { ApiClient } from '../api/index.ts';
import { Session } from '../session/index.ts';
import { type KeptProfile, ProjectProfile } from './project-profile.ts';

const BOX: Box = { center: [10, 4, -1], size: [4.2, 1.8, 1.5], yaw: 0.3 };
const LABEL = {
  box: BOX,
  class: 'car',
  state: 'draft',
  method: 'model',
  score: 0.9,
  note: null,
  edited: false,
  prediction: null,
} as const;

/** A session on a frame, and a server that counts what it is told. */
function setUp(kept: KeptProfile | null = null) {
  const session = new Session();
  session.store.set({ frames: ['f/0', 'f/1'] });
  session.arrive('f/0', 'v1');
  const told: Parameters<ApiClient['profile']>[0]['items'][number][] = [];
  const memory: KeptProfile[] = [];
  new ProjectProfile({
    session,
    api: {
      profile: async ({ items }) => {
        told.push(...items);
        return { profile: { format: 'nearbox-profile-1', classes: {} }, counts: { car: told.length } };
      },
    },
    kept,
    keep: (profile) => memory.push(profile),
    wait: async () => undefined,
  });
  const settled = () => new Promise((resolve) => setImmediate(resolve));
  const wider: Box = { ...BOX, size: [4.2, 1.9, 1.5] };
  return { session, told, memory, settled, wider };
}

describe('the project’s profile', () => {
  it('learns from accepted boxes as they are, and from no others', async () => {
    const { session, told, memory, settled, wider } = setUp();
    const id = session.add('f/0', LABEL, 'box');
    session.edit(wider, 'resize');
    await settled();
    expect(told).toEqual([]);
    expect(session.state.learnt).toBeNull();
    session.accept();
    await settled();
    expect(told).toEqual([{ cloud: 'f/0', box: wider, class: 'car' }]);
    expect(session.state.learnt?.counts).toEqual({ car: 1 });
    expect(memory.at(-1)?.objects).toEqual([`f/${id}`]);
    session.add('f/0', LABEL, 'box');
    session.accept();
    session.add('f/0', { ...LABEL, method: 'drawn', score: null }, 'box');
    session.accept();
    await settled();
    expect(told.map(({ box }) => box.size[1])).toEqual([1.9, 1.8, 1.8]);
  });

  it('learns from each object once, also of those that an earlier page knew', async () => {
    const { session, told, memory, settled, wider } = setUp();
    const id = session.add('f/0', LABEL, 'box');
    session.edit(wider, 'resize');
    session.accept();
    await settled();
    session.arrive('f/1', 'v1');
    session.apply('copy', (work) => ({
      ...work,
      frames: { ...work.frames, 'f/1': work.frames['f/0']! },
    }));
    await settled();
    expect(told).toHaveLength(1);
    const next = setUp(memory.at(-1)!);
    expect(next.session.state.learnt?.counts).toEqual({ car: 1 });
    next.session.takeFrame('f/0', session.state.work.frames['f/0']!);
    await next.settled();
    expect(next.told).toEqual([]);
    expect(next.session.state.work.frames['f/0']!.labels[0]!.id).toBe(id);
  });
});
