/** The servers that are compared, each in processes of its own, and what they take of the machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { buildProgramForTests } from '../../../app/package/build/index.ts';
import { PROGRAM } from '../../../cache/testing/index.ts';

/**
 * `nearbox`, as the package holds it; `stateless` and `websocket`: the designs of 2020 in their own stack (aiohttp,
 * ONNX Runtime in Python);
 * `plain-...`: the same two designs with nearbox's octree and inference code; `peer-...`: others' code for them.
 */
export type ContenderName = 'nearbox' | `${'' | 'plain-' | 'peer-'}${'stateless' | 'websocket'}`;

export interface Design {
  readonly name: ContenderName;
  readonly kind: 'http' | 'websocket';
  readonly url: string;
  /** Processor time of all its processes since they began, milliseconds. */
  cpuMs(): number;
  /** Resident memory of all its processes, MiB. */
  residentMiB(): number;
  stop(): Promise<void>;
}

export interface ContenderOptions {
  readonly origin: string;
  readonly python: string;
  /** Folder with `s_server.py` and `w_server.py`. */
  readonly peers: string;
  /** Options of nearbox besides the defaults. */
  readonly nearbox: readonly string[];
  /** The Node that nearbox runs on. */
  readonly node: string;
}

const PROJECT = path.join(import.meta.dirname, '../../..');
const PORT = 18_731;
/** Processes of the Python designs: one for each of two cores. */
const PYTHON_PROCESSES = 2;

export async function startContender(name: ContenderName, options: ContenderOptions): Promise<Design> {
  const { origin } = options;
  if (name === 'nearbox') await buildProgramForTests();
  const kind = name.endsWith('websocket') ? 'websocket' : 'http';
  const isPlain = name === 'plain-stateless' || name === 'plain-websocket';
  const plain = path.join(import.meta.dirname, 'plain/serve.ts');
  const started = isPlain
    ? [start(options.node, ['--import', 'tsx', plain, name.slice('plain-'.length), String(PORT), origin])]
    : name === 'nearbox'
      ? [
          start(options.node, [
            PROGRAM,
            'serve',
            ...['--clouds', `${origin}/`, '--port', String(PORT), '--log-level', 'error'],
            ...options.nearbox,
          ]),
        ]
      : Array.from({ length: PYTHON_PROCESSES }, () =>
          start(options.python, [script(name, options), String(PORT), origin]),
        );
  const processes = await Promise.all(started);
  const pids = processes.map(({ pid }) => pid!);
  return {
    name,
    kind,
    url: `http://127.0.0.1:${PORT}`,
    cpuMs: () => family(pids).reduce((sum, pid) => sum + cpuMsOf(pid), 0),
    residentMiB: () => family(pids).reduce((sum, pid) => sum + residentMiBOf(pid), 0),
    async stop() {
      await Promise.all(
        processes.map(async (process) => {
          const ended = once(process, 'exit');
          process.kill('SIGTERM');
          await ended;
        }),
      );
    },
  };
}

function script(name: ContenderName, { peers }: ContenderOptions): string {
  if (name === 'peer-stateless') return path.join(peers, 's_server.py');
  if (name === 'peer-websocket') return path.join(peers, 'w_server.py');
  return path.join(import.meta.dirname, `${name}.py`);
}

/** Resolves when the process says that it listens. */
async function start(command: string, args: readonly string[]): Promise<ChildProcess> {
  const child = spawn(command, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: PROJECT,
    env: { ...process.env, NEARBOX: undefined },
  });
  for await (const line of createInterface({ input: child.stdout! }))
    if (line.includes('listening')) {
      child.stdout!.resume();
      return child;
    }
  throw new Error(`${command} ${args.join(' ')} ended`);
}

/** The processes and all that they have started. */
function family(pids: readonly number[]): number[] {
  return pids.flatMap((pid) => {
    const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return [pid, ...(children === '' ? [] : family(children.split(' ').map(Number)))];
  });
}

/** Every thread's time on a processor, nanoseconds, is the first number of its schedstat. */
function cpuMsOf(pid: number): number {
  let ms = 0;
  for (const thread of readdirSync(`/proc/${pid}/task`))
    try {
      ms += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').split(' ')[0]) / 1e6;
    } catch {
      // The thread has just ended.
    }
  return ms;
}

function residentMiBOf(pid: number): number {
  const found = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
  return Number(found?.[1] ?? 0) / 1024;
}
