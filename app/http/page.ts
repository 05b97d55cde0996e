/** The annotation page: bundled once by this process, served with hashed names and a policy that allows nothing from elsewhere. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import type { Context } from 'hono';
import { NearboxError } from '../../cache/index.ts';

export interface PageRoute {
  readonly method: 'GET';
  readonly path: string;
  readonly handler: (c: Context) => Promise<Response>;
}

export interface PageOptions {
  /** Bundles anew for every request of `/`: for work on the page itself. Default: false. */
  readonly development?: boolean;
}

const FOLDER = fileURLToPath(new URL('../page/', import.meta.url));

/** Scripts, styles and requests of this server only; images that the page makes itself. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "worker-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'self'",
].join('; ');

const SECURITY_HEADERS = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'same-origin',
} as const;

interface Asset {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

interface Bundle {
  readonly html: string;
  readonly etag: string;
  /** By the name in the URL: `main-HASH.js`. */
  readonly assets: ReadonlyMap<string, Asset>;
}

/** Routes of the page, and `warmUp` to bundle ahead of the first visitor. */
export function pageRoutes({ development = false }: PageOptions = {}): {
  readonly routes: PageRoute[];
  warmUp(): Promise<void>;
} {
  let bundled: Promise<Bundle> | undefined;
  const bundle = (): Promise<Bundle> => {
    bundled ??= bundlePage().catch((error: unknown) => {
      bundled = undefined;
      throw error;
    });
    return bundled;
  };
  return {
    routes: [
      {
        method: 'GET',
        path: '/',
        handler: async (c) => {
          if (development) bundled = undefined;
          const { html, etag } = await bundle();
          const headers = { ...SECURITY_HEADERS, 'cache-control': 'no-cache', etag };
          if (c.req.header('if-none-match') === etag) return c.body(null, 304, headers);
          return c.html(html, 200, headers);
        },
      },
      {
        method: 'GET',
        path: '/page/:name',
        handler: async (c) => {
          const name = c.req.param('name') ?? '';
          const asset = (await bundle()).assets.get(name);
          if (asset === undefined) throw new NearboxError('not_found', `the page has no file ${name}`);
          return c.body(asset.bytes, 200, {
            ...SECURITY_HEADERS,
            'content-type': asset.type,
            'cache-control': 'public, max-age=31536000, immutable',
          });
        },
      },
    ],
    async warmUp() {
      await bundle();
    },
  };
}

async function bundlePage(): Promise<Bundle> {
  const { outputFiles } = await build({
    absWorkingDir: FOLDER,
    entryPoints: { main: 'main.ts', styles: 'styles.css', fit: 'fit/worker.ts' },
    bundle: true,
    format: 'esm',
    target: 'es2022',
    minify: true,
    legalComments: 'inline',
    write: false,
    outdir: 'out',
    entryNames: '[name]-[hash]',
    logLevel: 'silent',
  });
  const assets = new Map<string, Asset>();
  const names = new Map<string, string>();
  for (const { path: file, contents } of outputFiles) {
    const name = path.basename(file);
    const type = name.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8';
    assets.set(name, { type, bytes: Uint8Array.from(contents) });
    names.set(name.replace(/-[A-Z0-9]+(\.\w+)$/, '$1'), `/page/${name}`);
  }
  const template = await readFile(path.join(FOLDER, 'index.html'), 'utf8');
  const html = template.replaceAll(/\{\{([\w.]+)\}\}/g, (_, name: string) => {
    const url = names.get(name);
    if (url === undefined) throw new Error(`index.html names ${name}, which is not bundled`);
    return url;
  });
  const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`;
  return { html, etag, assets };
}
