/**
 * Compiles the C sources beside the WebAssembly modules, with a pinned compiler that runs anywhere Node does:
 *
 *     npm install --no-save @yowasp/clang@22.0.0-git20542-10 && node octree/build-wasm.mjs [--check]
 *
 * The same source gives the same bytes; `--check` only compares them with those that are there (exit code 1 if they differ).
 */
import { readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { runClang } from '@yowasp/clang';

const MODULES = [
  { source: 'laz/wasm/laz.c', headers: ['laz/wasm/models.h'], options: ['-O2', '-Wl,-z,stack-size=16384'] },
  {
    source: 'laz/wasm/encode.c',
    headers: ['laz/wasm/models.h'],
    options: ['-O2', '-Wl,-z,stack-size=16384'],
  },
  { source: 'regions/scan/wasm/scan.c', options: ['-O3', '-msimd128', '-Wl,-z,stack-size=4096'] },
  {
    source: '../inference/crop-grid/wasm/crop.c',
    options: ['-O3', '-msimd128', '-Wl,-z,stack-size=16384'],
  },
];

const COMMON = [
  '--target=wasm32',
  '-std=c17',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-mbulk-memory',
  '-ffreestanding',
  '-nostdlib',
  '-fno-strict-aliasing',
  '-Wl,--no-entry,--strip-all',
];

for (const { source, headers = [], options } of MODULES) {
  const name = source.replace(/\.c$/, '.wasm');
  const target = new URL(name, import.meta.url);
  const text = readFileSync(new URL(source, import.meta.url), 'utf8');
  const { 'made.wasm': made } = await runClang(
    ['clang', ...COMMON, ...options, 'source.c', '-o', 'made.wasm'],
    { 'source.c': text, ...headersOf(headers) },
  );
  if (!process.argv.includes('--check')) writeFileSync(target, made);
  else if (Buffer.compare(made, readFileSync(target)) !== 0) {
    console.error(`${name} is not what this compiler makes of ${source}`);
    process.exitCode = 1;
  }
  console.log(`${name}: ${made.length} bytes`);
}

/** By the names that sources include them by. */
function headersOf(headers) {
  return Object.fromEntries(
    headers.map((header) => [
      header.split('/').at(-1),
      readFileSync(new URL(header, import.meta.url), 'utf8'),
    ]),
  );
}
