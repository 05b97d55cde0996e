/** Label profiles over HTTP: made of the points that the cloud has around accepted boxes. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CloudApp, cloudApp, expectProblem } from '../../testing/index.ts';

let one: CloudApp;
beforeAll(async () => {
  one = await cloudApp({ maxBodyBytes: 2 ** 20 });
});
afterAll(() => one.reader.close());

const item = (change: object = {}) => ({
  cloud: 'a/ept',
  class: 'car',
  box: { center: [32, 32, 32], size: [4.5, 1.9, 1.6], yaw: 0 },
  ...change,
});
const make = (body: unknown) =>
  one.app.request('/v1/profiles', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });

describe('POST /v1/profiles', () => {
  it('answers with a profile and counts, and adds to the one given', async () => {
    const first = await make({ items: [item(), item({ class: 'pedestrian' })] });
    expect(first.status).toBe(200);
    const { profile, counts } = (await first.json()) as { profile: { classes: object }; counts: object };
    expect(counts).toEqual({ car: 1, pedestrian: 1 });
    expect(profile).toMatchObject({
      format: 'nearbox-profile-1',
      classes: { car: { objects: 1, size: expect.any(Array) } },
    });
    const second = await make({ items: [item(), item()], profile });
    expect(await second.json()).toMatchObject({ counts: { car: 3, pedestrian: 1 } });
  });

  it.each([
    [{ items: [] }, 'items'],
    [{ items: Array.from({ length: 257 }, () => item()) }, 'items'],
    [{ items: [item({ class: 'tank' })] }, 'items[0].class'],
    [{ items: [item()], profile: 'kitti' }, 'profile'],
    [{ items: [item()], name: 'x' }, 'name'],
  ])('refuses what does not fit with its path', async (body, where) => {
    const problem = await expectProblem(await make(body), 400, 'invalid_request');
    expect(problem.errors!.map(({ path }) => path)).toContain(where);
  });

  it('names a cloud that is not there', async () => {
    await expectProblem(await make({ items: [item({ cloud: 'none' })] }), 404, 'cloud_not_found');
  });
});
