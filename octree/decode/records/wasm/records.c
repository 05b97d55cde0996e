/*
 * Splits packed records into columns, four records at a time. ../../../build-wasm.mjs compiles this file to
 * records.wasm; ../record-splitter.ts fills the memory.
 */
#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef int i32;

#define EXPORT(name) __attribute__((export_name(#name)))

#define BATCH_BYTES 65536
#define BATCH_RECORDS 4096

/* Reads of four records at a time reach at most one lane beyond the last one. */
static u8 records[BATCH_BYTES + 16] __attribute__((aligned(16)));
/* The three axes one after the other, and another field of at most four bytes. */
static i32 axes[3][BATCH_RECORDS] __attribute__((aligned(16)));
static u8 field[4 * BATCH_RECORDS] __attribute__((aligned(16)));
/* Smallest and largest value of each axis. */
static i32 extents[3][2];

EXPORT(records) u8 *records_at(void) { return records; }
EXPORT(axes) i32 *axes_at(void) { return axes[0]; }
EXPORT(field) u8 *field_at(void) { return field; }
EXPORT(extents) i32 *extents_at(void) { return extents[0]; }
EXPORT(batch_bytes) i32 batch_bytes(void) { return BATCH_BYTES; }
EXPORT(batch_records) i32 batch_records(void) { return BATCH_RECORDS; }

/* Forgets the extents of earlier records. */
EXPORT(begin) void begin(void) {
  for (i32 axis = 0; axis < 3; axis++) {
    extents[axis][0] = 0x7fffffff;
    extents[axis][1] = -0x7fffffff - 1;
  }
}

static inline i32 int32_at(const u8 *at) {
  i32 value;
  __builtin_memcpy(&value, at, 4);
  return value;
}

/* One axis of `count` records: int32, little-endian, `at` bytes into each. */
EXPORT(split_axis) void split_axis(i32 axis, i32 count, i32 stride, i32 at) {
  i32 *column = axes[axis];
  const u8 *from = records + at;
  v128_t low = wasm_i32x4_splat(extents[axis][0]);
  v128_t high = wasm_i32x4_splat(extents[axis][1]);
  i32 i = 0;
  for (; i + 4 <= count; i += 4, from += 4 * stride) {
    v128_t four = wasm_v128_load32_zero(from);
    four = wasm_v128_load32_lane(from + stride, four, 1);
    four = wasm_v128_load32_lane(from + 2 * stride, four, 2);
    four = wasm_v128_load32_lane(from + 3 * stride, four, 3);
    wasm_v128_store(column + i, four);
    low = wasm_i32x4_min(low, four);
    high = wasm_i32x4_max(high, four);
  }
  i32 lows[4], highs[4];
  wasm_v128_store(lows, low);
  wasm_v128_store(highs, high);
  for (i32 k = 1; k < 4; k++) {
    if (lows[k] < lows[0]) lows[0] = lows[k];
    if (highs[k] > highs[0]) highs[0] = highs[k];
  }
  for (; i < count; i++, from += stride) {
    i32 value = int32_at(from);
    column[i] = value;
    if (value < lows[0]) lows[0] = value;
    if (value > highs[0]) highs[0] = value;
  }
  extents[axis][0] = lows[0];
  extents[axis][1] = highs[0];
}

/* Another field of `count` records, `at` bytes into each: its 1, 2 or 4 bytes as they are. */
EXPORT(split_field) void split_field(i32 count, i32 stride, i32 at, i32 size) {
  const u8 *from = records + at;
  if (size == 1) {
    for (i32 i = 0; i < count; i++, from += stride) field[i] = *from;
  } else if (size == 2) {
    u16 *column = (u16 *)field;
    for (i32 i = 0; i < count; i++, from += stride) __builtin_memcpy(column + i, from, 2);
  } else {
    i32 *column = (i32 *)field;
    for (i32 i = 0; i < count; i++, from += stride) column[i] = int32_at(from);
  }
}
