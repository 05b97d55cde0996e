/** The page on a real server: opens it, clicks objects, and waits for what comes of it. */
import path from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect } from 'vitest';
import type { Box, Vec3 } from '../../../../inference/boxes/index.ts';
import { parseServeConfig } from '../../../config/index.ts';
import { silentLog } from '../../../observability/index.ts';
import { type RunningServer, startServer } from '../../../server/index.ts';
import { DEMO_CLOUDS } from '../../../services/index.ts';
import type { Label } from '../../model/index.ts';
import type { PageState } from '../../session/index.ts';
import type { TestApi } from '../../test-api.ts';
import { facingPlace, type LabelledObject, labelledObjects, STEP_MS } from '../browser/index.ts';

declare const nearbox: TestApi;

/** Runs in the page. As a text, because this file is also checked without the types of browsers. */
const KEEP_MESSAGES = `{
  const place = document.querySelector('#message');
  globalThis.said = [];
  new MutationObserver(() => globalThis.said.push(place.textContent)).observe(place, {
    childList: true,
    characterData: true,
    subtree: true,
  });
}`;

const polling = { polling: 60, timeout: 120_000 };

/** A server for pages. Without `clouds` it serves the demo. */
export function servePages(options: Readonly<Record<string, unknown>> = {}): Promise<RunningServer> {
  return startServer(parseServeConfig({ port: 0, rehearseMs: 0, ...options }), silentLog);
}

export class RealPage {
  readonly page: Page;
  readonly #context: BrowserContext;
  /** What the browser says is wrong. */
  readonly complaints: string[] = [];

  private constructor(context: BrowserContext, page: Page) {
    this.#context = context;
    this.page = page;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
  }

  /**
   * A fresh profile of the browser, on a cloud of a server. Answers do not heed how the boxes of this page
   * are drawn, unless it `learns`: what it has learnt by the time of a click depends on how fast the machine
   * is.
   */
  static async open(
    browser: Browser,
    server: { readonly url: string },
    cloud: string,
    { learns = false }: { readonly learns?: boolean } = {},
  ): Promise<RealPage> {
    const context = await browser.newContext({
      viewport: { width: 1366, height: 768 },
      acceptDownloads: true,
    });
    context.setDefaultTimeout(STEP_MS);
    const on = new RealPage(context, await context.newPage());
    await on.page.goto(`${server.url}/?cloud=${cloud}`);
    await on.complete();
    if (!learns) await on.page.evaluate(() => nearbox.run('profile'));
    return on;
  }

  async close(): Promise<void> {
    await this.#context.close();
  }

  /** Waits until the camera rests and all points are there. */
  async complete(): Promise<void> {
    await this.until(() => 'nearbox' in globalThis && nearbox.stats().complete && nearbox.stats().points > 0);
    // How fast the machine is at the moment is not what is tested.
    await this.page.evaluate(() => nearbox.setLateAfter(60_000));
  }

  until(holds: () => boolean): Promise<unknown> {
    return this.page.waitForFunction(holds, undefined, polling);
  }

  state(): Promise<PageState> {
    return this.page.evaluate(() => nearbox.state);
  }

  /** The boxes of a frame, or of the open one. */
  async labels(frame?: string): Promise<readonly Label[]> {
    const { work, frame: open } = await this.state();
    return work.frames[frame ?? open ?? '']?.labels ?? [];
  }

  async label(id: string, frame?: string): Promise<Label> {
    return (await this.labels(frame)).find((label) => label.id === id)!;
  }

  press(key: string): Promise<void> {
    return this.page.keyboard.press(key);
  }

  /** Keeps what the page says from now on: a message may be gone before a slow machine looks. */
  async listen(): Promise<void> {
    await this.page.evaluate(KEEP_MESSAGES);
  }

  /** What the page has said since `listen`, a line each. */
  heard(): Promise<string> {
    return this.page.evaluate(() => (globalThis as unknown as { said: string[] }).said.join('\n'));
  }

  /** Does something, and waits until the page has said a text of it, even if only for a moment. */
  async saying(text: RegExp, act: () => Promise<unknown>): Promise<void> {
    await this.listen();
    await act();
    await expect.poll(() => this.heard(), { timeout: polling.timeout }).toMatch(text);
  }

  /** Waits until a frame is open and all of it is there. */
  async isOpen(frame: string): Promise<void> {
    await this.page.waitForFunction(
      (id) => nearbox.state.frame === id && nearbox.state.opening === null,
      frame,
      polling,
    );
    await this.complete();
  }

  /** How many tracks have begun so far: to be asked before what begins the next one. */
  tracksBegun(): Promise<number> {
    return this.page.evaluate(() => nearbox.tracksBegun());
  }

  /** Waits until more tracks than `begun` have begun, and none is under way any more. */
  async tracked(begun = 0): Promise<void> {
    await this.page.waitForFunction(
      (before) => nearbox.tracksBegun() > before && nearbox.state.tracking === null,
      begun,
      polling,
    );
  }

  /** Looks at an object. Returns the page's pixel where it faces the scanner. */
  async aim(object: Box): Promise<[number, number]> {
    const place = facingPlace(object);
    await this.page.evaluate((at) => nearbox.lookAt(at, 10), place);
    await this.complete();
    return this.pixel(place);
  }

  /** Clicks a pixel, and has the box that comes of it. */
  async boxAt(pixel: readonly [number, number]): Promise<Label> {
    const before = (await this.labels()).length;
    await this.page.mouse.click(...pixel);
    await this.page.waitForFunction((n) => nearbox.labels().length > n, before, polling);
    return (await this.labels()).at(-1)!;
  }

  /** Clicks an object where it faces the scanner, and has its box. */
  async click(object: Box): Promise<Label> {
    return this.boxAt(await this.aim(object));
  }

  async pixel(place: Vec3): Promise<[number, number]> {
    return [...(await this.page.evaluate((at) => nearbox.project(at), place))!] as [number, number];
  }
}

/** Objects of a frame of the demo, those with the most points first. */
export function demoObjects(frame: number, kind = /^car$/i): Promise<LabelledObject[]> {
  return labelledObjects(path.join(DEMO_CLOUDS, 'truth.json'), frame, { least: 100, kind });
}
