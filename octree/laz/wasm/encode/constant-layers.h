/* Tells layers in which no point differs from the first. */

/*
 * 1 if these bytes of the records, with the bits of `mask` in the first one, are not the same in all points.
 */
static u32 varies(u32 from, u32 bytes, u32 mask) {
  const u8 *first = records + from;
  for (const u8 *p = first + record_bytes, *end = first + count * record_bytes; p < end; p += record_bytes) {
    if ((p[0] ^ first[0]) & mask) return 1;
    for (u32 k = 1; k < bytes; k++) {
      if (p[k] != first[k]) return 1;
    }
  }
  return 0;
}

/*
 * Most dimensions of most clouds never change. Such a layer is empty, and to find that out costs far less
 * than to encode it in vain. `extra`: which of the extra bytes the layer is of.
 */
static u32 is_constant(u32 kind, u32 extra) {
  switch (kind) {
    case 0:
    case 1: return 0;
    case 2: return !varies(16, 1, 0xff);
    case 3: return !varies(15, 1, 0xcf);
    case 4: return !varies(12, 2, 0xff);
    case 5: return !varies(18, 2, 0xff);
    case 6: return !varies(17, 1, 0xff);
    case 7: return !varies(20, 2, 0xff);
    case 8: return !varies(22, 8, 0xff);
    case 9: return !varies(RECORD_BYTES, COLOUR_BYTES, 0xff);
    default: return !varies(RECORD_BYTES + (has_colour ? COLOUR_BYTES : 0) + extra, 1, 0xff);
  }
}
