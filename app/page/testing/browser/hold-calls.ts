/** Calls of a page that wait: what two people do at the same time is so on a slow machine as well. */
import type { Page } from 'playwright-core';

/** The labels of clouds, and what asks whether others have changed them. */
export const LABEL_CALLS = /\/v1\/labels/;

/**
 * Holds back the calls of a page to URLs of a pattern.
 * @returns lets them go, and those that come after
 */
export async function holdCalls(page: Page, url: RegExp): Promise<() => Promise<void>> {
  const held: (() => Promise<void>)[] = [];
  let isHolding = true;
  await page.route(url, (route) => (isHolding ? void held.push(() => route.continue()) : route.continue()));
  return async () => {
    isHolding = false;
    await Promise.all(held.map((go) => go()));
  };
}
