/** /docs in a browser that reaches this server and nothing else. */
import type http from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer } from '@hono/node-server';
import { describe, expect, it } from 'vitest';
import { chromiumPath, launchChromium } from '../../../page/testing/browser/index.ts';
import type { OpenApiDocument } from '../../openapi/index.ts';
import { cloudApp } from '../../testing/index.ts';

const isRequired = process.env.NEARBOX_REQUIRE_COMPONENTS === '1';

/** The browser's. */
declare const getComputedStyle: (element: unknown) => { readonly borderTopStyle: string };

describe.runIf(chromiumPath() !== undefined || isRequired)('/docs', () => {
  it('shows every operation, asks nobody else for anything, and breaks no rule of its own', {
    timeout: 120_000,
  }, async () => {
    const { app, reader } = await cloudApp();
    const server = createAdaptorServer({ fetch: app.fetch }) as http.Server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const browser = await launchChromium();
    try {
      const page = await browser.newPage();
      page.setDefaultTimeout(100_000);
      const asked: string[] = [];
      const complaints: string[] = [];
      page.on('request', (request) => asked.push(request.url()));
      page.on('console', (message) => complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(String(error)));
      await page.goto(`${base}/docs`);
      const { paths } = (await (await fetch(`${base}/openapi.json`)).json()) as OpenApiDocument;
      const operations = Object.values(paths).flatMap((methods) => Object.values(methods));
      const ids = await page.$$eval('section', (sections) => sections.map(({ id }) => id));
      expect(ids).toEqual(operations.map(({ operationId }) => operationId));
      // The style is applied: the policy lets it through by its hash.
      expect(await page.$eval('h2', (heading) => getComputedStyle(heading).borderTopStyle)).toBe('solid');
      await page.click('a[href="openapi.json"]');
      await page.waitForURL(`${base}/openapi.json`);
      expect(asked.filter((url) => !url.startsWith(`${base}/`))).toEqual([]);
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
      server.closeAllConnections();
      server.close();
      await reader.close();
    }
  });
});
