#!/usr/bin/env node
// Entry of the command line. A clone runs its TypeScript sources: Node 22.18 and later strip the types
// themselves, earlier ones get tsx's loader first. The package and the image hold JavaScript in dist/.
import { existsSync } from 'node:fs';

const source = new URL('../cli/main.ts', import.meta.url);
const hasSources = existsSync(source);
if (hasSources && !process.features.typescript) {
  const { register } = await import('tsx/esm/api');
  register();
}
// The version that is installed supports this Node. Its warning is about later ones.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED ??= 'true';
const { main } = await import(
  hasSources ? source.href : new URL('../../dist/app/cli/main.js', import.meta.url).href
);
process.exitCode = await main(process.argv.slice(2));
