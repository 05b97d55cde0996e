/** Looks for a cloud where its id says that it is, in every format that it may have. */
import type { ByteSource } from '../../cache/byte-source/index.ts';
import type { CloudFormat, FormatCloud, FormatLimits } from '../formats/index.ts';
import type { Bounds } from '../geometry/index.ts';
import type { OnDamage } from '../hierarchy/index.ts';
import { believedBounds } from './believed-bounds.ts';

export interface OpenCloudOptions {
  readonly source: ByteSource;
  /** Those that a cloud of an id may have, the first that is there being its own. */
  readonly formatsOf: (id: string) => readonly CloudFormat[];
  readonly limits: FormatLimits;
  readonly onDamage?: OnDamage | undefined;
}

export interface OpenedCloud {
  readonly cloud: FormatCloud;
  /** The bounds of the data that the metadata claim, believed or not. */
  readonly claimedBounds: Bounds;
  /** What the paths of its files begin with: `''` or `ID/`. */
  readonly base: string;
}

/** The cloud, or null if there is none. Throws `corrupt_tile` and what the storage throws. */
export async function openCloud(
  { source, formatsOf, limits, onDamage }: OpenCloudOptions,
  id: string,
  signal: AbortSignal,
): Promise<OpenedCloud | null> {
  // A root that is itself a cloud goes by the name of its folder.
  const bases = id === source.rootName ? ['', `${id}/`] : [`${id}/`];
  for (const base of bases) {
    // All are looked for side by side: one after the other, each would cost a round trip.
    const opening = formatsOf(id).map((format) =>
      format.open({ source, id, base, limits, signal, onDamage }),
    );
    // Of those behind the first that is there, nothing is to be heard, failures included.
    for (const cloud of opening) cloud.catch(() => {});
    for (const opened of opening) {
      const cloud = await opened;
      if (cloud !== null) {
        const believed = { ...cloud, bounds: believedBounds(cloud) };
        return { cloud: believed, claimedBounds: cloud.bounds, base };
      }
    }
  }
  return null;
}
