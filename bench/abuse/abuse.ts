/**
 * Hostile clouds and questions, put to a real server in a process of its own while a neighbour clicks on
 * another cloud.
 *
 *   npm run abuse -- [--short] [--only TEXT] [--json]
 *
 * Beside each case: its answers, the longest hold of an event loop that others wait for (in processor time of
 * that thread), the most resident memory, the neighbour's latency. Exits with 1 if a case is not as it should
 * be. Linux only.
 */
import { parseArgs } from 'node:util';
import { machineLine } from '../kit/index.ts';
import { ABUSE_CASES, CONNECTION_CASES } from './cases.ts';
import { type AbuseResult, runAbuse } from './run-abuse.ts';

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});

/** Memory of the server, bytes, and the flags that give it as much. */
const MEMORY_BYTES = 512 * 2 ** 20;

const cases = [...ABUSE_CASES, ...CONNECTION_CASES].filter(
  ({ name, isShort }) => (isShort || !values.short) && name.toLowerCase().includes(values.only.toLowerCase()),
);

function row({
  name,
  answers,
  slowestMs,
  holdMs,
  heldThread,
  peakBytes,
  neighbour,
  faults,
}: AbuseResult): string {
  const cells = [
    name,
    [...new Set(answers)].join(', '),
    slowestMs.toFixed(0),
    `${holdMs.toFixed(0)} (${heldThread})`,
    (peakBytes / 2 ** 20).toFixed(0),
    `${neighbour.p50.toFixed(0)} / ${neighbour.max.toFixed(0)}`,
    faults.length === 0 ? 'ok' : faults.join('; '),
  ];
  return `| ${cells.join(' | ')} |`;
}

if (!values.json) {
  console.log(`${machineLine()}\n`);
  console.log(
    '| case | answers | slowest, ms | longest hold, CPU ms | peak, MiB | neighbour p50 / max, ms | |',
  );
  console.log('| --- | --- | ---: | ---: | ---: | ---: | --- |');
}
const results = await runAbuse({
  cases,
  memoryBytes: MEMORY_BYTES,
  onResult: (result) => {
    if (!values.json) console.log(row(result));
  },
});
const [first] = results;
if (!values.json && first !== undefined)
  console.log(`\nThe idle server had ${Math.round(first.idleBytes / 2 ** 20)} MiB.`);
if (values.json) console.log(JSON.stringify({ machine: machineLine(), results }, null, 2));
if (results.length < cases.length || results.some(({ faults }) => faults.length > 0)) process.exitCode = 1;
