/** The whole service over a real socket: real octree, real threads, the real network. */

import { mkdtemp, readdir, rm, truncate, writeFile } from 'node:fs/promises';
import http from 'node:http';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { mulberry32 } from '../../cache/foundation/index.ts';
import { drawFrustum } from '../../inference/evaluation/index.ts';
import { DEFAULT_PROFILE_FILE, iou3d, readProfile } from '../../inference/index.ts';
import { parseServeConfig } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { CAR, streetCloud, streetPoints } from '../testing/index.ts';
import { type RunningServer, startServer } from './server.ts';

interface Body {
  readonly code?: string;
  readonly detail?: string;
  readonly box: { center: [number, number, number]; size: [number, number, number]; yaw: number };
  readonly method: string;
  readonly score: number;
  readonly points: { region: number; inside: number };
  readonly ground: number;
  readonly cost: { nodes: number; bytes: number; memory: number; disk: number; origin: number };
  readonly timings: Record<string, number>;
}

let cloud: Awaited<ReturnType<typeof streetCloud>>;
let server: RunningServer;

beforeAll(async () => {
  cloud = await streetCloud();
  server = await startServer(parseServeConfig({ clouds: cloud.root, port: '0', rehearseMs: '0' }), silentLog);
});

afterAll(async () => {
  await server.close();
  await cloud.remove();
});

