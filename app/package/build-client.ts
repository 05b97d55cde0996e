/**
 * Builds what `nearbox/client` is to others: one module and the types that it has, without the server's code.
 *
 *     npx tsx app/package/build-client.ts [FOLDER]
 */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('../../', import.meta.url));
const folder = path.resolve(process.argv[2] ?? path.join(root, 'dist'));

await build({
  absWorkingDir: root,
  entryPoints: ['app/client/client.ts'],
  bundle: true,
  format: 'esm',
  target: 'es2022',
  packages: 'external',
  outfile: path.join(folder, 'client.js'),
  logLevel: 'warning',
});
const tsc = path.join(root, 'node_modules', '.bin', 'tsc');
execFileSync(tsc, ['-p', 'tsconfig.client.json', '--outDir', path.join(folder, 'types')], {
  cwd: root,
  stdio: 'inherit',
});
