/** Where clouds are put: the seam between the builder and the storage that it writes to. */

/** What stands where a cloud is to be put. */
export interface ExistingCloud {
  /** What it was built from (`fingerprint.ts`); null if it does not say. */
  readonly fingerprint: string | null;
}

export interface PublishOptions {
  /** Replaces a cloud that is there already. */
  readonly force: boolean;
  /** What the cloud is built from. */
  readonly fingerprint: string | null;
  readonly signal?: AbortSignal | undefined;
}

export interface CloudTarget {
  /**
   * The cloud `id`, or null if nothing is there. Throws `invalid_request` if something else is in its place.
   */
  existing(id: string): Promise<ExistingCloud | null>;
  /** Removes what a build that was killed just before its end left beside a cloud that is complete. */
  removeLeftovers(id: string): Promise<void>;
  /**
   * Runs `make` on an empty local folder, and puts what it wrote there in the place of `id`: whole or not at
   * all. Throws `invalid_request` if a cloud is there already, unless `force` is set.
   */
  publish<Result>(
    id: string,
    options: PublishOptions,
    make: (folder: string) => Promise<Result>,
  ): Promise<Result>;
  /** Closes connections. */
  close(): void;
}