async function predict(body: unknown, to: RunningServer = server): Promise<{ status: number; body: Body }> {
  const response = await fetch(`${to.url}/v1/predictions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Body };
}

const { center, size, yaw } = CAR;
/** A lasso round the car on the screen of somebody who stands at the scanner. */
const SCREEN = drawFrustum(CAR, [0, 0], mulberry32(3));
const corner = [center[0] - 1.6, center[1] - 1.3, center[2]];

describe('a prediction', () => {
  it.each([
    ['a click', { type: 'click', position: corner }],
    ['a sphere', { type: 'sphere', center, radius: 3.5 }],
    [
      'a lasso from above',
      {
        type: 'polygon',
        ring: [
          [7.2, 2.2],
          [12.4, 3.2],
          [12.9, 5.6],
          [10, 6.2],
          [7.3, 4.6],
        ],
      },
    ],
    ['a lasso on the screen', SCREEN],
    ['a loose box', { type: 'box', center: [10.3, 3.8, -0.9], size: [4.8, 2.1, 1.4], yaw: 0.45 }],
  ])('finds the car from %s, by the network', async (_name, region) => {
    const { status, body } = await predict({ cloud: 'street', region });
    expect(status).toBe(200);
    expect(body.method).toBe('model');
    expect(iou3d(body.box, { center, size, yaw })).toBeGreaterThan(0.5);
    expect(body.box.yaw).toBeGreaterThan(-Math.PI);
    expect(body.box.yaw).toBeLessThanOrEqual(Math.PI);
    expect(body.ground).toBeCloseTo(-1.7, 1);
    expect(body.score).toBeGreaterThan(0);
    expect(body.score).toBeLessThanOrEqual(1);
    expect(body.points.inside).toBeGreaterThan(100);
    expect(body.points.region).toBeGreaterThanOrEqual(body.points.inside / 2);
  });

  it('counts exactly the points of a lasso, and says when it holds none or was not read to its end', async () => {
    const ring = [
      [8, 2],
      [12, 2],
      [12, 6],
      [8, 6],
    ];
    const polygon = { type: 'polygon', ring, z: [-1.5, 0] };
    const points = streetPoints();
    let inside = 0;
    for (let i = 0; i < points.length; i += 4) {
      const [x, y, z] = [points[i]!, points[i + 1]!, points[i + 2]!].map((v) => Math.round(v * 1000) / 1000);
      if (x! >= 8 && x! <= 12 && y! >= 2 && y! <= 6 && z! >= -1.5 && z! <= 0) inside++;
    }
    const answer = await predict({ cloud: 'street', region: polygon });
    expect(answer.body.points.region).toBe(inside);
    expect(answer.body).not.toHaveProperty('truncated');
    const nothing = await predict({ cloud: 'street', region: { ...polygon, z: [20, 30] } });
    expect(nothing).toMatchObject({ status: 422, body: { code: 'region_empty' } });
    const behind = { ...SCREEN, ring: SCREEN.ring.map(([x, y]) => [x + 500, y]) };
    expect(await predict({ cloud: 'street', region: behind })).toMatchObject({
      status: 422,
      body: { code: 'region_empty' },
    });
    const config = parseServeConfig({ clouds: cloud.root, port: '0', rehearseMs: '0', lassoPoints: '1000' });
    const frugal = await startServer(config, silentLog);
    try {
      const wide = {
        ...SCREEN,
        ring: [
          [-1, -1],
          [1, -1],
          [1, 1],
          [-1, 1],
        ],
      };
      const { status, body } = await predict({ cloud: 'street', region: wide }, frugal);
      expect(status).toBe(200);
      expect(body).toMatchObject({ truncated: true });
    } finally {
      await frugal.close();
    }
  });

  it('takes lassos in a batch, and has runners-up where they are asked for', async () => {
    const item = { region: SCREEN, alternatives: 3 };
    const response = await fetch(`${server.url}/v1/predictions/batch`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ cloud: 'street', items: [item] }),
    });
    const { results } = (await response.json()) as { results: (Body & { alternatives: Body[] })[] };
    const [best] = results;
    expect(best!.method).toBe('model');
    const all = [best!, ...best!.alternatives];
    expect(all.length).toBeGreaterThan(1);
    expect(all.length).toBeLessThanOrEqual(4);
    for (const [i, a] of all.entries())
      for (const b of all.slice(0, i)) expect(iou3d(a.box, b.box)).toBeLessThan(0.7);
    const scores = best!.alternatives.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  it('adapts the answer to a profile in the question, also without a folder of profiles', async () => {
    const { classes } = await readProfile(DEFAULT_PROFILE_FILE);
    const raised = Object.fromEntries(
      Object.entries(classes).map(([name, of]) => [
        name,
        { ...of, padding: { ...of.padding, top: of.padding.top + 0.3 } },
      ]),
    );
    const question = { cloud: 'street', region: { type: 'click', position: corner } };
    const plain = await predict(question);
    const profile = { format: 'nearbox-profile-1', classes: raised };
    const adapted = await predict({ ...question, profile });
    expect(adapted.body.box.size[2]).toBeGreaterThan(plain.body.box.size[2]);
  });

  it('adapts the answer to a label profile, whose content is part of the ETag', async () => {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-profiles-'));
    const trainingProfile = await readProfile(DEFAULT_PROFILE_FILE);
    const write = (top: number) => {
      const classes = Object.fromEntries(
        Object.entries(trainingProfile.classes).map(([name, of]) => [
          name,
          { ...of, padding: { ...of.padding, top: of.padding.top + top } },
        ]),
      );
      return writeFile(
        path.join(folder, 'high.json'),
        JSON.stringify({ format: 'nearbox-profile-1', classes }),
      );
    };
    const asked = async (top: number) => {
      await write(top);
      const config = parseServeConfig({ clouds: cloud.root, port: '0', rehearseMs: '0', profiles: folder });
      const own = await startServer(config, silentLog);
      try {
        const question = { cloud: 'street', region: { type: 'click', position: corner } };
        const plain = await predict(question, own);
        const high = await predict({ ...question, profile: 'high' }, own);
        const unknown = await predict({ ...question, profile: 'low' }, own);
        const url = `${own.url}/v1/predictions?cloud=street&at=${corner.join(',')}`;
        const tags = await Promise.all(
          [url, `${url}&profile=high`].map(async (u) => (await fetch(u)).headers.get('etag')),
        );
        const again = await fetch(`${url}&profile=high`, { headers: { 'if-none-match': tags[1]! } });
        const none = await fetch(`${url}&profile=low`, { headers: { 'if-none-match': '*' } });
        return { plain, high, unknown, tags, statuses: [again.status, none.status] };
      } finally {
        await own.close();
      }
    };
    try {
      const first = await asked(0.1);
      const higher = ({ high, plain }: typeof first) => high.body.box.size[2] - plain.body.box.size[2];
      // The networks are told that tops stand .1 m higher over the points, of a mean height that stays.
      expect(higher(first)).toBeGreaterThan(0.05);
      expect(higher(first)).toBeLessThan(0.12);
      expect(first.unknown).toMatchObject({ status: 400, body: { code: 'invalid_request' } });
      expect(first.statuses).toEqual([304, 400]);
      const second = await asked(0.2);
      expect(higher(second)).toBeGreaterThan(higher(first) + 0.03);
      expect(second.tags[0]).toBe(first.tags[0]);
      expect(new Set([...first.tags, second.tags[1]]).size).toBe(3);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  it('is the same for the same question, and costs the origin nothing the second time', async () => {
    const question = { cloud: 'street', region: { type: 'click', position: corner } };
    const first = (await predict(question)).body;
    const second = (await predict(question)).body;
    expect(second.box).toEqual(first.box);
    expect(second.cost).toMatchObject({
      nodes: first.cost.nodes,
      memory: first.cost.nodes,
      origin: 0,
      bytes: 0,
    });
  });

  it('keeps a size that is given, exactly', async () => {
    const fixed = [4.4, 1.9, 1.6];
    const { body } = await predict({
      cloud: 'street',
      region: { type: 'click', position: corner },
      size: fixed,
    });
    expect(body.box.size).toEqual(fixed);
  });

  it('is of another object, or none, where the object is drawn already', async () => {
    const drawn = [{ center, size, yaw }];
    const { status, body } = await predict({
      cloud: 'street',
      region: { type: 'click', position: corner },
      boxes: drawn,
    });
    if (status === 200) expect(iou3d(body.box, { center, size, yaw })).toBeLessThan(0.3);
    else expect(body.code).toBe('region_empty');
  });

  it('fetches every node once for many clicks at the same time on a cold cloud', async () => {
    const config = parseServeConfig({ clouds: cloud.root, port: '0', shards: '0', readAheadPoints: '0' });
    const cold = await startServer(config, silentLog);
    try {
      const answers = await Promise.all(
        Array.from({ length: 16 }, (_, k) =>
          predict(
            {
              cloud: 'street',
              region: { type: 'click', position: [corner[0]! + k * 0.01, corner[1], corner[2]] },
            },
            cold,
          ),
        ),
      );
      expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 16 }, () => 200));
      const nodes = Math.max(...answers.map(({ body }) => body.cost.nodes));
      expect(cold.services.reader.stats().tiles.entries).toBe(nodes);
      expect(cold.services.reader.stats().decoders.finished).toBe(nodes);
    } finally {
      await cold.close();
    }
  });
});

describe('what is wrong is answered with the contract’s error', () => {
  const click = { type: 'click', position: corner };

  it.each([
    [
      'a region without points',
      { cloud: 'street', region: { type: 'click', position: [0, 0, 500] } },
      422,
      'region_empty',
    ],
    ['a cloud that is not there', { cloud: 'nowhere', region: click }, 404, 'cloud_not_found'],
    ['a path that climbs out', { cloud: '../street', region: click }, 400, 'invalid_request'],
    ['a path that climbs in the middle', { cloud: 'street/../../x', region: click }, 400, 'invalid_request'],
    ['an absolute path', { cloud: '/etc', region: click }, 400, 'invalid_request'],
    ['a URL', { cloud: 'http://127.0.0.1/x', region: click }, 400, 'invalid_request'],
    ['an empty segment', { cloud: 'a//b', region: click }, 400, 'invalid_request'],
    ['a segment that begins with ~', { cloud: '~v/street', region: click }, 400, 'invalid_request'],
    ['a model that is not there', { cloud: 'street', region: click, model: 'none' }, 400, 'invalid_request'],
    [
      'a profile that is not there',
      { cloud: 'street', region: click, profile: 'none' },
      400,
      'invalid_request',
    ],
  ])('%s', async (_name, question, status, code) => {
    const answer = await predict(question);
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('a truncated node names the node', async () => {
    const broken = await streetCloud();
    const data = path.join(broken.root, 'street', 'ept-data');
    // One alone: of several broken nodes, the one that is decoded first is named.
    for (const file of await readdir(data))
      if (file.startsWith('0-0-0-0.')) await truncate(path.join(data, file), 5);
    const other = await startServer(
      parseServeConfig({ clouds: broken.root, port: '0', rehearseMs: '0' }),
      silentLog,
    );
    try {
      const { status, body } = await predict({ cloud: 'street', region: click }, other);
      expect([status, body.code]).toEqual([502, 'corrupt_tile']);
      expect(body.detail).toMatch(/node 0-0-0-0 of cloud "street"/);
    } finally {
      await other.close();
      await broken.remove();
    }
  });
});

describe('what is no HTTP', () => {
  it('is refused with a problem document', async () => {
    const answer = await new Promise<string>((resolve, reject) => {
      const socket = net.connect(server.port, '127.0.0.1', () =>
        socket.write('FOO /healthz HTTP/1.1\r\n\r\n'),
      );
      let text = '';
      socket.on('data', (data) => {
        text += data;
      });
      socket.on('end', () => resolve(text));
      socket.on('error', reject);
    });
    expect(answer).toMatch(/^HTTP\/1\.1 400 /);
    expect(answer).toContain('application/problem+json');
    expect(answer).toContain('"code":"invalid_request"');
  });
});

describe('the end', () => {
  it('finishes what runs, refuses what comes later, and frees the port', async () => {
    const short = await startServer(
      parseServeConfig({ clouds: cloud.root, port: '0', rehearseMs: '0' }),
      silentLog,
    );
    const agent = new http.Agent({ keepAlive: true });
    const asked = new Promise<number>((resolve, reject) => {
      const request = http.request(
        `${short.url}/v1/predictions`,
        { method: 'POST', agent, headers: { 'content-type': 'application/json' } },
        (response) => {
          response.resume();
          response.on('end', () => resolve(response.statusCode!));
        },
      );
      request.on('error', reject);
      request.end(JSON.stringify({ cloud: 'street', region: { type: 'click', position: corner } }));
      request.on('finish', () => void short.close());
    });
    expect([200, 503]).toContain(await asked);
    await short.close();
    await expect(fetch(`${short.url}/healthz`)).rejects.toThrow();
    agent.destroy();
  });

  it('names a folder of clouds that is not there', async () => {
    await expect(
      startServer(parseServeConfig({ clouds: '/nowhere/at/all', port: '0', rehearseMs: '0' }), silentLog),
    ).rejects.toThrow('/nowhere/at/all');
  });
});
