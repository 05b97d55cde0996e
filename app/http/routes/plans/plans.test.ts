/** Plans over HTTP: what the answer says, held against the tiles that it names. */
import { afterEach, describe, expect, it } from 'vitest';
import { MemorySource } from '../../../../cache/testing/index.ts';
import { CloudReader, InlineDecoders } from '../../../../octree/index.ts';
import { SMALL_CLOUDS, storeCloud } from '../../../../octree/testing/index.ts';
import { planAnswerSchema } from '../../../api/index.ts';
import { cloudApp, expectProblem } from '../../testing/index.ts';

const readers: CloudReader[] = [];
afterEach(async () => {
  await Promise.all(readers.splice(0).map((reader) => reader.close()));
});

async function open(name: string, options: { readonly maxNodes?: number } = {}) {
  const source = new MemorySource();
  const { files, middle } = await SMALL_CLOUDS[name]!();
  const id = storeCloud(source, 'c', { files });
  const reader = new CloudReader({ source, decoders: new InlineDecoders(), ...options });
  const { app, reader: unused } = await cloudApp({ reader });
  readers.push(reader, unused);
  const ask = (body: object) =>
    app.request('/v1/plans', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cloud: id, region: { type: 'sphere', center: middle, radius: 1e4 }, ...body }),
    });
  const plan = async (body: object = {}) => {
    const response = await ask(body);
    expect(response.status).toBe(200);
    return planAnswerSchema.strict().parse(await response.json());
  };
  return { app, id, ask, plan, files };
}

describe('POST /v1/plans', () => {
  it.each(['EPT binary', 'EPT zstandard', 'COPC format-7-pages', 'Potree 1.7', 'Potree 2 BROTLI'])(
    'names nodes of %s such that their bytes are those of their tiles',
    async (name) => {
      const { app, id, plan } = await open(name);
      const { nodes, reads, cloud, totals } = await plan();
      expect(totals).toMatchObject({ nodes: nodes.length, reads: reads.length });
      for (const { key, file, offset, bytes } of nodes) {
        const headers: Record<string, string> =
          offset === null ? {} : { range: `bytes=${offset}-${offset + bytes! - 1}` };
        const part = await app.request(`/tiles/${file}`, { headers });
        const node = await app.request(`/tiles/~${cloud.version}/${id}/nodes/${key}`);
        expect([part.status, node.status]).toEqual([offset === null ? 200 : 206, 200]);
        const stored = Buffer.from(await node.arrayBuffer());
        expect(Buffer.compare(Buffer.from(await part.arrayBuffer()), stored)).toBe(0);
        if (bytes !== null) expect(stored.length).toBe(bytes);
      }
    },
  );

  it('keeps to a density and to a budget', async () => {
    const { plan } = await open('COPC format-6');
    const whole = await plan();
    expect(whole.truncated).toBe(false);
    const coarse = await plan({ spacing: 1e5 });
    expect(coarse.nodes.map(({ key }) => key)).toEqual(['0-0-0-0']);
    expect(coarse.truncated).toBe(false);
    const half = whole.spacing! * 2;
    const depths = (await plan({ spacing: half })).nodes.map(({ key }) => Number(key.split('-')[0]));
    expect(Math.max(...depths)).toBe(
      Math.max(...whole.nodes.map(({ key }) => Number(key.split('-')[0]))) - 1,
    );
    const budget = await plan({ points: 100 });
    expect(budget).toMatchObject({ truncated: true });
    expect(budget.totals.points).toBeLessThanOrEqual(100);
    const none = await plan({ region: { type: 'sphere', center: [0, 0, 0], radius: 1 } });
    expect(none).toMatchObject({
      nodes: [],
      reads: [],
      spacing: null,
      totals: { nodes: 0, points: 0, bytes: 0 },
    });
  });

  it('has the limits and refusals of a crop', async () => {
    const small = await open('EPT binary', { maxNodes: 2 });
    const { detail } = await expectProblem(await small.ask({}), 413, 'region_too_large');
    expect(detail).toMatch(/nodes/);
    for (const wrong of [{ spacing: 0 }, { points: 0.5 }, { density: 3 }])
      await expectProblem(await small.ask(wrong), 400, 'invalid_request');
    await expectProblem(await small.ask({ cloud: 'nowhere' }), 404, 'cloud_not_found');
  });
});
