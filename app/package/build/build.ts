/**
 * Builds what is published and put into the image: the server, the page and `nearbox/client`.
 *
 *     npm run build          writes `dist/`
 */
import { rm } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildClient } from './build-client.ts';
import { buildProgram } from './build-program.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const target = path.join(root, 'dist');

await rm(target, { recursive: true, force: true });
await buildProgram(root, target);
await buildClient(root, target);
