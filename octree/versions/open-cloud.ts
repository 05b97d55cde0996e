/** Opens the cloud of an id, in whichever of the possible formats it has. */
import type { ByteSource } from '../../cache/byte-source/index.ts';
import type { CloudFormat, FormatCloud, FormatLimits, OpenOptions } from '../formats/index.ts';
import type { Bounds } from '../geometry/index.ts';
import type { OnDamage } from '../hierarchy/index.ts';
import { believedBounds } from './believed-bounds.ts';
import type { FormatHints } from './format-hints.ts';

export interface OpenCloudOptions {
  readonly source: ByteSource;
  /** The formats that the cloud of an id may have. If several exist, the first one counts. */
  readonly formatsOf: (id: string) => readonly CloudFormat[];
  readonly limits: FormatLimits;
  /**
   * Tells which format to try first, and records the one that was found. Default: all formats are tried at
   * the same time.
   */
  readonly hints?: FormatHints | undefined;
  readonly onDamage?: OnDamage | undefined;
}

export interface OpenedCloud {
  readonly cloud: FormatCloud;
  /** The data bounds in the metadata, before they are checked. */
  readonly claimedBounds: Bounds;
  /** The prefix of the paths of its files: `''` or `ID/`. */
  readonly base: string;
}

/** The cloud, or null if there is none. Throws `corrupt_tile` and what the storage throws. */
export async function openCloud(
  { source, formatsOf, limits, hints, onDamage }: OpenCloudOptions,
  id: string,
  signal: AbortSignal,
): Promise<OpenedCloud | null> {
  // If the root itself is a cloud, its id is the name of its folder.
  const bases = id === source.rootName ? ['', `${id}/`] : [`${id}/`];
  const formats = formatsOf(id);
  const hint = hints?.of(id) ?? null;
  const likely = formats.findIndex(({ name }) => name === hint);
  for (const base of bases) {
    const options = { source, id, base, limits, signal, onDamage };
    const cloud =
      likely === -1
        ? await openFirst(formats, options)
        : ((await openLikely(formats.slice(0, likely + 1), options)) ??
          (await openFirst(formats.slice(likely + 1), options)));
    if (cloud === null) continue;
    hints?.note(id, cloud.format);
    return { cloud: { ...cloud, bounds: believedBounds(cloud) }, claimedBounds: cloud.bounds, base };
  }
  return null;
}

/**
 * The first format that exists. All formats are requested at the same time; one after the other, each would
 * cost a round trip.
 */
async function openFirst(formats: readonly CloudFormat[], options: OpenOptions): Promise<FormatCloud | null> {
  const opening = formats.map((format) => format.open(options));
  // Errors of formats after the first existing one do not matter.
  for (const cloud of opening) cloud.catch(() => {});
  for (const opened of opening) {
    const cloud = await opened;
    if (cloud !== null) return cloud;
  }
  return null;
}

/**
 * The same as `openFirst` if the last format is the likely one: of the formats before it, only the metadata
 * file is requested at first.
 */
async function openLikely(
  formats: readonly CloudFormat[],
  options: OpenOptions,
): Promise<FormatCloud | null> {
  const { source, base, signal } = options;
  const opening = formats.at(-1)!.open(options);
  opening.catch(() => {});
  const before = formats.slice(0, -1);
  const found = await Promise.all(
    before.map(({ metadataFile }) => source.stat(`${base}${metadataFile}`, { signal })),
  );
  const first = await openFirst(
    before.filter((_, i) => found[i] !== null),
    options,
  );
  return first ?? opening;
}
