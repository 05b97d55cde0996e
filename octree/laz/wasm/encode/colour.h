/*
 * The layer of colours (RGB14): which bytes changed, then their differences from what red and the last colour
 * predict.
 */

static u8 *encode_colours(u8 *out) {
  static Model *used, *parts[6];
  used = 0;
  __builtin_memset(parts, 0, sizeof parts);
  u32 changes = 0;
  Coder c;
  start(&c, out);
  FOR_EACH_POINT {
    /* Bytes of red, green and blue, low before high. */
    const u8 *now = p.colour, *before = last.colour;
    u32 mask = 0;
    for (u32 k = 0; k < 6; k++) mask |= (now[k] != before[k]) << k;
    changes |= mask;
    u32 is_grey = load16(now) == load16(now + 2) && load16(now) == load16(now + 4);
    if (!is_grey) mask |= 64;
    symbol(&c, model(&used, 128), mask);
    if (mask & 1) symbol(&c, model(&parts[0], 256), (now[0] - before[0]) & 255);
    if (mask & 2) symbol(&c, model(&parts[1], 256), (now[1] - before[1]) & 255);
    if (is_grey) continue;
    for (u32 half = 0; half < 2; half++) {
      i32 step = now[half] - before[half];
      if (mask & (4u << half))
        symbol(&c, model(&parts[2 + half], 256), (now[2 + half] - clamp_byte(step + before[2 + half])) & 255);
      i32 both = (step + now[2 + half] - before[2 + half]) / 2;
      if (mask & (16u << half))
        symbol(&c, model(&parts[4 + half], 256), (now[4 + half] - clamp_byte(both + before[4 + half])) & 255);
    }
  }
  return changes ? finish(&c) : out;
}
