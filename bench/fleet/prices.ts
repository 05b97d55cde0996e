/** List prices in US dollars as assumptions; give your own with `--prices FILE`. */
export interface Prices {
  /** A machine of two dedicated cores and 4 GiB with a volume of 40 GB, a month. */
  readonly machineMonth: number;
  readonly storageRequestsPerThousand: number;
  readonly storageGigabyte: number;
  readonly cdnRequestsPerThousand: number;
  readonly cdnGigabyte: number;
}

export const ASSUMED_PRICES: Prices = {
  machineMonth: 70,
  storageRequestsPerThousand: 0.0004,
  storageGigabyte: 0.09,
  cdnRequestsPerThousand: 0.001,
  cdnGigabyte: 0.085,
};

const SECONDS_A_MONTH = 30 * 24 * 3600;
const GIGABYTE = 1e9;
const MIB = 2 ** 20;

/** Dollars for 1,000 clicks at the peak. What the CDN fetches from the storage is not free of charge here. */
export function dollarsPerThousandClicks(
  fleet: {
    readonly clicksPerSecond: number;
    readonly instances: number;
    readonly storageRequestsPerSecond: number;
    readonly storageMibPerSecond: number;
    readonly cdnRequestsPerSecond: number;
    readonly cdnMibPerSecond: number;
  },
  prices: Prices,
): number {
  const gigabytes = (mib: number) => (mib * MIB) / GIGABYTE;
  const perSecond =
    (fleet.instances * prices.machineMonth) / SECONDS_A_MONTH +
    (fleet.storageRequestsPerSecond / 1000) * prices.storageRequestsPerThousand +
    gigabytes(fleet.storageMibPerSecond) * prices.storageGigabyte +
    (fleet.cdnRequestsPerSecond / 1000) * prices.cdnRequestsPerThousand +
    gigabytes(fleet.cdnMibPerSecond) * prices.cdnGigabyte;
  return (1000 * perSecond) / fleet.clicksPerSecond;
}
