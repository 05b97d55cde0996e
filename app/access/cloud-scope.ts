/** The clouds that a caller has access to: prefixes of cloud ids, by whole segments. */
import { isCloudId } from '../../octree/index.ts';

/** Stands for every cloud. */
const EVERY_CLOUD = '*';

/** The prefix `a` covers `a` and `a/b`, not `ab`. */
export class CloudScope {
  /** null: every cloud. */
  readonly #prefixes: readonly string[] | null;

  /**
   * Throws a TypeError that names the prefix if one is neither `*` nor the path of a cloud or of a folder of
   * clouds.
   */
  constructor(prefixes: readonly string[]) {
    const wrong = prefixes.find((prefix) => !isScope(prefix));
    if (wrong !== undefined)
      throw new TypeError(`${JSON.stringify(wrong)} is neither \`*\` nor the prefix of a cloud id`);
    this.#prefixes = prefixes.includes(EVERY_CLOUD) ? null : prefixes.map(withoutSlash);
  }

  /** Every cloud, also those added later. */
  static readonly all = new CloudScope([EVERY_CLOUD]);
  static readonly none = new CloudScope([]);

  get isAll(): boolean {
    return this.#prefixes === null;
  }

  /** True if the cloud with this id, or everything below this folder, is covered. */
  covers(id: string): boolean {
    return this.#prefixes?.some((prefix) => isAtOrBelow(id, prefix)) ?? true;
  }

  /** True if the path is covered or contains something covered: a listing has to look into it. */
  leadsTo(path: string): boolean {
    return this.covers(path) || this.#prefixes!.some((prefix) => isAtOrBelow(prefix, path));
  }
}

/** True for `*` and for a valid cloud id, with or without a slash at the end. */
export function isScope(prefix: string): boolean {
  return prefix === EVERY_CLOUD || isCloudId(withoutSlash(prefix));
}

function isAtOrBelow(path: string, prefix: string): boolean {
  return path === prefix || path.startsWith(`${prefix}/`);
}

function withoutSlash(prefix: string): string {
  return prefix.endsWith('/') ? prefix.slice(0, -1) : prefix;
}
