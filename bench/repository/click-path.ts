/**
 * The way of one warm click through the source: how many files it runs through, and how often the next
 * function to be called lies in another file than the last.
 *
 *     npm run bench -- click-path [FOLDER]        FOLDER: another checkout, with its node_modules
 *
 * A copy of the sources notes every call of a function. The server runs from the copy with its defaults for
 * one shard; threads are counted together, each by its own order of calls.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseSync, Visitor } from 'oxc-parser';

const ROOMS = ['app', 'cache', 'inference', 'octree'];
const MOST_LISTED_CHANGES = 40;
/** Each thread keeps the calls since its start, and hands out those of a stretch of time. */
const RECORDER = `
if (globalThis.__entered === undefined) {
  const calls = [];
  globalThis.__entered = (file) => calls.push([performance.timeOrigin + performance.now(), file]);
  globalThis.__calls = (from, to) => calls.filter(([at]) => at >= from && at <= to).map(([, file]) => file);
  const channel = new BroadcastChannel('click-path');
  channel.onmessage = ({ data }) => {
    if (data.from !== undefined) channel.postMessage({ calls: globalThis.__calls(data.from, data.to) });
  };
  channel.unref();
}
`;

const root = path.resolve(process.argv[2] ?? '.');
const copy = mkdtempSync(path.join(os.tmpdir(), 'nearbox-click-path-'));
try {
  const names = instrumentedCopy();
  const isSharded = names.some((name) => name.startsWith('app/shards/'));
  writeFileSync(path.join(copy, 'click.ts'), clickScript(names, isSharded));
  const run = spawnSync(process.execPath, ['--import', 'tsx', 'click.ts'], { cwd: copy, encoding: 'utf8' });
  if (run.status !== 0) throw new Error(run.stderr);
  const threads = JSON.parse(readFileSync(path.join(copy, 'calls.json'), 'utf8')) as number[][];
  const ids = new Set(threads.flat());
  const changes = threads.map((calls) => calls.filter((id, i) => i > 0 && id !== calls[i - 1]).length);
  threads.forEach((calls, i) => {
    if (calls.length > 0)
      console.log(`thread ${i}: ${new Set(calls).size} files, ${calls.length} calls, ${changes[i]} changes`);
  });
  console.log(`calls of functions: ${threads.flat().length}`);
  console.log(`files: ${ids.size}`);
  console.log(`changes of file: ${changes.reduce((sum, n) => sum + n, 0)}`);
  console.log('most frequent changes:');
  for (const [change, count] of frequentChanges(threads, names)) console.log(`  ${count} ${change}`);
} finally {
  rmSync(copy, { recursive: true, force: true });
}

/** The most frequent pairs of a file and the next one, with their counts. */
function frequentChanges(threads: readonly (readonly number[])[], names: readonly string[]) {
  const counts = new Map<string, number>();
  for (const calls of threads)
    for (const [i, id] of calls.entries()) {
      if (i === 0 || id === calls[i - 1]) continue;
      const change = `${names[calls[i - 1]!]} -> ${names[id]}`;
      counts.set(change, (counts.get(change) ?? 0) + 1);
    }
  return [...counts].sort(([, a], [, b]) => b - a).slice(0, MOST_LISTED_CHANGES);
}

/** Copies the tree; every function of its sources calls `__entered` with the number of its file. */
function instrumentedCopy(): string[] {
  const tracked = execFileSync('git', ['ls-files', ...ROOMS, 'package.json', 'docs'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const files = tracked.split('\n').filter((file) => file !== '');
  symlinkSync(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  writeFileSync(path.join(copy, 'recorder.mjs'), RECORDER);
  const names: string[] = [];
  for (const file of files) {
    const target = path.join(copy, file);
    mkdirSync(path.dirname(target), { recursive: true });
    const isSource = file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('app/page/');
    if (!isSource) cpSync(path.join(root, file), target);
    else {
      const id = names.push(file) - 1;
      const recorder = path.posix.relative(path.posix.dirname(file), 'recorder.mjs');
      const text = instrumented(readFileSync(path.join(root, file), 'utf8'), file, id);
      writeFileSync(target, `import '${recorder.startsWith('.') ? recorder : `./${recorder}`}';\n${text}`);
    }
  }
  return names;
}

function instrumented(text: string, file: string, id: number): string {
  const { program, errors } = parseSync(file, text);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]!.message}`);
  const inserts: { readonly at: number; readonly what: string }[] = [];
  const call = `globalThis.__entered(${id})`;
  const enter = ({ body }: { readonly body: { type: string; start: number; end: number } | null }) => {
    if (body === null) return;
    if (body.type === 'BlockStatement' || body.type === 'FunctionBody')
      inserts.push({ at: body.start + 1, what: `${call};` });
    else inserts.push({ at: body.start, what: `(${call},` }, { at: body.end, what: ')' });
  };
  new Visitor({
    FunctionDeclaration: enter,
    FunctionExpression: enter,
    ArrowFunctionExpression: (node) => {
      // An object literal as the body stands in parentheses already, which the offsets do not include.
      if (node.body.type !== 'ObjectExpression') enter(node);
    },
  } as ConstructorParameters<typeof Visitor>[0]).visit(program);
  let result = text;
  for (const { at, what } of inserts.sort((a, b) => b.at - a.at))
    result = result.slice(0, at) + what + result.slice(at);
  return result;
}

/** A warm click on the demo after twenty others; prints the files of the calls in order, thread by thread. */
function clickScript(names: readonly string[], isSharded: boolean): string {
  const rooms = names.includes('app/server/index.ts') ? 'index.ts' : '';
  const at = (room: string) => (rooms === '' ? `./app/${room}.ts` : `./app/${room}/index.ts`);
  const log = names.includes('app/log.ts') ? './app/log.ts' : at('observability');
  return `
import { writeFileSync } from 'node:fs';
import { startServer } from '${at('server')}';
import { parseServeConfig } from '${at('config')}';
import * as logs from '${log}';
const quiet = logs.silentLog ?? { debug() {}, info() {}, warn() {}, error() {} };
const config = parseServeConfig({ port: '0', drainDelayMs: '0'${isSharded ? ", shards: '1'" : ''} });
const server = await startServer(config, quiet);
await server.warmUp?.();
const click = async () => {
  const response = await fetch(server.url + '/v1/predictions', {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'timeout-ms': '20000' },
    body: JSON.stringify({ cloud: '000000', region: { type: 'click', position: [-7.2, 5.4, -1.1] } }),
  });
  const answer = await response.json();
  if (answer.method !== 'model') throw new Error(JSON.stringify(answer));
};
for (let i = 0; i < 20; i++) await click();
const now = () => performance.timeOrigin + performance.now();
const pause = () => new Promise((resolve) => setTimeout(resolve, 500));
await pause();
const from = now();
await click();
await pause();
const to = now();
const channel = new BroadcastChannel('click-path');
const threads = [];
channel.onmessage = ({ data }) => data.calls && threads.push(data.calls);
channel.postMessage({ from, to });
await pause();
writeFileSync('calls.json', JSON.stringify(threads));
process.exit(0);
`;
}
