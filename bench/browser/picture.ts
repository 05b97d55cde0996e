/** Pictures of the page for the docs: small, and never larger than stated. */
import { stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Page } from 'playwright-core';

interface PictureOptions {
  /** The folder. */
  readonly out: string;
  readonly mostBytes: number;
  /** The part of the page, pixels. Default: all of it. */
  readonly clip?: {
    readonly x: number;
    readonly y: number;
    readonly width: number;
    readonly height: number;
  };
}

/** Takes `OUT/NAME.webp`. @throws Error if it is larger than `mostBytes` */
export async function takePicture(
  page: Page,
  name: string,
  { out, mostBytes, clip }: PictureOptions,
): Promise<void> {
  const file = path.join(out, `${name}.webp`);
  const cdp = await page.context().newCDPSession(page);
  const { data } = await cdp.send('Page.captureScreenshot', {
    format: 'webp',
    quality: 75,
    ...(clip && { clip: { ...clip, scale: 1 } }),
  });
  await cdp.detach();
  await writeFile(file, Buffer.from(data, 'base64'));
  const { size } = await stat(file);
  if (size > mostBytes) throw new Error(`${file} has ${size} bytes, the limit is ${mostBytes}`);
  console.log(`${file}: ${Math.round(size / 1024)} KB`);
}
