/**
 * Compiles laz.c to laz.wasm, with a pinned compiler that runs anywhere Node does:
 *
 *     npm install --no-save @yowasp/clang@22.0.0-git20542-10 && node octree/laz/wasm/build.mjs [--check]
 *
 * The same source gives the same bytes; `--check` only compares them with those that are there (exit code 1 if they differ).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { runClang } from '@yowasp/clang';

const source = readFileSync(new URL('laz.c', import.meta.url), 'utf8');
const target = new URL('laz.wasm', import.meta.url);
const options = [
  '--target=wasm32',
  '-std=c17',
  '-O2',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-mbulk-memory',
  '-ffreestanding',
  '-nostdlib',
  '-fno-strict-aliasing',
  '-Wl,--no-entry,--strip-all,-z,stack-size=16384',
];
const { 'laz.wasm': made } = await runClang(['clang', ...options, 'laz.c', '-o', 'laz.wasm'], {
  'laz.c': source,
});
if (!process.argv.includes('--check')) writeFileSync(target, made);
else if (Buffer.compare(made, readFileSync(target)) !== 0) {
  console.error('laz.wasm is not what this compiler makes of laz.c');
  process.exitCode = 1;
}
console.log(`laz.wasm: ${made.length} bytes`);
