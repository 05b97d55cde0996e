/** Feedback over HTTP: stored once by its key, before it is acknowledged. */
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FolderDocuments } from '../../../documents/index.ts';
import { type CloudApp, cloudApp, expectProblem } from '../../testing/index.ts';

let folder: string;
let store: FolderDocuments;
let one: CloudApp;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-feedback-'));
  store = await FolderDocuments.open(folder);
  one = await cloudApp({ feedback: store, maxBodyBytes: 2 ** 20 });
});
afterEach(async () => {
  await one.reader.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const item = (key: string, change: object = {}) => ({
  key,
  cloud: { id: 'a/ept', version: 'v' },
  outcome: 'accepted',
  ...change,
});
const send = (items: unknown) =>
  one.app.request('/v1/feedback', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ items }),
  });

/** Everything that is on the disk. */
async function stored() {
  const names = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(names.map((name) => readFile(path.join(folder, name), 'utf8')));
  return texts.map((text) => JSON.parse(text) as Record<string, unknown>);
}

describe('feedback', () => {
  it('is on the disk when it is acknowledged, once for each key', async () => {
    const box = { center: [515387.123, 4918360.377, 1], size: [4, 2, 1.5], yaw: 0 };
    const first = await send([
      item('k1'),
      item('k2', { outcome: 'corrected', box, class: 'van', edits: 3, seconds: 4.5 }),
      item('k1', { outcome: 'rejected' }),
    ]);
    expect([first.status, await first.json()]).toEqual([200, { stored: 2, known: 1 }]);
    const again = await send([item('k1', { outcome: 'rejected' }), item('k3')]);
    expect(await again.json()).toEqual({ stored: 1, known: 1 });
    const all = await stored();
    expect(all).toHaveLength(3);
    expect(all.find(({ key }) => key === 'k1')).toMatchObject({
      outcome: 'accepted',
      cloud: { id: 'a/ept' },
    });
    expect(all.find(({ key }) => key === 'k2')).toMatchObject({ box, edits: 3 });
  });

  it('takes many items at a time, and counts those of a repeated request as known', async () => {
    const items = Array.from({ length: 256 }, (_, i) => item(`k${i}`));
    expect(await (await send(items)).json()).toEqual({ stored: 256, known: 0 });
    expect(await (await send(items)).json()).toEqual({ stored: 0, known: 256 });
  });

  it.each([
    [[], 'items'],
    [Array.from({ length: 257 }, (_, i) => item(`k${i}`)), 'items'],
    [[item('')], 'items[0].key'],
    [[item('k', { outcome: 'fine' })], 'items[0].outcome'],
    [[item('k', { outcome: 'corrected' })], 'items[0].box'],
    [[item('k', { colour: 'red' })], 'items[0].colour'],
  ])('is refused with the path of what does not fit', async (items, where) => {
    const problem = await expectProblem(await send(items), 400, 'invalid_request');
    expect(problem.errors!.map((error) => error.path)).toContain(where);
    expect(await stored()).toEqual([]);
  });

  it('is not there without a place for it', async () => {
    const without = await cloudApp();
    const response = await without.app.request('/v1/feedback', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ items: [item('k')] }),
    });
    await expectProblem(response, 404, 'not_found');
    await without.reader.close();
  });
});
