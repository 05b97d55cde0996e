/**
 * Builds what is published and put into the image: the server, the page and `nearbox/client`.
 *
 *     npm run build          writes `dist/`
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildClient } from './build-client.ts';
import { bundlePage } from './bundle-page.ts';
import { transpile } from './transpile.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const target = path.join(root, 'dist');

await rm(target, { recursive: true, force: true });
await transpile(root, target);
const { html, assets } = await bundlePage();
const page = path.join(target, 'page');
await mkdir(page, { recursive: true });
await writeFile(path.join(page, 'index.html'), html);
for (const [name, bytes] of assets) await writeFile(path.join(page, name), bytes);
await buildClient(root, target);
