/**
 * Values from the storage that are not yet verified to be of their version. Readers share them; verified
 * values are kept.
 */

export interface Verifiable {
  /**
   * Resolves when the value is verified; rejects with `cloud_changed`. Later calls share the result of the
   * first one.
   */
  verify(): Promise<void>;
}

export interface VerifySteps {
  /** Checks that the value is of its version. Called at most once. */
  readonly check: () => Promise<void>;
  readonly keep: () => void;
  readonly reject?: () => void;
}

/**
 * If its readers give up before they verify a value, it is verified after this time, so that it can be kept.
 */
const VERIFY_AFTER_MS = 1000;

export class Unverified<Value extends object> {
  readonly #values = new Map<string, Value & Verifiable>();
  #sweep: NodeJS.Timeout | undefined;

  get(name: string): (Value & Verifiable) | undefined {
    return this.#values.get(name);
  }

  /** Holds the value until it has been verified. */
  add(name: string, value: Value, { check, keep, reject }: VerifySteps): Value & Verifiable {
    let verified: Promise<void> | null = null;
    const verify = () => {
      if (verified !== null) return verified;
      verified = check().then(
        () => {
          // Before it is kept: what is kept and pushed out again must not be found here.
          this.#values.delete(name);
          keep();
        },
        (error: unknown) => {
          this.#values.delete(name);
          reject?.();
          throw error;
        },
      );
      verified.catch(() => {});
      return verified;
    };
    const held = { ...value, verify };
    this.#values.set(name, held);
    this.#sweepLater();
    return held;
  }

  #sweepLater(): void {
    if (this.#sweep !== undefined) return;
    this.#sweep = setTimeout(() => {
      this.#sweep = undefined;
      for (const { verify } of this.#values.values()) void verify();
    }, VERIFY_AFTER_MS);
    this.#sweep.unref();
  }
}
