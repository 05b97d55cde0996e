/**
 * Labels over HTTP: what is written comes back, and no write replaces a state that its writer has not seen.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Authenticator, CloudScope } from '../../../access/index.ts';
import { FolderDocuments } from '../../../documents/index.ts';
import { type CloudApp, cloudApp, expectProblem } from '../../testing/index.ts';

let folder: string;
let store: FolderDocuments;
let one: CloudApp;

const authenticator = new Authenticator({
  signer: null,
  tokens: async (token) => ({
    name: `token:${token}`,
    clouds: new CloudScope(token === 'other' ? ['b'] : ['a']),
    writes: new CloudScope(token === 'reader' ? [] : ['*']),
    by: 'key',
  }),
});

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-labels-'));
  store = await FolderDocuments.open(folder);
  one = await cloudApp({ labels: store });
});
afterEach(async () => {
  await one.reader.close();
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

const box = { center: [515387.123, 4918360.377, 12.25], size: [4, 2, 1.5], yaw: 0.5 };
const labels = (change: object = {}) => ({
  version: 1,
  cloud: { id: 'a/ept', version: 'v1' },
  state: 'open',
  boxes: [{ id: '1', class: 'car', box, status: 'accepted' }],
  ...change,
});

function put(document: unknown, headers: Record<string, string>, url = '/v1/labels/a/ept') {
  const body = typeof document === 'string' ? document : JSON.stringify(document);
  return one.app.request(url, {
    method: 'PUT',
    headers: { 'content-type': 'application/json', ...headers },
    body,
  });
}

const create = { 'if-none-match': '*' };

describe('labels', () => {
  it('come back byte for byte, unknown fields and digits too', async () => {
    const text = `{"version":1, "cloud":{"id":"a/ept","version":null,"x":1},"state":"done","more":{"é":[1.50,-0.0]},
      "boxes":[{"id":"1","class":"car","box":{"center":[515387.1230,4918360.377,1e1],"size":[4,2,1.5],"yaw":9,"pitch":0.1},
      "status":"edited","attributes":{"occluded":true},"source":{"score":0.9,"model":{"name":"n"},"extra":null},"own":1}]}`;
    const created = await put(text, create);
    expect(created.status).toBe(201);
    const etag = created.headers.get('etag')!;
    expect(await created.json()).toEqual({ id: 'a/ept', etag });
    const read = await one.app.request('/v1/labels/a/ept');
    expect([read.status, read.headers.get('etag'), read.headers.get('content-type')]).toEqual([
      200,
      etag,
      'application/json',
    ]);
    expect(await read.text()).toBe(text);
    expect(await readFile(path.join(folder, 'a/ept/~labels.json'), 'utf8')).toBe(text);
    const again = await one.app.request('/v1/labels/a%2Fept', { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
  });

  it('are replaced by who has seen them, and by nobody else', async () => {
    const first = (await put(labels(), create)).headers.get('etag')!;
    const conflict = await put(labels(), create);
    expect(conflict.headers.get('etag')).toBe(first);
    await expectProblem(conflict, 412, 'precondition_failed');
    const replaced = await put(labels({ state: 'done' }), { 'if-match': first });
    expect(replaced.status).toBe(200);
    const second = replaced.headers.get('etag')!;
    const stale = await put(labels(), { 'if-match': first });
    expect(stale.headers.get('etag')).toBe(second);
    await expectProblem(stale, 412, 'precondition_failed');
    expect((await put(labels(), { 'if-match': `"x", ${second}` })).status).toBe(200);
    await expectProblem(await put(labels(), { 'if-match': `W/${second}` }), 412, 'precondition_failed');
  });

  it.each([{}, { 'if-match': '*' }, { 'if-none-match': '"x"' }])(
    'are not replaced where the request names no state: %j',
    async (headers) => {
      await expectProblem(
        await put(labels(), headers as Record<string, string>),
        428,
        'precondition_required',
      );
    },
  );

  it('are removed by who has seen them', async () => {
    const etag = (await put(labels(), create)).headers.get('etag')!;
    const remove = (headers: Record<string, string>) =>
      one.app.request('/v1/labels/a/ept', { method: 'DELETE', headers });
    await expectProblem(await remove({}), 428, 'precondition_required');
    await expectProblem(await remove({ 'if-match': '"x"' }), 412, 'precondition_failed');
    expect((await remove({ 'if-match': etag })).status).toBe(204);
    await expectProblem(await one.app.request('/v1/labels/a/ept'), 404, 'not_found');
    await expectProblem(await remove({ 'if-match': etag }), 412, 'precondition_failed');
    expect((await put(labels(), create)).status).toBe(201);
  });

  it.each([
    [{ cloud: { id: 'b', version: null } }, 'cloud.id'],
    [{ version: 2 }, 'version'],
    [{ state: 'finished' }, 'state'],
    [{ boxes: [{ id: '1', class: 'tank', box, status: 'accepted' }] }, 'boxes[0].class'],
    [
      { boxes: [{ id: '1', class: 'car', box: { ...box, size: [1, 2] }, status: 'accepted' }] },
      'boxes[0].box.size',
    ],
    [{ boxes: [0, 1].map(() => ({ id: '1', class: 'car', box, status: 'accepted' })) }, 'boxes[1].id'],
  ])('are refused with the path of what does not fit: %j', async (change, where) => {
    const problem = await expectProblem(await put(labels(change), create), 400, 'invalid_request');
    expect(problem.errors!.map((error) => error.path)).toContain(where);
    await expectProblem(await one.app.request('/v1/labels/a/ept'), 404, 'not_found');
  });

  it('are listed with their state and counts, page by page', async () => {
    for (const id of ['s-1/0', 's-1/1', 's-2/0'])
      await put(
        labels({
          cloud: { id, version: id === 's-2/0' ? null : 'v1' },
          state: id === 's-1/1' ? 'done' : 'open',
        }),
        create,
        `/v1/labels/${id}`,
      );
    const list = async (query: string) =>
      (await (await one.app.request(`/v1/labels?${query}`)).json()) as {
        labels: { id: string; state: string; counts: object; version: string | null }[];
        next: string | null;
      };
    const all = await list('');
    expect(all.labels.map(({ id, state, version }) => [id, state, version])).toEqual([
      ['s-1/0', 'open', 'v1'],
      ['s-1/1', 'done', 'v1'],
      ['s-2/0', 'open', null],
    ]);
    expect(all.labels[0]).toMatchObject({
      etag: expect.stringMatching(/^"/),
      counts: { proposed: 0, accepted: 1, edited: 0, rejected: 0 },
    });
    expect(all.next).toBeNull();
    expect((await list('prefix=s-1/')).labels).toHaveLength(2);
    expect((await list('cloud=s-1/1')).labels).toEqual([all.labels[1]]);
    expect((await list('cloud=s-1')).labels).toEqual([]);
    const beside = await one.app.request('/v1/labels?cloud=../s-1');
    await expectProblem(beside, 400, 'invalid_request');
    const ids: string[] = [];
    for (let after: string | null = ''; after !== null; ) {
      const page = await list(`limit=1&after=${after}`);
      ids.push(...page.labels.map(({ id }) => id));
      after = page.next;
    }
    expect(ids).toEqual(['s-1/0', 's-1/1', 's-2/0']);
  });

  it('need a key with the right to write, and are read by keys that open the cloud', async () => {
    await one.reader.close();
    one = await cloudApp({ labels: store, authenticator });
    const as = (token: string) => ({ authorization: `Bearer ${token}` });
    await expectProblem(await put(labels(), { ...create, ...as('reader') }), 403, 'forbidden');
    await expectProblem(await put(labels(), { ...create, ...as('other') }), 403, 'forbidden');
    const created = await put(labels(), { ...create, ...as('writer') });
    expect(created.status).toBe(201);
    const read = (token: string) => one.app.request('/v1/labels/a/ept', { headers: as(token) });
    expect((await read('reader')).status).toBe(200);
    await expectProblem(await read('other'), 403, 'forbidden');
    const listed = await one.app.request('/v1/labels', { headers: as('other') });
    expect(await listed.json()).toEqual({ labels: [], next: null });
    const removed = await one.app.request('/v1/labels/a/ept', {
      method: 'DELETE',
      headers: { ...as('reader'), 'if-match': created.headers.get('etag')! },
    });
    await expectProblem(removed, 403, 'forbidden');
  });

  it('are not there without a place for them', async () => {
    const without = await cloudApp();
    await expectProblem(await without.app.request('/v1/labels/a/ept'), 404, 'not_found');
    await expectProblem(await without.app.request('/v1/labels'), 404, 'not_found');
    await without.reader.close();
  });
});
