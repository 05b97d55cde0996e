/*
 * The LAZ decoder as its caller sees it: input, start of a chunk or of the chunk table, batches of values.
 * build-wasm.mjs compiles this file to laz.wasm.
 *
 * Sources: A. Said's FastAC in the variant of the LAZ format (frequencies of 15 and 13 bits, and a fixed
 * schedule for updating the models); the LASzip code base (integercompressor; lasreaditemcompressed_v2:
 * POINT10, GPSTIME11, RGB12, BYTE; _v3: POINT14, RGB14, RGBNIR14); the LASzip specification for LAS 1.4. This
 * is an independent implementation.
 *
 * No input can make this code access memory outside of its module. Bytes that no encoder writes cause a trap,
 * which the caller sees as an exception. A trap does not unwind the stack, so the caller must discard this
 * instance.
 */
#include "point-stream.h"
#include "other-layers.h"
#include "chunk-table.h"

static enum { STREAM, IN_LAYERS, TABLE } mode;
/* 1 while the first point of a chunk, which is stored raw, has not been returned yet. */
static u32 is_first;

/* Reserves memory for an input of `bytes` bytes; null if there is not enough. */
EXPORT(input) u8 *input(u32 bytes) {
  u32 needed = (u32)&__heap_base + bytes + SLACK_BYTES;
  u32 have = __builtin_wasm_memory_size(0) * PAGE_BYTES;
  if (needed < bytes) return 0;
  if (needed > have && __builtin_wasm_memory_grow(0, (needed - have + PAGE_BYTES - 1) / PAGE_BYTES) == (u32)-1) return 0;
  return &__heap_base;
}

static const u8 *begin(u32 bytes) {
  arena_used = 0;
  is_first = 1;
  __builtin_memset(&__heap_base + bytes, 0, SLACK_BYTES);
  return &__heap_base;
}

/* Starts a chunk of point format 0 to 5 in the input; each record has `extra` extra bytes. */
EXPORT(begin_stream) void begin_stream_chunk(u32 bytes, u32 format, u32 extra, u32 want) {
  const u8 *chunk = begin(bytes);
  mode = STREAM;
  begin_stream(chunk, chunk + bytes, format, extra, want & WANT_OTHERS);
}

/*
 * Starts a chunk of point format 6 to 10 in the input. It has `points` points in `sizes` layers; each record
 * has `extra` extra bytes; its items have this version.
 */
EXPORT(begin_layers) void begin_layers_chunk(
  u32 bytes, u32 format, u32 record_bytes, u32 extra, u32 sizes, u32 points, u32 want, u32 version
) {
  const u8 *chunk = begin(bytes);
  mode = IN_LAYERS;
  wanted = want;
  is_channel_told = version >= 4;
  begin_layers(chunk, record_bytes, sizes, points, format);
  kept_extra = 0;
  if (wanted & WANT_OTHERS) begin_others(chunk, record_bytes, sizes, points, format, extra);
}

EXPORT(begin_table) void begin_table(u32 bytes, u32 varies) {
  const u8 *table = begin(bytes);
  mode = TABLE;
  __builtin_memset(&table_values, 0, sizeof table_values);
  table_varies = varies;
  table_points = table_bytes = 0;
  start(&table_coder, table, table + bytes);
}

/* Decodes the next points, or rows of the chunk table: at most BATCH_POINTS. */
EXPORT(decode) void decode(u32 count) {
  if (count == 0 || count > BATCH_POINTS) DAMAGED();
  if (mode == TABLE) return decode_table(count);
  u32 from = is_first;
  is_first = 0;
  if (mode == STREAM) {
    if (from) {
      put_point(&stream, 0);
      /* As LASzip does: the first point's intensity does not predict the intensity of the next one. */
      stream.intensity = 0;
    }
    decode_stream(from, count);
  } else {
    if (from) {
      put_first_layered();
      if (wanted & WANT_OTHERS) put_first_others();
    }
    if (from < count) {
      decode_layers(from, count);
      if (wanted & WANT_OTHERS) decode_others(from, count);
    }
  }
}

/*
 * Zero bytes that an encoder may write after the last byte that a decoder needs. LASzip, laz-perf and lazrs
 * write none.
 */
#define MOST_PADDING 4

static u32 is_used_up(const Coder *c) {
  if (c->at > c->end || c->end - c->at > MOST_PADDING) return 0;
  for (const u8 *p = c->at; p < c->end; p++) {
    if (*p) return 0;
  }
  return 1;
}

/*
 * Call after the last point. Returns 1 if the stream, or every decoded layer, ends here. After a wrong bit, a
 * decoder almost never stops exactly at the end. LAZ has no checksum; this check comes closest to one.
 */
EXPORT(is_finished) u32 is_finished(void) {
  if (mode == STREAM) return is_used_up(&stream.coder);
  for (u32 i = 0; i < LAYERS; i++) {
    if (layers[i].live && !is_used_up(&layers[i].coder)) return 0;
  }
  return are_extra_used_up(is_used_up);
}

EXPORT(batch_points) u32 batch_points(void) { return BATCH_POINTS; }

/*
 * The arrays that `decode` fills: x (in the chunk table: points of a chunk), y (in the chunk table: bytes of
 * a chunk), z, intensity, classification, returns, colour; if the others are wanted: flags, scan angle, user
 * data, point source, GPS time, near infrared, extra bytes (at most KEPT_EXTRA of each point).
 */
EXPORT(column) void *column(u32 index) {
  void *columns[] = {
    out_x, out_y, out_z, out_intensity, out_classification, out_returns, out_colour,
    out_flags, out_angle, out_user, out_source, out_time, out_infrared, out_extra,
  };
  if (index >= sizeof columns / sizeof *columns) DAMAGED();
  return columns[index];
}
