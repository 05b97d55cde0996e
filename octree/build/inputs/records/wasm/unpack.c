/*
 * Fields of records, one after the other, to columns: little-endian values, `stride` bytes from one to the
 * next. ../../../../build-wasm.mjs compiles this file to unpack.wasm; ../record-decoder.ts fills the memory.
 */
#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef signed char i8;
typedef short i16;
typedef int i32;

#define EXPORT(name) __attribute__((export_name(#name)))

extern u8 __heap_base;

/* The first byte that is free for the records and the columns. */
EXPORT(heap) u8 *heap(void) { return &__heap_base; }

/* The bytes of values as they are. */
#define COPY(type, bytes)                                                            \
  EXPORT(copy_##bytes) void copy_##bytes(u32 count, const u8 *from, u32 stride, type *to) { \
    for (u32 i = 0; i < count; i++, from += stride) __builtin_memcpy(to + i, from, bytes); \
  }
COPY(u8, 1)
COPY(u16, 2)
COPY(u32, 4)
COPY(u64, 8)

/* Some bits of a byte. */
EXPORT(bits) void bits(u32 count, const u8 *from, u32 stride, u8 *to, u32 shift, u32 mask) {
  for (u32 i = 0; i < count; i++, from += stride) to[i] = *from >> shift & mask;
}

/* Multiples of a signed byte, to the nearest whole number; halves are rounded up. They must fit 16 bits. */
EXPORT(multiples) void multiples(u32 count, const u8 *from, u32 stride, i16 *to, double factor) {
  for (u32 i = 0; i < count; i++, from += stride) {
    double exact = (i8)*from * factor, below = __builtin_floor(exact);
    to[i] = (i16)(i32)(below + (exact - below >= 0.5));
  }
}

/* Integers times a scale, plus an offset. */
EXPORT(scaled_int32)
void scaled_int32(u32 count, const u8 *from, u32 stride, double *to, double scale, double offset) {
  v128_t factor = wasm_f64x2_splat(scale), shift = wasm_f64x2_splat(offset);
  u32 i = 0;
  for (; i + 2 <= count; i += 2, from += 2 * stride) {
    v128_t two = wasm_v128_load32_lane(from + stride, wasm_v128_load32_zero(from), 1);
    v128_t values = wasm_f64x2_convert_low_i32x4(two);
    wasm_v128_store(to + i, wasm_f64x2_add(wasm_f64x2_mul(values, factor), shift));
  }
  if (i == count) return;
  i32 last;
  __builtin_memcpy(&last, from, 4);
  to[i] = last * scale + offset;
}

/* Floats of 4 bytes, to 8. */
EXPORT(widen_float32) void widen_float32(u32 count, const u8 *from, u32 stride, double *to) {
  for (u32 i = 0; i < count; i++, from += stride) {
    float value;
    __builtin_memcpy(&value, from, 4);
    to[i] = value;
  }
}
