/**
 * Compiles the C sources beside the WebAssembly modules, with a pinned compiler that runs wherever Node runs:
 *
 *     npm install --no-save @yowasp/clang@22.0.0-git20542-10 && node octree/build-wasm.mjs [--check]
 *
 * The same source gives the same bytes. `--check` only compares them with the stored ones; the exit code is 1
 * if they differ.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import process from 'node:process';
import { runClang } from '@yowasp/clang';

const MODULES = [
  { source: 'laz/wasm/laz.c', options: ['-O2', '-Wl,-z,stack-size=16384'] },
  { source: 'laz/wasm/encode.c', options: ['-O2', '-Wl,-z,stack-size=16384'] },
  { source: 'decode/records/wasm/records.c', options: ['-O3', '-msimd128', '-Wl,-z,stack-size=4096'] },
  {
    source: 'build/layout/wasm/cells.c',
    options: ['-O3', '-msimd128', '-Wl,-z,stack-size=4096'],
  },
  { source: 'build/inputs/records/wasm/unpack.c', options: ['-O3', '-msimd128', '-Wl,-z,stack-size=4096'] },
  { source: 'build/ingest/wasm/rounding.c', options: ['-O3', '-msimd128', '-Wl,-z,stack-size=4096'] },
  { source: 'build/layout/wasm/grid.c', options: ['-O3', '-msimd128', '-Wl,-z,stack-size=4096'] },
  { source: 'build/output/ept/wasm/records.c', options: ['-O3', '-Wl,-z,stack-size=4096'] },
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

for (const { source, options } of MODULES) {
  const name = source.replace(/\.c$/, '.wasm');
  const target = new URL(name, import.meta.url);
  const { 'made.wasm': made } = await runClang(
    ['clang', ...COMMON, ...options, source.split('/').at(-1), '-o', 'made.wasm'],
    filesBeside(source),
  );
  if (!process.argv.includes('--check')) writeFileSync(target, made);
  else if (Buffer.compare(made, readFileSync(target)) !== 0) {
    console.error(`${name} differs from what this compiler builds from ${source}`);
    process.exitCode = 1;
  }
  console.log(`${name}: ${made.length} bytes`);
}

/** The sources and headers in the folder of a source and in the folders below, by their names. */
function filesBeside(source) {
  return sourcesIn(new URL('.', new URL(source, import.meta.url)));
}

function sourcesIn(folder) {
  const entries = readdirSync(folder, { withFileTypes: true });
  return Object.fromEntries([
    ...entries
      .filter(({ name }) => /\.[ch]$/.test(name))
      .map(({ name }) => [name, readFileSync(new URL(name, folder), 'utf8')]),
    ...entries
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => [name, sourcesIn(new URL(`${name}/`, folder))]),
  ]);
}
