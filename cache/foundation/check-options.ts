/** Checks of options at construction, so that a wrong one is named before any work begins. */

/** Throws a TypeError that names the option unless `value` is an integer from `minimum` to `maximum`. */
export function checkInteger(name: string, value: number, minimum: number, maximum: number): void {
  if (!Number.isSafeInteger(value) || value < minimum || value > maximum) {
    throw new TypeError(`\`${name}\` must be an integer from ${minimum} to ${maximum}, not ${String(value)}`);
  }
}
