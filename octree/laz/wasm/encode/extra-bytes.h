/* The layers of the extra bytes (BYTE14): one for each byte. */

static u8 *encode_extra(u8 *out, u32 byte) {
  Model *steps = 0;
  u32 changes = 0;
  Coder c;
  start(&c, out);
  FOR_EACH_POINT {
    u32 step = (p.extra[byte] - last.extra[byte]) & 255;
    changes |= step;
    symbol(&c, model(&steps, 256), step);
  }
  return changes ? finish(&c) : out;
}
