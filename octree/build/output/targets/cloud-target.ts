/** The interface between the builder and the storage of the output. */

/** The cloud that exists at a place. */
export interface ExistingCloud {
  /** Its fingerprint (`fingerprint.ts`); null if it has none. */
  readonly fingerprint: string | null;
}

export interface PublishOptions {
  /** Replaces a cloud that exists already. */
  readonly force: boolean;
  /** The fingerprint of the new cloud. */
  readonly fingerprint: string | null;
  /** Whether the caller has just found that the cloud does not exist. Default: it is looked up. */
  readonly isAbsent?: boolean;
  readonly signal?: AbortSignal | undefined;
}

export interface CloudTarget {
  /** Makes sure, before the work, that clouds can be written here. Throws if they cannot. */
  prepare(signal?: AbortSignal): Promise<void>;
  /** The cloud `id`, or null if there is none. Throws `invalid_request` if the place holds something else. */
  existing(id: string): Promise<ExistingCloud | null>;
  /** Removes remains of a killed build beside a complete cloud. */
  removeLeftovers(id: string): Promise<void>;
  /**
   * Runs `make` on an empty local folder and publishes the files that it wrote as `id`, all or none; they
   * need not be on the disk yet. Throws `invalid_request` if the cloud exists already, unless `force` is set.
   */
  publish<Result>(
    id: string,
    options: PublishOptions,
    make: (folder: string) => Promise<Result>,
  ): Promise<Result>;
  /** Closes connections. */
  close(): void;
}
