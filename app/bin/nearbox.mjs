#!/usr/bin/env node
// Entry of the command line. The sources are TypeScript and run as they are: Node 22.18 and later strip the
// types themselves, earlier ones are given tsx's loader first.
if (!process.features.typescript) {
  const { register } = await import('tsx/esm/api');
  register();
}
const { main } = await import('../cli/main.ts');
process.exitCode = await main(process.argv.slice(2));
