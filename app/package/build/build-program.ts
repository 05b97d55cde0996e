/** The program as JavaScript, with the page that it serves. */
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { bundlePage } from './bundle-page.ts';
import { transpile } from './transpile.ts';

/**
 * @param root the folder with package.json
 * @param target the folder that gets the modules and `page/`
 */
export async function buildProgram(root: string, target: string): Promise<void> {
  await transpile(root, target);
  const { html, assets } = await bundlePage();
  const page = path.join(target, 'page');
  await mkdir(page, { recursive: true });
  await writeFile(path.join(page, 'index.html'), html);
  for (const [name, bytes] of assets) await writeFile(path.join(page, name), bytes);
}
