import { expect, test } from 'vitest';
import type { Region } from '../../../octree/index.ts';
import { spendOnRegions } from './region-price.ts';

const lasso = (corners: number): Region => ({
  type: 'polygon',
  ring: Array.from({ length: corners }, (_, i) => [Math.cos(i), Math.sin(i)] as const),
});

async function spentOn(regions: readonly Region[], price: number): Promise<number> {
  let spent = 0;
  const spend = async (cost: number) => {
    spent += cost;
  };
  await spendOnRegions({ spend }, regions, price);
  return spent;
}

test('clicks, boxes and ordinary lassos cost the price of the request and no more', async () => {
  const click: Region = { type: 'click', position: [0, 0, 0] };
  const box: Region = { type: 'box', center: [0, 0, 0], size: [1, 1, 1], yaw: 0 };
  expect(await spentOn([click, box, lasso(3), lasso(120)], 10)).toBe(0);
});

test('the price grows with the corners of a lasso, and with the lassos of a batch', async () => {
  const one = await spentOn([lasso(4096)], 10);
  expect(one).toBeGreaterThan(20 * 10);
  expect(one).toBeLessThan(40 * 10);
  expect(await spentOn([lasso(2048)], 10)).toBeLessThan(one);
  expect(await spentOn([lasso(4096), lasso(4096)], 10)).toBe(2 * one);
  expect(await spentOn([lasso(4096)], 20)).toBeCloseTo(2 * one, -1);
});
