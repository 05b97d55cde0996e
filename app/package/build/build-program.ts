/** The program as JavaScript, with the page that it serves. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundleModules } from './bundle-modules.ts';
import { bundlePage } from './bundle-page.ts';

/**
 * @param root the folder with package.json
 * @param target the folder that gets the bundles and `page/`
 */
export async function buildProgram(root: string, target: string): Promise<void> {
  await bundleModules(root, target);
  const { html, assets } = await bundlePage();
  const page = path.join(target, 'page');
  await mkdir(page, { recursive: true });
  await writeFile(path.join(page, 'index.html'), html);
  for (const [name, bytes] of assets) await writeFile(path.join(page, name), bytes);
}
