/** The servers that are compared, each in processes of its own, and what they take of the machine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { buildProgramForTests } from '../../../app/package/build/index.ts';
import { PROGRAM } from '../../../cache/testing/index.ts';
import { cpuMsOf, residentMiBOf } from '../../kit/index.ts';

/**
 * `nearbox`, as the package holds it; `stateless` and `websocket`: the designs of 2020 in their own stack
 * (aiohttp, ONNX Runtime in Python); `plain-...`: the same two designs with nearbox's octree and inference
 * code; `peer-...`: others' code for them.
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
    cpuMs: () => cpuMsOf(pids),
    residentMiB: () => residentMiBOf(pids),
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
