/** Hostile clouds, each with the question that is asked of it, and hostile questions about good clouds. */
import { connections, head } from './hostile-clients.ts';
import {
  brotliBomb,
  copcLargePage,
  copcLoop,
  copcPromise,
  eptLargePage,
  eptPages,
  type Files,
  manyValues,
  nested,
  potree1LargePage,
  potree1List,
  potree2Chunks,
  potree2Ladder,
  potree2Loop,
  promises,
  scattered,
  zstdBomb,
} from './hostile-clouds.ts';

export interface AbuseCase {
  readonly name: string;
  /** In the short form as well, which has no case that takes long to make. */
  readonly isShort: boolean;
  /**
   * The cloud, unless the question is about the demo. A cloud whose id ends with `.copc.laz` is the file ''.
   */
  readonly cloud?: { readonly id: string; readonly files: () => Files };
  readonly route: '/v1/predictions' | '/v1/crops' | '/v1/plans';
  readonly region: Record<string, unknown>;
  /** Asked so often, one after the other ... */
  readonly times: number;
  /** ... and so many at once. */
  readonly atOnce: number;
  readonly timeoutMs: number;
  /** Answers that are right: HTTP status and, of a problem, its code. */
  readonly answers: readonly string[];
  /** In place of the question: what is done to the server, and how that ended. */
  readonly attack?: (url: string) => Promise<readonly string[]>;
}

const CLICK = { type: 'click', position: [8, 8, 8] };
const WHOLE_CUBE = { type: 'box', center: [8, 8, 8], size: [40, 40, 40], yaw: 0 };

/** The most corners that a request may have. */
const MAX_CORNERS = 4096;

/** A star with so many spikes that nearly every cell of it has edges, around a place. */
function star([x, y]: readonly [number, number], radius: number): [number, number][] {
  return Array.from({ length: MAX_CORNERS }, (_, i) => {
    const angle = (2 * Math.PI * i) / MAX_CORNERS;
    const r = i % 2 === 0 ? radius : radius / 1000;
    return [x + r * Math.cos(angle), y + r * Math.sin(angle)];
  });
}

/** All edges run from one side to the other in a band of a millimetre. */
function bundle([x, y]: readonly [number, number], radius: number): [number, number][] {
  return Array.from({ length: MAX_CORNERS }, (_, i) => [
    x + (i % 2 === 0 ? -radius : radius),
    y + ((i * 7919) % MAX_CORNERS) * 1e-6,
  ]);
}

/** Looks down at the cube of the hostile clouds. */
const FROM_ABOVE = [1 / 8, 0, 0, 0, 0, 1 / 8, 0, 0, 0, 0, -1 / 32, 0, -1, -1, 0, 1];

const question = (name: string, changes: Partial<AbuseCase> & Pick<AbuseCase, 'answers'>): AbuseCase => ({
  name,
  isShort: true,
  route: '/v1/predictions',
  region: CLICK,
  times: 3,
  atOnce: 1,
  timeoutMs: 5000,
  ...changes,
});

const broken = (name: string, files: () => Files, changes: Partial<AbuseCase> = {}): AbuseCase =>
  question(name, {
    cloud: { id: name.replaceAll(/[^a-z0-9]+/gi, '-').toLowerCase(), files },
    answers: ['502 corrupt_tile', '413 region_too_large'],
    ...changes,
  });

const copc = (name: string, files: () => Files, changes: Partial<AbuseCase> = {}): AbuseCase => {
  const made = broken(name, files, changes);
  return { ...made, cloud: { id: `${made.cloud!.id}.copc.laz`, files } };
};

const EMPTY_ANSWERS = { answers: ['422 region_empty', '502 corrupt_tile', '413 region_too_large'] };
const DEMO = '000000';
const ON_DEMO = { answers: ['200', '422 region_empty', '504 deadline_exceeded', '503 overloaded'] };
const million = 1_000_000;

