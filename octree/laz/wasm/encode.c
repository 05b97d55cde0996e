/*
 * Encodes LAZ chunks of point formats 6 and 7 with extra bytes, of one scanner channel: a layer for each
 * dimension (LASzip compressor 3, items POINT14, RGB14 and BYTE14 of version 3). Compiled to encode.wasm by
 * build-wasm.mjs.
 *
 * Sources: A. Said's FastAC as the LAZ format fixes it; LASzip, laswriteitemcompressed_v3; the LASzip
 * specification for LAS 1.4. An independent implementation, the mirror of laz.c.
 *
 * The layers are written one after the other into one output. Each pass computes the contexts of the points
 * again: that costs less than a buffer for each layer.
 */
#include "models.h"
#include "encode/coder.h"
#include "encode/records.h"
#include "encode/point-layers.h"
#include "encode/gps-time.h"
#include "encode/colour.h"
#include "encode/extra-bytes.h"
#include "encode/constant-layers.h"

#define PAGE_BYTES 65536u
/*
 * More than any layer takes for a point: GPS time has a symbol, and at most 3 of them before it changes the
 * sequence, and 9 bytes.
 */
#define MOST_POINT_BYTES 64u

extern u8 __heap_base;

/* ---- What the caller sees ---- */

static u8 *output_at;

static u32 reserve(const u8 *end) {
  u32 needed = (u32)end, have = __builtin_wasm_memory_size(0) * PAGE_BYTES;
  return needed <= have || __builtin_wasm_memory_grow(0, (needed - have + PAGE_BYTES - 1) / PAGE_BYTES) != (u32)-1;
}

/* Room for records of so many bytes; null if there is none. */
EXPORT(input) u8 *input(u32 bytes) { return reserve(&__heap_base + bytes) ? &__heap_base : 0; }

EXPORT(output) u8 *output(void) { return output_at; }

INLINE void store32(u8 *p, u32 value) {
  for (u32 i = 0; i < 4; i++) p[i] = value >> 8 * i;
}

/*
 * Encodes the records in the input. Returns the bytes of the chunk, which begins at `output`; 0 if there is
 * no room.
 */
EXPORT(encode) u32 encode(u32 points, u32 bytes, u32 colour) {
  records = &__heap_base;
  count = points;
  record_bytes = bytes;
  has_colour = colour;
  plane_bits = (u8 *)&__heap_base + points * bytes;
  output_at = plane_bits + points;
  u32 extra = bytes - RECORD_BYTES - (colour ? COLOUR_BYTES : 0);
  u32 layers = 9 + colour + extra;
  u8 *sizes = output_at + bytes + 4;
  u8 *at = sizes + 4 * layers;
  if (!reserve(at)) return 0;
  __builtin_memcpy(output_at, records, bytes);
  store32(output_at + bytes, points);
  for (u32 layer = 0; layer < layers; layer++) {
    if (!reserve(at + points * MOST_POINT_BYTES + 64)) return 0;
    arena_used = 0;
    u8 *end = at;
    u32 kind = layer < 9 ? layer : colour && layer == 9 ? 9 : 10;
    if (points > 1 && !is_constant(kind, layer - 9 - colour)) {
      switch (kind) {
        case 0: end = encode_plane(at); break;
        case 1: end = encode_heights(at); break;
        case 2: end = encode_classes(at); break;
        case 3: end = encode_flags(at); break;
        case 4: end = encode_intensities(at); break;
        case 5: end = encode_angles(at); break;
        case 6: end = encode_users(at); break;
        case 7: end = encode_sources(at); break;
        case 8: end = encode_times(at); break;
        case 9: end = encode_colours(at); break;
        default: end = encode_extra(at, layer - 9 - colour);
      }
    }
    store32(sizes + 4 * layer, end - at);
    at = end;
  }
  return at - output_at;
}

/*
 * ---- The table of chunks: for each its points and its bytes, as differences from the chunk before it ----
 */

/*
 * `input` holds pairs of points and bytes, 32 bits each. Returns the bytes of the rows, which begin at
 * `output`.
 */
EXPORT(encode_table) u32 encode_table(u32 chunks) {
  static Integer values;
  __builtin_memset(&values, 0, sizeof values);
  arena_used = 0;
  output_at = (u8 *)&__heap_base + 8 * chunks;
  if (!reserve(output_at + 64 * chunks + 64)) return 0;
  Coder c;
  start(&c, output_at);
  for (u32 i = 0; i < chunks; i++) {
    const u8 *row = &__heap_base + 8 * i;
    for (u32 part = 0; part < 2; part++) {
      u32 before = i == 0 ? 0 : load32(row - 8 + 4 * part);
      put(&c, &values, part, 32, (i32)(load32(row + 4 * part) - before));
    }
  }
  return finish(&c) - output_at;
}
