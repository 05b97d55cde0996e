import { describe, expect, it } from 'vitest';
import { experimentHtml, experimentMarkdown } from './experiment-report.ts';
import { carriedAnnotators, type ExperimentResult, isPastKnee, type LoadCell } from './experiment-result.ts';

const cell = (changes: Partial<LoadCell>): LoadCell => ({
  contender: 'nearbox',
  start: 'mass',
  annotators: 20,
  answers: 100,
  failed: 0,
  failures: {},
  inTime: 1,
  p50Ms: 80,
  p95Ms: 120,
  p99Ms: 150,
  firstP50Ms: 110,
  laterP50Ms: 20,
  cpuMs: 12,
  peakMiB: 400,
  fromMemory: 0.8,
  sentAgain: 0,
  storageKiB: 140,
  storageRequests: 5,
  ...changes,
});

const result = (cells: LoadCell[]): ExperimentResult => ({
  machine: 'a machine <with> cores',
  versions: ['nearbox abc'],
  source: 'two frames',
  seconds: 10,
  cells,
});

describe('the report of the experiment', () => {
  const cells = [
    cell({}),
    cell({ contender: 'stateless', cpuMs: 9, storageKiB: 280 }),
    cell({ annotators: 50, inTime: 0.7, p99Ms: 900 }),
    cell({ contender: 'stateless', annotators: 50, storageKiB: 280, cpuMs: 9 }),
  ];

  it('has a row for every design and number of annotators', () => {
    const text = experimentMarkdown(result(cells));
    expect(text).toContain('| 20 | N: nearbox | 80 | 120 | 150 | 100.0 % | 140 | 5.0 | 12.0 | 400 | 0 |');
    expect(text.match(/^\| \d+ \| [NS]: /gm)).toHaveLength(4);
  });

  it('says how many annotators each design carries', () => {
    const text = experimentMarkdown(result(cells));
    expect(text).toContain('N: nearbox keeps 99 % under 400 ms up to 20 of');
    expect(text).toMatch(/S: stateless, aiohttp .* keeps 99 % under 400 ms up to 50 of/);
  });

  it('says where another design is better, and nowhere else', () => {
    const found = experimentMarkdown(result(cells)).split('## Where nearbox does not win')[1]!;
    expect(found).toContain('20 annotators (mass start), CPU ms a click: S: stateless');
    expect(found).toContain('50 annotators (mass start), p99 ms: S: stateless');
    expect(found).not.toContain('KiB');
    expect(experimentMarkdown(result([cell({}), cell({ contender: 'stateless' })]))).toContain('Nowhere');
  });

  it('is a page with a plot for each figure, whose texts are escaped', () => {
    const html = experimentHtml(result(cells));
    expect(html.match(/<svg /g)).toHaveLength(8);
    expect(html).toContain('a machine &lt;with&gt; cores');
    expect(html).not.toMatch(/NaN|Infinity|undefined/);
  });

  it('has no broken plot where a design did not answer', () => {
    const dead = cell({ contender: 'websocket', answers: 0, failed: 40, inTime: 0, p50Ms: Number.NaN });
    expect(experimentHtml(result([cell({}), dead]))).not.toMatch(/NaN|Infinity/);
  });
});

describe('the knee', () => {
  it('is passed when half of the clicks are late', () => {
    expect(isPastKnee({ inTime: 0.49 })).toBe(true);
    expect(isPastKnee({ inTime: 0.5 })).toBe(false);
  });

  it('counts annotators as carried only with all smaller numbers', () => {
    const share = (annotators: number, inTime: number) => ({ annotators, inTime });
    expect(carriedAnnotators([share(50, 1), share(5, 1), share(20, 0.98)])).toBe(5);
    expect(carriedAnnotators([share(5, 0.9)])).toBeNull();
  });
});
