/**
 * The price of a region: a lasso of many corners costs more processor time than a click, so it costs more of
 * the rate limit.
 */
import { type Region, regionSurcharge } from '../../../octree/index.ts';
import type { Quota } from '../../limits/index.ts';

/** Spends what the regions cost beyond `price` each, which is spent already. Throws `too_many_requests`. */
export async function spendOnRegions(
  quota: Pick<Quota, 'spend'>,
  regions: readonly Region[],
  price: number,
): Promise<void> {
  const surcharge = regions.reduce((sum, region) => sum + regionSurcharge(region, price), 0);
  if (surcharge > 0) await quota.spend(surcharge);
}