export const ABUSE_CASES: readonly AbuseCase[] = [
  // Hierarchies without an end.
  broken('Potree 2: 198 bytes that lead back to themselves', potree2Loop),
  broken('Potree 2: a ladder, each chunk leads to the next eight times', () => potree2Ladder(25)),
  broken('Potree 2: 37,449 chunks without points', () => potree2Chunks(6), EMPTY_ANSWERS),
  copc('COPC: links to the page itself', copcLoop),
  broken('EPT: 585 pages without points', () => eptPages(4), EMPTY_ANSWERS),
  broken('EPT: 4,681 pages without points', () => eptPages(5), {
    isShort: false,
    region: WHOLE_CUBE,
    ...EMPTY_ANSWERS,
  }),

  // Metadata and pages that are too large.
  broken('EPT: 30 MB of brackets in ept.json', () => nested('ept.json', 30 * million)),
  broken('EPT: 900 kB of brackets in ept.json', () => nested('ept.json', 900_000)),
  broken('Potree 2: 900 kB of brackets in metadata.json', () => nested('metadata.json', 900_000)),
  broken('Potree 1: 3 MB of brackets in cloud.js', () => nested('cloud.js', 3 * million)),
  broken('EPT: 18,000 dimensions', () => manyValues(18_000)),
  broken('EPT: a page of 299,593 nodes', () => eptLargePage(7, 1, false)),
  broken('EPT: a page of 2.4 million nodes', () => eptLargePage(8, 1, false), { isShort: false }),
  broken('EPT: a page of 2.4 million nodes, gzipped', () => eptLargePage(8, 1, true), { isShort: false }),
  broken('Potree 1: a page of 3.4 million records', () => potree1LargePage(3_400_000)),
  broken('Potree 1: a page of 262,144 records', () => potree1LargePage(262_144)),
  broken('Potree 1.4: 100,000 nodes in cloud.js', () => potree1List(100_000), {
    timeoutMs: 20_000,
    ...EMPTY_ANSWERS,
  }),
  copc('COPC: a page of 37,449 nodes without points', () => copcLargePage(6), EMPTY_ANSWERS),
  copc('COPC: a page of 299,593 nodes', () => copcLargePage(7), { isShort: false }),

  // Nodes that unpack to more than they should, or promise it.
  broken('EPT: 43 kB of zstandard that are 1.4 GB', () => zstdBomb(10 * million, 128), {
    region: WHOLE_CUBE,
  }),
  broken('EPT: zstandard that is 100 MB', () => zstdBomb(4 * million, 16), { region: WHOLE_CUBE }),
  broken('Potree 2: brotli that is 160 MB', () => brotliBomb(10 * million), { region: WHOLE_CUBE }),
  broken('EPT: zstandard that promises 10 million points', () => promises('zstandard', 10 * million), {
    region: WHOLE_CUBE,
  }),
  broken('EPT: LAZ that promises 10 million points', () => promises('laszip', 10 * million), {
    region: WHOLE_CUBE,
  }),
  broken('EPT: plain records that are not there', () => promises('binary', 10 * million), {
    region: WHOLE_CUBE,
  }),
  copc('COPC: 200 bytes that promise 10 million points', () => copcPromise(10 * million), {
    region: WHOLE_CUBE,
  }),

  // Questions.
  ...(['/v1/predictions', '/v1/crops', '/v1/plans'] as const).map((route) =>
    question(`a star of ${MAX_CORNERS} corners on the demo, ${route}`, {
      route,
      region: { type: 'polygon', ring: star([0, 0], 40) },
      ...ON_DEMO,
    }),
  ),
  question(`a bundle of ${MAX_CORNERS} edges on the demo`, {
    region: { type: 'polygon', ring: bundle([0, 0], 60) },
    ...ON_DEMO,
  }),
  question(`eight stars of ${MAX_CORNERS} corners at once on the demo`, {
    region: { type: 'polygon', ring: star([3, 2], 40) },
    atOnce: 8,
    ...ON_DEMO,
  }),
  question('a box of 1,000 km, turned by 1e300', {
    region: { type: 'box', center: [0, 0, 0], size: [1e6, 1e6, 1e6], yaw: 1e300 },
    ...ON_DEMO,
  }),
  ...([1, 4] as const).flatMap((millions) =>
    (['/v1/predictions', '/v1/crops'] as const).map((route) =>
      question(`a star of ${MAX_CORNERS} corners on ${millions} million points, ${route}`, {
        isShort: millions === 1 && route === '/v1/crops',
        cloud: { id: `scattered-${millions}`, files: () => scattered(millions * million, 50_000) },
        route,
        region: { type: 'polygon', ring: star([8, 8], 8) },
        timeoutMs: 10_000,
        ...ON_DEMO,
      }),
    ),
  ),
  question('a star on the screen, on 4 million points', {
    isShort: false,
    cloud: { id: 'scattered-screen', files: () => scattered(4 * million, 50_000) },
    region: { type: 'frustum', viewProjection: FROM_ABOVE, ring: star([0, 0], 0.99) },
    timeoutMs: 10_000,
    ...ON_DEMO,
  }),
  question('six crops of 4 million points at once', {
    isShort: false,
    cloud: { id: 'scattered-crops', files: () => scattered(4 * million, 50_000) },
    route: '/v1/crops',
    region: WHOLE_CUBE,
    times: 1,
    atOnce: 6,
    timeoutMs: 20_000,
    ...ON_DEMO,
  }),
];

/** Half a body, the whole of which is never sent. */
const HALF_BODY = `{"cloud":"${'x'.repeat(4000)}`;

const attack = (name: string, run: NonNullable<AbuseCase['attack']>, answers: readonly string[]): AbuseCase =>
  question(name, { isShort: false, attack: run, times: 1, answers });

/** Connections that are held open. The server must end each of them by its deadline (5 s) and a second. */
export const CONNECTION_CASES: readonly AbuseCase[] = [
  attack(
    '300 bodies that stall',
    (url) =>
      connections(
        url,
        300,
        { text: head('/v1/predictions', 1_000_000, 5000) + HALF_BODY, reads: true },
        8000,
      ),
    ['408', '413', '503', '504', 'closed'],
  ),
  attack(
    '300 heads that trickle',
    (url) =>
      connections(
        url,
        300,
        {
          text: 'POST /v1/predictions HTTP/1.1\r\n',
          trickle: { text: 'x-a: b\r\n'.repeat(100), everyMs: 200 },
          reads: true,
        },
        20_000,
      ),
    ['408', '431', '504', 'closed'],
  ),
  {
    ...attack(
      '20 crops of 4 million points that nobody reads',
      async (url) => {
        const body = JSON.stringify({ cloud: 'scattered-unread', region: WHOLE_CUBE });
        const text = head('/v1/crops', body.length, 5000) + body;
        return connections(url, 20, { text, reads: false }, 10_000);
      },
      ['closed', '503', '504'],
    ),
    cloud: { id: 'scattered-unread', files: () => scattered(4 * million, 50_000) },
  },
];

/** The cloud that a case is about. */
export function cloudOf({ cloud }: AbuseCase): string {
  return cloud?.id ?? DEMO;
}
