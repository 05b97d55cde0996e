/* Places in the cube of an octree (../cube.ts): whole numbers of PLACE_BITS bits along each axis. */
#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;
typedef long long i64;

#define EXPORT(name) __attribute__((export_name(#name)))

#define PLACE_BITS 31
#define PAGE_BYTES 65536

extern u8 __heap_base;

/* Makes places of the steps of `points` points along one axis; there must be room for an even number. */
static void places_of(u32 *values, u32 points, double low_step, double per_step) {
  v128_t factor = wasm_f64x2_splat(per_step), half = wasm_f64x2_splat(0.5), low = wasm_f64x2_splat(low_step);
  for (u32 i = 0; i < points; i += 2) {
    v128_t steps = wasm_f64x2_convert_low_i32x4(wasm_v128_load64_zero(values + i));
    v128_t places = wasm_f64x2_mul(wasm_f64x2_add(wasm_f64x2_sub(steps, low), half), factor);
    wasm_v128_store64_lane(values + i, wasm_i32x4_trunc_sat_f64x2_zero(places), 0);
  }
}

/* The lowest ten bits, three apart. */
static inline u32 spread(u32 bits) {
  bits &= 0x3ff;
  bits = (bits | bits << 16) & 0x030000ff;
  bits = (bits | bits << 8) & 0x0300f00f;
  bits = (bits | bits << 4) & 0x030c30c3;
  return (bits | bits << 2) & 0x09249249;
}

/* The number of a cell, `levels` levels deep above the lowest `shift` bits of its places. */
static inline u32 cell_at(u32 x, u32 y, u32 z, u32 shift, u32 levels) {
  u32 last = (1u << levels) - 1;
  return spread(x >> shift & last) | spread(y >> shift & last) << 1 | spread(z >> shift & last) << 2;
}
