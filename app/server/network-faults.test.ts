/**
 * A storage and a network that fail, under the real server: toxiproxy in front of a server of files, which
 * itself does wrong what a proxy cannot. Each question ends with all of its points or with an error of the
 * contract; and once the fault is over, with its points.
 */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type Fault,
  type FaultyNetwork,
  findComponent,
  ignoreRange,
  ObjectServer,
  startToxiproxy,
  status,
  type Toxic,
} from '../../cache/testing/index.ts';
import { CUBE, potree2Cloud, scatterNodes } from '../../octree/testing/index.ts';
import { parseServeConfig } from '../config/index.ts';
import { silentLog } from '../observability/index.ts';
import { demoFiles } from '../testing/index.ts';
import { type RunningServer, startServer } from './server.ts';

const toxiproxy = findComponent('toxiproxy-server');

/** What a request may take; more than the storage's own timeouts leave for a retry. */
const DEADLINE_MS = 6000;
/** A question that is not answered at all ends the test. */
const HANG_MS = 60_000;

/** The answers that a question may get while the storage has faults. */
const IN_TROUBLE = ['source_unavailable', 'deadline_exceeded'];

interface Question {
  readonly cloud: string;
  readonly region: unknown;
}

let storage: ObjectServer;
let network: FaultyNetwork | null;
let server: RunningServer;
let right: Map<string, Buffer>;
let stores = 0;

const middle = CUBE.min.map((low, axis) => (low + CUBE.max[axis]!) / 2);
const files: Record<string, readonly (readonly [string, Uint8Array])[]> = {};
const regions: Record<string, unknown> = {
  ept: { type: 'sphere', center: [10, 0, 0], radius: 12 },
  potree2: { type: 'sphere', center: middle, radius: 9 },
};

