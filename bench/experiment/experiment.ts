/**
 * The load test that the story began with: three designs under more and more annotators, up to the knee and
 * past it.
 *
 *   npm run bench [-- --short] [--frames FOLDER] [--python PYTHON] [--node NODE] [--seconds 20]
 *                 [--annotators 5,20,50,100,200,300,500] [--only NAME,...] [--write]
 *
 * Annotators click about every 5 s, 5 clicks on a frame, each on a sequence of its own; a click is due
 * whether or not the last one was answered (open arrivals). They start within 5 s (mass start) or over the
 * whole time (spread). The storage waits as an object store does (bench/speed/designs/origin.ts). PYTHON
 * needs the packages of bench/speed/designs/requirements.txt. `--write` puts the report into
 * docs/experiment.md and docs/experiment.html; without it Markdown goes to standard output.
 */
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { machineLine, wrapped } from '../kit/index.ts';
import {
  annotators,
  benchFrames,
  type ContenderName,
  closeConnections,
  startContender,
  startOrigin,
} from '../speed/designs/index.ts';
import { experimentHtml, experimentMarkdown } from './experiment-report.ts';
import { type ExperimentResult, isPastKnee, type LoadCell, type StartKind } from './experiment-result.ts';

const PROJECT = path.join(import.meta.dirname, '../..');
const ORIGIN_PORT = 18_740;
const CONTENDERS: readonly ContenderName[] = [
  'nearbox',
  'stateless',
  'plain-stateless',
  'websocket',
  'plain-websocket',
];

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    frames: { type: 'string', default: path.join(PROJECT, '../shared/real/pandaset-002') },
    python: { type: 'string', default: path.join(PROJECT, '.cache/components/bench-python/bin/python') },
    node: { type: 'string', default: process.execPath },
    seconds: { type: 'string' },
    annotators: { type: 'string' },
    only: { type: 'string', default: CONTENDERS.join(',') },
    write: { type: 'boolean', default: false },
  },
});
const seconds = Number(values.seconds ?? (values.short ? 10 : 20));
const counts = (values.annotators ?? (values.short ? '5,50,150' : '5,20,50,100,200,300,500'))
  .split(',')
  .map(Number);
const names = CONTENDERS.filter((name) => values.only.split(',').includes(name));

const frames = await benchFrames(values.frames);
const origin = await startOrigin(frames.root, ORIGIN_PORT);

const result: ExperimentResult = {
  machine: machineLine(),
  versions: [
    `nearbox ${text('git', ['rev-parse', '--short', 'HEAD'])}`,
    `Node ${text(values.node, ['--version'])}`,
    text(values.python, ['--version']),
    text(values.python, [
      '-c',
      'import onnxruntime as o, aiohttp as a; print("onnxruntime", o.__version__, "aiohttp", a.__version__)',
    ]),
  ],
  source: frames.source,
  seconds,
  cells: [],
};
try {
  for (const start of ['mass', 'spread'] as const) await climb(start);
} finally {
  closeConnections();
  await origin.stop();
  frames.remove();
}
const markdown = wrapped(experimentMarkdown(result));
if (values.write) {
  writeFileSync(path.join(PROJECT, 'docs/experiment.md'), markdown);
  writeFileSync(path.join(PROJECT, 'docs/experiment.html'), experimentHtml(result));
} else process.stdout.write(markdown);

/** More and more annotators; a contender that is past its knee is not asked again. The order turns round. */
async function climb(start: StartKind): Promise<void> {
  const done = new Set<ContenderName>();
  for (const [round, count] of counts.entries())
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      if (done.has(name)) continue;
      const cell = await measure(name, start, count);
      result.cells.push(cell);
      process.stderr.write(
        `${start} ${count} ${name}: ${(100 * cell.inTime).toFixed(1)} % < 400 ms, p99 ${cell.p99Ms.toFixed(0)} ms\n`,
      );
      if (isPastKnee(cell)) done.add(name);
    }
}

async function measure(name: ContenderName, start: StartKind, count: number): Promise<LoadCell> {
  const contender = await startContender(name, {
    origin: origin.url,
    python: values.python,
    peers: '',
    nearbox: [],
    node: values.node,
  });
  try {
    await fetch(`${origin.url}/__reset`);
    const found = await annotators(contender, {
      count,
      seconds,
      startWithinSeconds: start === 'mass' ? 5 : seconds,
      frames: frames.frames,
      clicksPerFrame: 5,
      run: count + (start === 'mass' ? 0 : 1),
    });
    const total = (await (await fetch(`${origin.url}/__total`)).json()) as {
      requests: number;
      bytes: number;
    };
    const clicks = Math.max(1, found.answers);
    return {
      contender: name,
      start,
      annotators: count,
      ...found,
      storageKiB: total.bytes / 1024 / clicks,
      storageRequests: total.requests / clicks,
    };
  } finally {
    await contender.stop();
  }
}

function text(command: string, args: readonly string[]): string {
  return execFileSync(command, args, { cwd: PROJECT, encoding: 'utf8' }).trim();
}
