/*
 * Rounds coordinates to steps of the scale. ../../../build-wasm.mjs compiles this file to rounding.wasm;
 * ../rounding.ts fills the memory.
 */
#include <wasm_simd128.h>

typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;

#define EXPORT(name) __attribute__((export_name(#name)))

/* Points at a time (rounding.ts): with their steps they fit into the processor's cache. */
#define SLICE_POINTS 8192
#define MOST_STEP 2147483647.0

static double coordinates[3][SLICE_POINTS] __attribute__((aligned(16)));
static i32 steps[3][SLICE_POINTS] __attribute__((aligned(16)));
/* Whether a point fits on all axes so far: 0 if not. */
static u64 fits[SLICE_POINTS] __attribute__((aligned(16)));
/* The points that fit, ascending, then the others. */
static u32 rows[SLICE_POINTS];
/* Smallest and largest step of each axis. */
static i32 extents[3][2];

EXPORT(coordinates) double *coordinates_at(u32 axis) { return coordinates[axis]; }
EXPORT(steps) i32 *steps_at(u32 axis) { return steps[axis]; }
EXPORT(rows) u32 *rows_at(void) { return rows; }
EXPORT(extents) i32 *extents_at(void) { return extents[0]; }

/* The nearest steps of one axis; halves are rounded up. Returns whether all of them fit 32 bits. */
static u32 round_axis(u32 axis, u32 points, double offset, double scale) {
  const v128_t origin = wasm_f64x2_splat(offset), step = wasm_f64x2_splat(scale);
  const v128_t half = wasm_f64x2_splat(0.5), one = wasm_f64x2_splat(1), most = wasm_f64x2_splat(MOST_STEP);
  v128_t all = wasm_i64x2_splat(-1);
  for (u32 i = 0; i < points; i += 2) {
    v128_t exact = wasm_f64x2_div(wasm_f64x2_sub(wasm_v128_load(coordinates[axis] + i), origin), step);
    v128_t below = wasm_f64x2_floor(exact);
    v128_t is_up = wasm_f64x2_ge(wasm_f64x2_sub(exact, below), half);
    v128_t nearest = wasm_f64x2_add(below, wasm_v128_and(is_up, one));
    /* False for what is not a number. */
    v128_t is_fit = wasm_f64x2_le(wasm_f64x2_abs(nearest), most);
    wasm_v128_store64_lane(steps[axis] + i, wasm_i32x4_trunc_sat_f64x2_zero(nearest), 0);
    wasm_v128_store(fits + i, axis == 0 ? is_fit : wasm_v128_and(wasm_v128_load(fits + i), is_fit));
    all = wasm_v128_and(all, is_fit);
  }
  return wasm_i64x2_all_true(all);
}

/* Moves the points that fit to the front, and returns their number. */
static u32 pack(u32 points) {
  u32 all = 0, kept = 0;
  for (u32 i = 0; i < points; i++) all += fits[i] != 0;
  for (u32 i = 0, other = all; i < points; i++) {
    if (fits[i] == 0) {
      rows[other++] = i;
      continue;
    }
    for (u32 axis = 0; axis < 3; axis++) steps[axis][kept] = steps[axis][i];
    rows[kept++] = i;
  }
  return kept;
}

/* Finds the extent of the first steps of an axis. */
static void extend(u32 axis, u32 points) {
  i32 low = 0x7fffffff, high = -0x7fffffff - 1;
  for (u32 i = 0; i < points; i++) {
    i32 step = steps[axis][i];
    low = step < low ? step : low;
    high = step > high ? step : high;
  }
  extents[axis][0] = low, extents[axis][1] = high;
}

/*
 * Rounds the coordinates of so many points, and returns the number of those that fit. Only if some do not,
 * `rows` tells which ones.
 */
EXPORT(round) u32 round_all(u32 points, double x, double y, double z, double scale) {
  /* An odd one has a neighbour, which must fit. */
  if (points % 2 == 1)
    for (u32 axis = 0; axis < 3; axis++) coordinates[axis][points] = coordinates[axis][points - 1];
  double offset[3] = {x, y, z};
  u32 is_fit = 1;
  for (u32 axis = 0; axis < 3; axis++) is_fit &= round_axis(axis, points, offset[axis], scale);
  u32 kept = is_fit ? points : pack(points);
  for (u32 axis = 0; axis < 3; axis++) extend(axis, kept);
  return kept;
}
