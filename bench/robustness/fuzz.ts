/**
 * Damages good documents, hierarchy pages, nodes and input files of every format and counts what comes of it.
 *
 *     npx tsx bench/robustness/fuzz.ts [ROUNDS] [SEED] [NAME]
 *
 * NAME picks the targets whose name holds it. Outcomes: `same` (the damage did no harm), `typed error`,
 * `other content` (a document that says something else, or points that no check can tell from the right ones:
 * neither the format nor its writer left a checksum), `BUG` (any other error: the run fails). Slow inputs are
 * reported. Exit code 1 if there was a bug.
 */
import { isNearboxError, mulberry32 } from '../../cache/foundation/index.ts';
import { damaged } from '../../octree/testing/index.ts';
import { machineLine } from '../kit/index.ts';
import { fuzzTargets, type Target } from './fuzz-targets.ts';

const rounds = Number(process.argv[2] ?? 20_000);
const random = mulberry32(Number(process.argv[3] ?? 1));
const only = process.argv[4] ?? '';
const SLOW_MS = 1000;
/** Of targets that go through files, one round in so many. */
const SLOW_SHARE = 10;
const CLASSES = ['typed error', 'same', 'other content', 'BUG'] as const;

async function outcome(
  { run, throws }: Target,
  bytes: Uint8Array<ArrayBuffer>,
  right: string,
): Promise<string> {
  try {
    return summary(await run(bytes)) === right ? 'same' : 'other content';
  } catch (error) {
    return isTyped(error, throws) ? 'typed error' : `BUG: ${String(error).slice(0, 80)}`;
  }
}

/** Decoders throw plain Errors with a word of their own; a TypeError or RangeError was not foreseen. */
function isTyped(error: unknown, throws: Target['throws']): boolean {
  if (throws === 'Error') return error instanceof Error && error.constructor === Error;
  return isNearboxError(error, throws);
}

function summary(result: unknown): string {
  return JSON.stringify(result, (_key, value: unknown) => {
    if (value instanceof Map) return [...value];
    return ArrayBuffer.isView(value) ? Buffer.from(value.buffer).toString('base64') : value;
  });
}

console.log(machineLine());
console.log(`| target | inputs | ${CLASSES.join(' | ')} |\n| --- |${' ---: |'.repeat(CLASSES.length + 1)}`);
const bugs = new Set<string>();
for (const target of await fuzzTargets()) {
  if (!target.name.includes(only)) continue;
  const right = summary(await target.run(new Uint8Array(target.good)));
  const counts = new Map<string, number>();
  const times = target.isSlow ? Math.ceil(rounds / SLOW_SHARE) : rounds;
  for (const copy of damaged(target.good, times, random)) {
    const began = performance.now();
    const what = await outcome(target, copy, right);
    const took = performance.now() - began;
    if (took > SLOW_MS) console.error(`slow: ${target.name}, ${took.toFixed(0)} ms`);
    if (what.startsWith('BUG')) bugs.add(`${target.name}: ${what}`);
    const kind = what.split(':', 1)[0]!;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  console.log(`| ${target.name} | ${times} | ${CLASSES.map((kind) => counts.get(kind) ?? 0).join(' | ')} |`);
}
for (const bug of bugs) console.error(bug);
if (bugs.size > 0) process.exitCode = 1;
