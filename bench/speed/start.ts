/**
 * What a start of the server takes, of this checkout and of another one in turn: processor time of all
 * threads and the clock, until it is ready.
 *
 *     npm run build && npx tsx bench/speed/start.ts [--before CHECKOUT] [--shards N] [--rounds N]
 *
 * CHECKOUT is another checkout after `npm run build`; what is measured is the package's code in `dist/`, on
 * the built-in demo. The contenders take turns, in alternating order.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cpuMsOf, machineLine, medianOf, quantile } from '../kit/index.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SERVE = `
const { main } = await import(process.argv[1]);
process.exitCode = await main(['serve', '--port', '0', '--shards', process.argv[2]]);
`;

const { values: flags } = parseArgs({
  options: {
    before: { type: 'string' },
    shards: { type: 'string', default: '2' },
    rounds: { type: 'string', default: '5' },
  },
});

interface StartCost {
  readonly cpuMs: number;
  readonly ms: number;
}

async function start(checkout: string): Promise<StartCost> {
  const program = path.join(path.resolve(checkout), 'dist/app/cli/main.js');
  const args = ['--input-type=module', '-e', SERVE, program, flags.shards];
  const began = performance.now();
  const server = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    for await (const line of createInterface(server.stdout))
      if (line.startsWith('nearbox listening'))
        return { cpuMs: cpuMsOf([server.pid!]), ms: performance.now() - began };
    throw new Error(`${program} ended before it was ready`);
  } finally {
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  }
}

const contenders = [
  ...(flags.before === undefined ? [] : [{ name: 'before', checkout: flags.before }]),
  { name: 'here', checkout: ROOT },
].map((contender) => ({ ...contender, starts: [] as StartCost[] }));
for (let round = 0; round < Number(flags.rounds); round++)
  for (const { checkout, starts } of round % 2 === 0 ? contenders : contenders.toReversed())
    starts.push(await start(checkout));

console.log(machineLine());
console.log(`${flags.shards} shards, ${flags.rounds} rounds; seconds: median (lowest to highest)`);
for (const { name, starts } of contenders) {
  const seconds = (of: (start: StartCost) => number) => {
    const all = starts.map((one) => of(one) / 1000);
    return `${medianOf(all).toFixed(2)} (${quantile(all, 0).toFixed(2)} to ${quantile(all, 1).toFixed(2)})`;
  };
  console.log(
    `${name.padEnd(7)} ${seconds(({ cpuMs }) => cpuMs)} of the processor, ${seconds(({ ms }) => ms)} of the clock`,
  );
}
