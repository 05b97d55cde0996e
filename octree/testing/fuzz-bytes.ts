/**
 * Damaged versions of good bytes: flipped bits, other numbers in a field, cut ends, long tails. Repeatable.
 */

/** Values that readers stumble over: zeros, ones, signs, and sizes that nobody has room for. */
const HOSTILE = [0, 1, 0x7f, 0x80, 0xff, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff];

export function* damaged(
  bytes: Uint8Array,
  times: number,
  random: () => number,
): Generator<Uint8Array<ArrayBuffer>> {
  const place = (room: number) => Math.floor(random() * Math.max(1, room));
  for (let i = 0; i < times; i++) {
    const copy = new Uint8Array(bytes);
    const kind = place(6);
    if (kind === 0 || copy.length === 0) {
      yield copy.slice(0, place(copy.length));
    } else if (kind === 1) {
      yield Uint8Array.from([...copy, ...Array.from({ length: 1 + place(64) }, () => place(256))]);
    } else if (kind === 2 && copy.length >= 4) {
      new DataView(copy.buffer).setUint32(place(copy.length - 3), HOSTILE[place(HOSTILE.length)]!, true);
      yield copy;
    } else {
      for (let flips = kind === 3 ? 1 + place(8) : 1; flips > 0; flips--)
        copy[place(copy.length)]! ^= 1 << place(8);
      yield copy;
    }
  }
}
