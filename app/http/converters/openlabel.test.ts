/** OpenLABEL from the server and from the page, held against the published schema. */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Question } from '../../../inference/index.ts';
import { toExchange } from '../../page/exchange/index.ts';
import { readOpenLabel, writeOpenLabel } from '../../page/formats/index.ts';
import { anyFrames, hasOpenLabelSchema, openLabelCheck } from '../../page/testing/index.ts';
import { type CloudApp, cloudApp, expectProblem, PREDICTION } from '../testing/index.ts';
import { openLabelText } from './openlabel.ts';

const isRequired = process.env.NEARBOX_REQUIRE_COMPONENTS === '1';
interface Written {
  readonly objects: Record<string, unknown>;
  readonly frames: Record<
    string,
    { objects: Record<string, { object_data: { cuboid: { val: number[] }[] } }> }
  >;
}

const UUID = '6a9f2a34-5d0f-4b0e-8a4e-1c2d3e4f5a6b';

let one: CloudApp;
beforeAll(async () => {
  const predict = async ({ cloud }: Question) => ({
    ...PREDICTION,
    cloud: { id: cloud, version: (await one.reader.cloud(cloud)).version },
  });
  one = await cloudApp({ predictor: { predict } });
});
afterAll(() => one.reader.close());

const post = async (query: string) =>
  one.app.request(`/v1/predictions${query}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ cloud: 'a/ept', region: { type: 'click', position: [1, 2, 3] } }),
  });
const get = async (query: string, headers = {}) =>
  one.app.request(`/v1/predictions?cloud=a/ept&at=1,2,3${query}`, { headers });
const context = { currentFrame: '', frames: ['a/ept'] };

describe('?format=openlabel', () => {
  it('is the box as a cuboid of ten values, in a frame that names the cloud', async () => {
    const response = await post('?format=openlabel');
    expect(response.headers.get('content-type')).toBe('application/json');
    const { openlabel } = (await response.json()) as { openlabel: Written };
    const [uid = ''] = Object.keys(openlabel.objects);
    expect(uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(openlabel.objects[uid]).toMatchObject({ type: 'car' });
    expect(openlabel.frames['0']!.objects[uid]!.object_data.cuboid[0]!.val).toEqual([
      10,
      4,
      -0.95,
      0,
      0,
      expect.closeTo(Math.SQRT1_2, 6),
      expect.closeTo(Math.SQRT1_2, 6),
      4.2,
      1.8,
      1.5,
    ]);
    const [frame] = readOpenLabel({ openlabel }, context);
    expect(frame).toMatchObject({ frame: 'a/ept', labels: [{ class: 'car', score: 0.8, method: 'model' }] });
  });

  it('has a body and an ETag of its own behind a URL', async () => {
    const [plain, first, second] = [
      await get(''),
      await get('&format=openlabel'),
      await get('&format=openlabel'),
    ];
    expect(await first.text()).toBe(await second.text());
    const etag = first.headers.get('etag')!;
    expect(etag).not.toBe(plain.headers.get('etag'));
    expect((await get('&format=openlabel', { 'if-none-match': etag })).status).toBe(304);
    expect((await get('', { 'if-none-match': etag })).status).toBe(200);
    expect((await get('&format=json')).headers.get('etag')).toBe(plain.headers.get('etag'));
  });

  it.each(['?format=kitti', '?form=openlabel', '?format='])('POST refuses %s', async (query) => {
    await expectProblem(await post(query), 400, 'invalid_request');
  });
});

describe.runIf(hasOpenLabelSchema() || isRequired)('the published schema', () => {
  const check = () => openLabelCheck();

  it('finds what is wrong', () => {
    const wrong = check();
    expect(wrong({ openlabel: {} })).toContain('metadata');
    const text = openLabelText(PREDICTION, UUID);
    expect(wrong(JSON.parse(text.replace('1.0.0', '2.0.0')))).toContain('schema_version');
    expect(wrong(JSON.parse(text.replaceAll(UUID, 'car one')))).not.toBeNull();
    expect(wrong(JSON.parse(text.replace('"val": [', '"val": ["x",')))).not.toBeNull();
  });

  it('takes what the server answers', async () => {
    const wrong = check();
    for (const response of [await post('?format=openlabel'), await get('&format=openlabel')])
      expect(wrong(await response.json())).toBeNull();
    expect(wrong(JSON.parse(openLabelText({ ...PREDICTION, method: 'geometric' }, '0')))).toBeNull();
  });

  it('takes whatever the page exports', () => {
    const wrong = check();
    fc.assert(
      fc.property(anyFrames, (drawn) => {
        const frames = drawn.map(({ frame, labels }) => ({ frame, labels: labels.map(toExchange) }));
        expect(wrong(JSON.parse(writeOpenLabel(frames)))).toBeNull();
      }),
      { numRuns: 50 },
    );
    expect(wrong(JSON.parse(writeOpenLabel([])))).toBeNull();
  });
});
