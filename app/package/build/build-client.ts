/** Builds what `nearbox/client` is to other projects: one module and its types, without the server's code. */
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { build } from 'esbuild';

/**
 * Writes `client.js` and the folder `types`.
 *
 * @param root the folder with package.json
 * @param target the folder that gets them
 * @throws if the client does not compile
 */
export async function buildClient(root: string, target: string): Promise<void> {
  await build({
    absWorkingDir: root,
    entryPoints: ['app/client/client.ts'],
    bundle: true,
    format: 'esm',
    target: 'es2022',
    packages: 'external',
    outfile: path.join(target, 'client.js'),
    logLevel: 'warning',
  });
  const tsc = path.join(root, 'node_modules', '.bin', 'tsc');
  execFileSync(tsc, ['-p', 'tsconfig.client.json', '--outDir', path.join(target, 'types')], {
    cwd: root,
    stdio: 'inherit',
  });
}
