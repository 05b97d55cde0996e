/** Chromium for tests, screenshots and the bench: software WebGL, and no connection to anywhere by itself. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

/**
 * The one without windows first: the same engine, and a fresh profile takes a fraction of the processor time,
 * since no toolbar is drawn for it.
 */
const PLACES = [
  '/usr/bin/chromium-headless-shell',
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
];

/** The browser's path, or undefined if there is none. `CHROMIUM` names another one. */
export function chromiumPath(): string | undefined {
  return process.env.CHROMIUM ?? PLACES.find((path) => existsSync(path));
}

/**
 * How long a page may take for a step before a test gives up, milliseconds: only what hangs takes that long.
 */
export const STEP_MS = 90_000;

export function launchChromium(): Promise<Browser> {
  const executablePath = chromiumPath();
  if (executablePath === undefined) throw new Error('there is no Chromium; install it or set CHROMIUM');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--use-gl=angle',
      '--use-angle=swiftshader',
      '--enable-unsafe-swiftshader',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
