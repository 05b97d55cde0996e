/**
 * What the n-th tile of a disk writer is: the same in the process that writes it and in the one that checks
 * it.
 */
const TILES = 40;

export function writtenTile(n: number) {
  const seed = n % TILES;
  const length = 1000 + ((seed * 7919) % 97) * 3000;
  return {
    group: `cloud@${seed % 4}`,
    name: `${seed}`,
    tile: {
      bytes: Uint8Array.from({ length }, (_, i) => (i * (seed + 1) + (i >> 9)) & 255),
      etag: `"${seed}"`,
    },
  };
}

/** Every tile that there can be. */
export const WRITTEN_TILES = Array.from({ length: TILES }, (_, n) => writtenTile(n));
