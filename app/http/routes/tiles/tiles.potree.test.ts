/**
 * A Potree viewer in a browser draws Potree 1 and Potree 2 clouds through /tiles, from a page of another
 * origin.
 */
import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAdaptorServer } from '@hono/node-server';
import { build } from 'esbuild';
import type { Browser, Request } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FolderSource } from '../../../../cache/index.ts';
import { CloudReader } from '../../../../octree/index.ts';
import { potree1Cloud, potree2Cloud, scatterNodes } from '../../../../octree/testing/index.ts';
import { chromiumPath, launchChromium } from '../../../page/testing/browser/index.ts';
import { cloudApp } from '../../testing/index.ts';

const isRequired = process.env.NEARBOX_REQUIRE_COMPONENTS === '1';
const INTEROP = fileURLToPath(new URL('../../../../../shared/interop', import.meta.url));
/** Clouds of PotreeConverter, where they are present. */
const CONVERTED = ['potree1-lion', 'potree2-lone-star-brotli'];

/** Of ../page/testing/potree-viewer.ts. */
declare const draw: (
  baseUrl: string,
  file: string,
) => Promise<{ nodes: number; points: number; pixels: number; failed: boolean }>;

describe.runIf(chromiumPath() !== undefined || isRequired)(
  'potree-core in Chromium',
  { timeout: 120_000 },
  () => {
    let folder: string;
    let browser: Browser;
    let reader: CloudReader;
    let tiles: http.Server;
    let site: http.Server;

    beforeAll(async () => {
      folder = await mkdtemp(path.join(os.tmpdir(), 'nearbox-potree-'));
      const script = await bundledViewer();
      site = http.createServer((request, response) => {
        const isScript = request.url === '/viewer.js';
        response.setHeader('content-type', isScript ? 'text/javascript' : 'text/html');
        response.end(
          isScript ? script : '<!doctype html><body><script type="module" src="/viewer.js"></script>',
        );
      });
      await writeClouds(folder);
      reader = new CloudReader({ source: new FolderSource({ root: folder }), decodeWorkers: 1 });
      const { app, reader: unused } = await cloudApp({ reader, corsOrigins: [await listening(site)] });
      await unused.close();
      tiles = createAdaptorServer({ fetch: app.fetch }) as http.Server;
      await listening(tiles);
      browser = await launchChromium();
    }, 120_000);

    afterAll(async () => {
      await browser?.close();
      for (const server of [tiles, site]) {
        server?.closeAllConnections();
        server?.close();
      }
      await reader?.close();
      await rm(folder, { recursive: true, force: true });
    });

    /** Draws a cloud; every request to /tiles, with its answer's status. */
    async function view(id: string, file: string, versioned: boolean) {
      const page = await browser.newPage();
      page.setDefaultTimeout(100_000);
      const requests: Request[] = [];
      const problems: string[] = [];
      page.on('request', (request) => {
        if (request.url().includes('/tiles/') && request.method() === 'GET') requests.push(request);
      });
      page.on('requestfailed', (request) =>
        problems.push(`${request.url()}: ${request.failure()?.errorText}`),
      );
      page.on('pageerror', (error) => problems.push(String(error)));
      page.on('console', (message) => {
        if (message.type() === 'error') problems.push(message.text());
      });
      const { version } = await reader.cloud(id);
      const base = `${urlOf(tiles)}/tiles/${versioned ? `~${version}/` : ''}${id}/`;
      await page.goto(urlOf(site));
      await page.waitForFunction(() => 'draw' in globalThis);
      const drawn = await page.evaluate(([url, name]) => draw(url!, name!), [base, file]);
      const statuses = await Promise.all(
        requests.map(async (request) => (await request.response())?.status() ?? 0),
      );
      const ranges = requests.filter((request) => request.headers().range !== undefined).length;
      await page.close();
      return { drawn, problems, statuses, ranges };
    }

    it.each([
      ['Potree 1', 'potree1', 'cloud.js', false],
      ['Potree 1 of a version', 'potree1', 'cloud.js', true],
      ['Potree 2', 'potree2', 'metadata.json', false],
      ['Potree 2 of a version', 'potree2', 'metadata.json', true],
    ])('draws a small %s cloud', async (_name, id, file, versioned) => {
      await expectDrawn(id, file, versioned);
    });

    it.runIf(existsSync(INTEROP)).each(CONVERTED)('draws %s', async (id) => {
      await expectDrawn(id, id.startsWith('potree1') ? 'cloud.js' : 'metadata.json', false);
    });

    async function expectDrawn(id: string, file: string, versioned: boolean) {
      const { drawn, problems, statuses, ranges } = await view(id, file, versioned);
      expect(problems).toEqual([]);
      expect(drawn.failed).toBe(false);
      expect(drawn.nodes).toBeGreaterThan(1);
      expect(drawn.points).toBeGreaterThan(100);
      expect(drawn.pixels).toBeGreaterThan(100);
      expect(statuses.filter((status) => status !== 200 && status !== 206)).toEqual([]);
      // Potree 2 reads its two binary files by ranges only.
      expect(statuses.filter((status) => status === 206)).toHaveLength(ranges);
      if (file === 'metadata.json') expect(ranges).toBeGreaterThan(1);
    }
  },
);

async function bundledViewer(): Promise<Uint8Array> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('../../../page/testing/potree-viewer.ts', import.meta.url))],
    bundle: true,
    format: 'esm',
    write: false,
    logLevel: 'silent',
  });
  return outputFiles[0]!.contents;
}

async function writeClouds(root: string): Promise<void> {
  const nodes = scatterNodes(1, 2, 400);
  const clouds = {
    potree1: potree1Cloud(nodes, {
      version: '1.7',
      pointAttributes: ['POSITION_CARTESIAN', 'INTENSITY'],
      fields: [
        { size: 12, is: 'position' },
        { size: 2, is: 'intensity' },
      ],
    }),
    potree2: potree2Cloud(nodes, { encoding: 'DEFAULT' }),
  };
  for (const [id, files] of Object.entries(clouds))
    for (const [name, bytes] of files) {
      const file = path.join(root, id, name);
      await mkdir(path.dirname(file), { recursive: true });
      await writeFile(file, bytes);
    }
  for (const id of CONVERTED)
    if (existsSync(INTEROP)) await cp(path.join(INTEROP, id), path.join(root, id), { recursive: true });
}

async function listening(server: http.Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return urlOf(server);
}

function urlOf(server: http.Server): string {
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
