/**
 * Schemathesis, a fuzzer that reads OpenAPI, against the real server: real clouds of three formats, the real
 * network.
 */
import { spawn } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseServeConfig } from '../../../app/config/index.ts';
import { silentLog } from '../../../app/observability/index.ts';
import { type RunningServer, startServer } from '../../../app/server/index.ts';
import { DEMO_CLOUDS } from '../../../app/services/index.ts';
import { potree2Cloud, scatterNodes } from '../../../octree/testing/index.ts';

/** Put there by `.ci/install-components`. */
export const SCHEMATHESIS = fileURLToPath(
  new URL('../../../.cache/components/python/bin/schemathesis', import.meta.url),
);

const CONFIG = new URL('schemathesis.toml', import.meta.url);
const COPC_FOLDER = new URL('../../../octree/formats/copc/fixtures/', import.meta.url);
const COPC_FILE = 'channels.copc.laz';

export interface FuzzOptions {
  /** Random cases for each operation, besides those that schemathesis makes of every schema. */
  readonly examples: number;
  readonly seed: number;
  /** Called with what schemathesis prints, as it prints it. */
  readonly onOutput?: (text: string) => void;
}

export interface FuzzResult {
  /** 0: nothing was found. */
  readonly exitCode: number | null;
  readonly output: string;
  /** What schemathesis says of the run at its end. */
  readonly summary: string;
  /** Answers of each status, by `METHOD route`. */
  readonly answers: ReadonlyMap<string, ReadonlyMap<number, number>>;
}

export async function fuzzSchema({ examples, seed, onOutput }: FuzzOptions): Promise<FuzzResult> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-fuzz-'));
  let server: RunningServer | undefined;
  try {
    const clouds = await makeClouds(path.join(folder, 'clouds'));
    server = await startServer(
      parseServeConfig({
        clouds,
        port: '0',
        rehearseMs: '0',
        timeoutMs: '30000',
        superviselyClouds: '00000{pcd_id}',
      }),
      silentLog,
    );
    const config = path.join(folder, 'schemathesis.toml');
    await writeFile(config, `${await readFile(CONFIG, 'utf8')}\n${await dictionariesOf(server.url)}`);
    const options = ['--seed', String(seed), '--max-examples', String(examples), '--no-color'];
    const { exitCode, output } = await run(
      ['--config-file', config, 'run', `${server.url}/openapi.json`, ...options],
      folder,
      onOutput,
    );
    const summary = output.slice(output.lastIndexOf('API Operations:'));
    return { exitCode, output, summary, answers: await answersOf(server.url) };
  } finally {
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What the server counted. */
async function answersOf(url: string): Promise<Map<string, Map<number, number>>> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const answers = new Map<string, Map<number, number>>();
  const counted =
    /^nearbox_http_request_duration_seconds_count\{method="(\w+)",route="([^"]+)",status="(\d+)"\} (\d+)$/gm;
  for (const [, method, route, status, count] of text.matchAll(counted)) {
    const name = `${method} ${route}`;
    answers.set(name, (answers.get(name) ?? new Map()).set(Number(status), Number(count)));
  }
  return answers;
}

/**
 * A line for each route: its statuses, and how often each was answered. Without methods that a route does not
 * have.
 */
export function answersText(answers: FuzzResult['answers']): string {
  const had = [...answers].filter(([, statuses]) => !(statuses.size === 1 && statuses.has(405)));
  const lines = had.map(([name, statuses]) => {
    const counts = [...statuses].sort(([a], [b]) => a - b).map(([status, count]) => `${status} x ${count}`);
    return `${name.padEnd(36)} ${counts.join(', ')}`;
  });
  return lines.sort().join('\n');
}

/** Two frames of the demo, a COPC and a Potree 2 cloud. */
async function makeClouds(root: string): Promise<string> {
  for (const frame of ['000000', '000007'])
    await cp(path.join(DEMO_CLOUDS, frame), path.join(root, frame), { recursive: true });
  await cp(new URL(COPC_FILE, COPC_FOLDER), path.join(root, COPC_FILE));
  await mkdir(path.join(root, 'potree'));
  for (const [name, bytes] of potree2Cloud(scatterNodes(1, 2, 40), { encoding: 'UNCOMPRESSED' }))
    await writeFile(path.join(root, 'potree', name), bytes);
  return root;
}

/** Values that only the running server knows: versions, and the names of the page's files. */
async function dictionariesOf(url: string): Promise<string> {
  const versions = await Promise.all(
    ['000000', COPC_FILE].map(async (id) => {
      const cloud = (await (await fetch(`${url}/v1/clouds/${id}`)).json()) as { version: string };
      return cloud.version;
    }),
  );
  const page = await (await fetch(url)).text();
  const names = [...page.matchAll(/\/page\/([\w.-]+)/g)].map(([, name]) => name);
  return Object.entries({ versions, names })
    .map(([name, values]) => `[dictionaries.${name}]\nvalues = ${JSON.stringify(values)}\n`)
    .join('\n');
}

function run(
  args: readonly string[],
  cwd: string,
  onOutput: FuzzOptions['onOutput'],
): Promise<{ exitCode: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(SCHEMATHESIS, args, { cwd, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text;
        onOutput?.(text);
      });
    child.on('error', reject);
    child.on('close', (exitCode) => resolve({ exitCode, output }));
  });
}
