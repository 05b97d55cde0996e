import { Hono } from 'hono';
import { beforeAll, describe, expect, it } from 'vitest';
import { problemResponse, toNearboxError } from '../../answers/index.ts';
import { pageRoutes } from './page-assets.ts';

describe('the page', () => {
  const app = new Hono();

  beforeAll(async () => {
    const { routes, warmUp } = pageRoutes();
    for (const { method, path, handler } of routes)
      app.on(method, path, async (c) => {
        try {
          return await handler(c);
        } catch (error) {
          return problemResponse(toNearboxError(error), 'id');
        }
      });
    await warmUp();
  });

  it('is served with a policy that lets nothing in from elsewhere', async () => {
    const response = await app.request('/');
    expect(response.status).toBe(200);
    const policy = response.headers.get('content-security-policy')!;
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/unsafe|https?:|\*/);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    const html = await response.text();
    expect(html).not.toContain('{{');
    expect(html.replaceAll("xmlns='http://www.w3.org/2000/svg'", '')).not.toMatch(/https?:\/\//);
    expect(html).not.toMatch(/<script(?![^>]*\ssrc=)|\son\w+=|\sstyle=/);
  });

  it('is not sent again while it is the same', async () => {
    const etag = (await app.request('/')).headers.get('etag')!;
    const again = await app.request('/', { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
  });

  it('names its files by their content, so that they can be kept for good', async () => {
    const html = await (await app.request('/')).text();
    const urls = [...html.matchAll(/\/page\/[\w.-]+/g)].map(([url]) => url);
    expect(urls).toHaveLength(5);
    for (const url of urls) {
      expect(url).toMatch(/-[A-Z0-9]{8}\.(js|css)$/);
      const asset = await app.request(url);
      expect(asset.status).toBe(200);
      expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
      expect(asset.headers.get('content-type')).toMatch(/^text\/(javascript|css)/);
      expect((await asset.arrayBuffer()).byteLength).toBeGreaterThan(1000);
    }
  });

  it('has no other files', async () => {
    const response = await app.request('/page/main.ts');
    expect(response.status).toBe(404);
    expect(response.headers.get('cache-control')).toBe('no-store');
  });
});
