/** The contract of Supervisely's custom 3D AI assistant, as its published example app has it. */
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NearboxError } from '../../../../cache/index.ts';
import type { Question } from '../../../../inference/index.ts';
import { anyBox } from '../../../page/testing/index.ts';
import { superviselyCuboid } from '../../converters/index.ts';
import { type CloudApp, cloudApp, expectProblem, PREDICTION } from '../../testing/index.ts';

let one: CloudApp;
let questions: Question[];
let fails: Error | null;

beforeEach(() => {
  questions = [];
  fails = null;
});

beforeAll(async () => {
  const predict = async (question: Question) => {
    questions.push(question);
    if (fails !== null) throw fails;
    return PREDICTION;
  };
  one = await cloudApp({ predictor: { predict }, superviselyClouds: 'drive/{pcd_id}' });
});
afterAll(() => one.reader.close());

/** As the platform sends it: the question in `state`, and what else an app may need. */
async function ask(route: string, state: unknown, app = one.app): Promise<Response> {
  return app.request(route, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      state,
      context: { userId: 7, apiToken: 'secret' },
      api_token: 'secret',
      server_address: 'https://supervisely.example',
    }),
  });
}
const click = (state: object = {}) =>
  ask('/get_labeling_proposal', { pcd_id: 42, click_coordinate: [1, 2, 3], ...state });

describe('get_labeling_proposal', () => {
  it('is the cuboid at the click, and asks of the body no more than it needs', async () => {
    const response = await click({ more: true });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(await response.json()).toEqual({
      result: {
        position: { x: 10, y: 4, z: -0.95 },
        rotation: { x: 0, y: 0, z: expect.closeTo(0, 12) },
        dimensions: { x: 1.8, y: 4.2, z: 1.5 },
      },
      error: null,
    });
    expect(questions).toMatchObject([{ cloud: 'drive/42', region: { type: 'click', position: [1, 2, 3] } }]);
  });

  it('proposes nothing where there is nothing', async () => {
    fails = new NearboxError('region_empty', 'no points');
    expect(await (await click()).json()).toEqual({ result: null, error: null });
  });

  it('says in `error` why there is no cuboid, and counts it', async () => {
    fails = new NearboxError('cloud_not_found', 'there is no cloud drive/42');
    const response = await click();
    expect([response.status, await response.json()]).toEqual([
      200,
      { result: null, error: 'cloud_not_found: there is no cloud drive/42' },
    ]);
    expect(await (await one.app.request('/metrics')).text()).toMatch(
      /nearbox_errors_total\{code="cloud_not_found"\} [1-9]/,
    );
  });

  it('keeps a bug to itself', async () => {
    fails = new TypeError('secret');
    const problem = await expectProblem(await click(), 500, 'internal');
    expect(JSON.stringify(problem)).not.toContain('secret');
  });

  it.each([
    ['no number of a cloud', { pcd_id: undefined }, 'state.pcd_id'],
    ['a number that is a path', { pcd_id: '../../etc' }, 'state.pcd_id'],
    ['two coordinates', { click_coordinate: [1, 2] }, 'state.click_coordinate'],
  ])('refuses %s', async (_name, state, path) => {
    const problem = await expectProblem(await click(state), 400, 'invalid_request');
    expect(problem.errors!.map((error) => error.path)).toContain(path);
  });
});

describe('the other routes', () => {
  it('generate_clusters warms the cloud', async () => {
    const response = await ask('/generate_clusters', { pcd_id: 42 });
    expect([response.status, await response.json()]).toEqual([200, { result: null, error: null }]);
  });

  it.each([
    ['/interactive_3d_detection', { pcd_id: 42, indices: [1, 2, 3] }, 'original file'],
    ['/segment_ground', { pcd_id: 42 }, 'original file'],
    ['/track', {}, '/v1/tracks'],
    ['/transfer_masks_to_pcd', { pcd_id: 42, image_id: 1 }, 'photos'],
  ])('%s is 501 and says why', async (route, state, why) => {
    const problem = await expectProblem(await ask(route, state), 501, 'not_implemented');
    expect(problem.detail).toContain(why);
  });

  it('are not there unless they are asked for', async () => {
    const plain = await cloudApp();
    await plain.reader.close();
    const response = await ask(
      '/get_labeling_proposal',
      { pcd_id: 1, click_coordinate: [1, 2, 3] },
      plain.app,
    );
    await expectProblem(response, 404, 'not_found');
  });
});

describe('cuboid_3d', () => {
  it('has its corners where the box has them, and its +y along the heading', () => {
    fc.assert(
      fc.property(anyBox, (box) => {
        const { position, rotation, dimensions } = superviselyCuboid(box);
        const ahead = [-Math.sin(rotation.z), Math.cos(rotation.z)];
        expect(ahead[0]).toBeCloseTo(Math.cos(box.yaw), 9);
        expect(ahead[1]).toBeCloseTo(Math.sin(box.yaw), 9);
        expect([dimensions.y, dimensions.x, dimensions.z]).toEqual(box.size);
        expect([position.x, position.y, position.z]).toEqual(box.center);
        expect(Math.abs(rotation.z)).toBeLessThanOrEqual(Math.PI);
      }),
    );
  });
});
