/** Serves the annotation page: hashed file names, and a policy that allows nothing from other hosts. */
import { createHash } from 'node:crypto';
import type { Context } from 'hono';
import { NearboxError } from '../../../../cache/index.ts';
import { openPageFiles, type PageFiles } from './page-files.ts';

export interface PageRoute {
  readonly method: 'GET';
  readonly path: string;
  readonly handler: (c: Context) => Promise<Response>;
}

export interface PageOptions {
  /** Bundles anew for every request of `/`: for work on the page itself. Default: false. */
  readonly development?: boolean;
  /**
   * What this server offers beside predictions, for example `labels`: the page does not try what is not
   * there.
   */
  readonly features?: readonly string[];
}

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

/** Browsers ask for it with every page, and with `/openapi.json` too, which cannot name one. */
const ICON =
  "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'><path d='M4 12l14-6 10 5v11l-14 6-10-5z' " +
  "fill='none' stroke='#3b9dff' stroke-width='3'/></svg>";

interface Bundle extends PageFiles {
  readonly etag: string;
}

/** Routes of the page, and `warmUp` to bundle ahead of the first visitor. */
export function pageRoutes({ development = false, features = [] }: PageOptions = {}): {
  readonly routes: PageRoute[];
  warmUp(): Promise<void>;
} {
  let bundled: Promise<Bundle> | undefined;
  const bundle = (): Promise<Bundle> => {
    bundled ??= openBundle(features).catch((error: unknown) => {
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
        path: '/favicon.ico',
        handler: async (c) =>
          c.body(ICON, 200, {
            ...SECURITY_HEADERS,
            'content-type': 'image/svg+xml',
            'cache-control': 'public, max-age=86400',
          }),
      },
      {
        method: 'GET',
        path: '/page/:name',
        handler: async (c) => {
          const name = c.req.param('name') ?? '';
          const asset = (await bundle()).assets.get(name);
          if (asset === undefined) throw new NearboxError('not_found', `the page has no file ${name}`);
          return c.body(asset, 200, {
            ...SECURITY_HEADERS,
            'content-type': mediaType(name),
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

async function openBundle(features: readonly string[]): Promise<Bundle> {
  const { html: template, assets } = await openPageFiles();
  const html = template.replace('data-features=""', `data-features="${features.join(' ')}"`);
  const etag = `"${createHash('sha256').update(html).digest('base64url').slice(0, 22)}"`;
  return { html, etag, assets };
}

function mediaType(name: string): string {
  return name.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8';
}