beforeAll(async () => {
  files.ept = (await demoFiles()).map(([name, bytes]) => [name.replace(/^000000\//, ''), bytes] as const);
  files.potree2 = [...potree2Cloud(scatterNodes(7, 3, 400), { encoding: 'DEFAULT' })];
  storage = await ObjectServer.start('/clouds');
  network = toxiproxy === null ? null : await startToxiproxy(toxiproxy, storage.origin);
  const clouds = `${network?.origin ?? storage.origin}/clouds`;
  // No hit from memory: a question always asks the storage.
  const config = {
    clouds,
    port: '0',
    rehearseMs: '0',
    memoryBytes: '0',
    versionStaleMs: '0',
    versionTtlMs: '0',
  };
  server = await startServer(parseServeConfig(config), silentLog);
  right = new Map();
  for (const question of store()) {
    const { points } = await ask(question, HANG_MS / 2);
    right.set(question.cloud.split('/')[1]!, points!);
  }
});
afterAll(async () => {
  await server?.close();
  await network?.stop();
  await storage?.stop();
});

/**
 * The clouds under names that nobody has asked for yet, and questions for all that they have around a place.
 */
function store(): Question[] {
  stores += 1;
  return Object.entries(files).map(([format, entries]) => {
    const cloud = `${stores}/${format}`;
    for (const [name, bytes] of entries) storage.put(`${cloud}/${name}`, bytes);
    return { cloud, region: regions[format] };
  });
}

async function ask(
  question: Question,
  deadlineMs = DEADLINE_MS,
): Promise<{ code: string; points: Buffer | null }> {
  const response = await fetch(`${server.url}/v1/crops`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'timeout-ms': `${deadlineMs}` },
    body: JSON.stringify(question),
    signal: AbortSignal.timeout(HANG_MS),
  });
  const body = Buffer.from(await response.arrayBuffer());
  if (response.status === 200) return { code: 'ok', points: body };
  return { code: (JSON.parse(body.toString()) as { code: string }).code, points: null };
}

/** Asks while the fault is on, and once it is over. */
async function expectSound(questions: readonly Question[], during: readonly string[], heal: () => unknown) {
  const answers = await Promise.all(questions.map((question) => ask(question)));
  for (const [i, { code, points }] of answers.entries()) {
    expect(during, questions[i]!.cloud).toContain(code);
    if (points !== null) expectRight(questions[i]!, points);
  }
  await heal();
  for (const question of questions) {
    const { code, points } = await ask(question, HANG_MS / 2);
    expect(code, question.cloud).toBe('ok');
    expectRight(question, points!);
  }
}

function expectRight({ cloud }: Question, points: Buffer) {
  expect(points.equals(right.get(cloud.split('/')[1]!)!), `all points of ${cloud}`).toBe(true);
}

describe.skipIf(toxiproxy === null)('a network that', () => {
  const toxics: [string, Toxic, string[]][] = [
    ['is slow', { type: 'latency', attributes: { latency: 40, jitter: 30 } }, ['ok', ...IN_TROUBLE]],
    [
      'gives small pieces',
      { type: 'slicer', attributes: { average_size: 700, delay: 50 } },
      ['ok', ...IN_TROUBLE],
    ],
    ['drips', { type: 'bandwidth', attributes: { rate: 1 } }, IN_TROUBLE],
    ['stalls', { type: 'timeout', attributes: { timeout: 0 } }, IN_TROUBLE],
    ['resets', { type: 'reset_peer', attributes: { timeout: 0 } }, IN_TROUBLE],
    ['resets in the middle', { type: 'reset_peer', attributes: { timeout: 15 } }, ['ok', ...IN_TROUBLE]],
    ['ends in the middle of bodies', { type: 'limit_data', attributes: { bytes: 1500 } }, IN_TROUBLE],
  ];
  it.each(toxics)('%s', async (_name, toxic, during) => {
    const questions = store();
    const heal = await network!.poison(toxic);
    await expectSound(questions, during, heal);
  });

  it('is not there', async () => {
    const questions = store();
    const heal = await network!.cut();
    await expectSound(questions, IN_TROUBLE, heal);
  });

  it('is not there for one who has the cloud open', async () => {
    const questions = store();
    for (const question of questions) expect((await ask(question, HANG_MS / 2)).code).toBe('ok');
    const heal = await network!.cut();
    await expectSound(questions, IN_TROUBLE, heal);
  });
});

describe('a storage that', () => {
  const always = (fault: Fault) => storage.faults.push(...Array.from({ length: 2000 }, () => fault));
  const heal = () => {
    storage.faults.length = 0;
  };
  afterEach(heal);
  /** One byte of what was asked for, and rightly marked as such. */
  const short206: Fault = (request, response, serve) => {
    const first = /^bytes=(\d+)-/.exec(request.headers.range ?? '')?.[1];
    const object = storage.objects.get(decodeURIComponent(request.url!.replace('/clouds/', '')));
    if (first === undefined || object === undefined) return serve();
    const range = { 'content-range': `bytes ${first}-${first}/${object.bytes.length}`, 'content-length': 1 };
    response.writeHead(206, { ...range, etag: object.etag! });
    response.end('x');
  };

  it.each<[string, Fault, string[]]>([
    ['answers 503', status(503), IN_TROUBLE],
    ['answers 403', status(403), IN_TROUBLE],
    ['answers 500 with a page', status(500, { 'content-type': 'text/html' }), IN_TROUBLE],
    // The one with whole files does not ask for ranges.
    ['answers 200 to a range', ignoreRange, ['ok', ...IN_TROUBLE]],
    ['answers a range with less', short206, ['ok', ...IN_TROUBLE]],
  ])('%s', async (_name, fault, during) => {
    const questions = store();
    always(fault);
    await expectSound(questions, during, heal);
  });

  it('answers 503 now and then is asked again', async () => {
    const questions = store();
    storage.faults.push(status(503), (_request, _response, serve) => serve(), status(503));
    await expectSound(questions, ['ok', ...IN_TROUBLE], heal);
  });

  it('gets another version in the middle gives all of the one or all of the other', async () => {
    const next = [...potree2Cloud(scatterNodes(8, 3, 400), { encoding: 'DEFAULT' })];
    const [, question] = store() as [Question, Question];
    const swap = () => {
      for (const [name, bytes] of next) storage.put(`${question.cloud}/${name}`, bytes);
    };
    for (const at of [1, 3, 5, 8]) {
      for (const [name, bytes] of files.potree2!) storage.put(`${question.cloud}/${name}`, bytes);
      expect((await ask(question, HANG_MS / 2)).code).toBe('ok');
      for (let n = 0; n < at; n += 1) storage.faults.push((_request, _response, serve) => serve());
      storage.faults.push((_request, _response, serve) => {
        swap();
        serve();
      });
      const { code, points } = await ask(question, HANG_MS / 2);
      heal();
      swap();
      const after = await ask(question, HANG_MS / 2);
      expect(after.code).toBe('ok');
      expect(after.points!.equals(right.get('potree2')!)).toBe(false);
      if (code === 'ok')
        expect([right.get('potree2')!, after.points!].some((one) => one.equals(points!))).toBe(true);
      else expect(code).toBe('cloud_changed');
    }
  });
});
