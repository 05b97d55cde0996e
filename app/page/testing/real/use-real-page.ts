/** What all tests of the page on a real server begin and end with. */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach } from 'vitest';
import type { RunningServer } from '../../../server/index.ts';
import { launchChromium } from '../browser/index.ts';
import { RealPage, servePages } from './real-page.ts';

interface RealPageOptions {
  /** Writes what the server needs into an empty folder. Returns the server's options. Default: the demo. */
  readonly prepare?: (folder: string) => Promise<Readonly<Record<string, unknown>>>;
  /** Default: the first frame of the demo. */
  readonly cloud?: string;
  /** A fresh page for each test, or one page for all of them. Default: each. */
  readonly per?: 'test' | 'file';
  /** Takes a page that has been opened. */
  readonly opened: (page: RealPage, folder: string) => void | Promise<void>;
}

const START_MS = 240_000;

/** To be called in a `describe`: a browser, a server and its folder, and pages. */
export function useRealPage({
  prepare = async () => ({}),
  cloud = '000000',
  per = 'test',
  opened,
}: RealPageOptions): void {
  let folder: string;
  let browser: Browser;
  let server: RunningServer;
  let page: RealPage | undefined;
  const open = async () => {
    page = await RealPage.open(browser, server, cloud);
    await opened(page, folder);
  };

  beforeAll(async () => {
    folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-real-page-'));
    const options = await prepare(folder);
    browser = await launchChromium();
    server = await servePages(options);
    if (per === 'file') await open();
  }, START_MS);
  afterAll(async () => {
    await browser?.close();
    await server?.close();
    await rm(folder, { recursive: true, force: true });
  });
  if (per === 'file') return;
  beforeEach(open, START_MS);
  afterEach(() => page?.close());
}
