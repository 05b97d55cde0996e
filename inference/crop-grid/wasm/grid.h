/*
 * The grid: CELLS x CELLS squares around the crop's origin. Points outside are in the cells of its border.
 */
#pragma once
#include "base.h"

#define CELLS 64
#define CELLS_PER_METRE 2.0
#define HALF_METRES (CELLS / CELLS_PER_METRE / 2)
#define NOWHERE 0xffff
/* Half a cell's diagonal, rounded up, metres. */
#define CELL_REACH 0.36
/* Added to the borders of a query, metres: more than any rounding. */
#define BORDER_SLACK 0.002

struct point {
  float x, y, z;
  i32 index;
};

extern u8 __heap_base;
static i32 count;
static i32 capacity;
/* x, y, z of each point, in the order of the crop. */
static float *positions;
/*
 * The points cell by cell, row by row; those of a cell in the order of the crop. Points that are not finite
 * are left out.
 */
static struct point *sorted;
static u16 *cell_of;
static u8 *tier_of;
/* Points that are offered to a sample, in the order of the crop. */
static i32 *candidates;
/* Of the first candidates: their hashes. */
static u32 *hash_of;
/* One bit a point, in the order of the crop. */
static u32 *marked;
static u32 *excluded;
static i32 is_any_excluded;

static i32 first[CELLS * CELLS + 1];
static u16 filled[CELLS * CELLS];
static i32 filled_count;

INLINE i32 words(void) { return (count + 31) >> 5; }

INLINE u8 *take(u8 **at, i32 bytes) {
  u8 *taken = *at;
  *at += (bytes + 15) & ~15;
  return taken;
}

/* Room for `wanted` points. Returns where their coordinates go, or 0 if there is no memory. */
EXPORT(reserve) float *reserve(i32 wanted) {
  if (wanted > capacity) {
    i32 rounded = (wanted + 16383) & ~16383;
    u8 *at = (u8 *)(((u32)&__heap_base + 15) & ~15u);
    positions = (float *)take(&at, rounded * 12 + 64);
    sorted = (struct point *)take(&at, rounded * (i32)sizeof(struct point));
    candidates = (i32 *)take(&at, rounded * 4 + 16);
    cell_of = (u16 *)take(&at, rounded * 2 + 16);
    hash_of = (u32 *)take(&at, rounded * 4 + 16);
    tier_of = take(&at, rounded);
    marked = (u32 *)take(&at, rounded / 8);
    excluded = (u32 *)take(&at, rounded / 8);
    u32 pages = ((u32)at + 65535) >> 16;
    u32 have = __builtin_wasm_memory_size(0);
    if (pages > have && __builtin_wasm_memory_grow(0, pages - have) == (u32)-1) return 0;
    capacity = rounded;
  }
  return positions;
}

/* The cell of a coordinate along one axis. Never falls as the coordinate rises. */
INLINE i32 cell_along(double value) {
  double place = (value + HALF_METRES) * CELLS_PER_METRE;
  return place >= CELLS - 1 ? CELLS - 1 : place >= 0 ? (i32)place : 0;
}

/*
 * Whether all points are on the side of every cell border that float64 arithmetic puts them on, and near
 * enough for 32-bit voxels and hashes. False only where a coordinate is within a nanometre of 0, but not 0,
 * or farther out than 1,000 km.
 */
static i32 is_regular;

INLINE v128_t are_usual(v128_t values) {
  v128_t size = wasm_f32x4_abs(values);
  v128_t within = wasm_v128_and(wasm_f32x4_gt(size, wasm_f32x4_const_splat(1e-9f)), wasm_f32x4_lt(size, wasm_f32x4_const_splat(1e6f)));
  return wasm_v128_or(within, wasm_f32x4_eq(values, wasm_f32x4_const_splat(0)));
}

INLINE v128_t cells_of_two(v128_t values) {
  v128_t place = wasm_f64x2_mul(wasm_f64x2_add(wasm_f64x2_promote_low_f32x4(values), wasm_f64x2_const_splat(HALF_METRES)),
                                wasm_f64x2_const_splat(CELLS_PER_METRE));
  v128_t within = wasm_f64x2_pmin(wasm_f64x2_const_splat(CELLS - 1), wasm_f64x2_pmax(wasm_f64x2_const_splat(0), place));
  return wasm_i32x4_trunc_sat_f64x2_zero(within);
}

/* `cell_along` of four coordinates. */
INLINE v128_t cells_along(v128_t values) {
  return wasm_i32x4_shuffle(cells_of_two(values), cells_of_two(wasm_i32x4_shuffle(values, values, 2, 3, 2, 3)), 0, 1, 4, 5);
}

/* Four points' coordinates along each axis. */
struct columns {
  v128_t x, y, z;
};

INLINE struct columns columns_of(const float *from) {
  v128_t a = wasm_v128_load(from), b = wasm_v128_load(from + 4), c = wasm_v128_load(from + 8);
  struct columns of;
  of.x = wasm_i32x4_shuffle(wasm_i32x4_shuffle(a, b, 0, 3, 6, 6), c, 0, 1, 2, 5);
  of.y = wasm_i32x4_shuffle(wasm_i32x4_shuffle(a, b, 1, 4, 7, 7), c, 0, 1, 2, 6);
  of.z = wasm_i32x4_shuffle(wasm_i32x4_shuffle(a, b, 2, 5, 5, 5), c, 0, 1, 4, 7);
  return of;
}

static i32 next[CELLS * CELLS];

INLINE void place_point(i32 i, v128_t xyz) {
  if (cell_of[i] != NOWHERE) wasm_v128_store(&sorted[next[cell_of[i]]++], wasm_i32x4_replace_lane(xyz, 3, i));
}

/*
 * The first `points` of `positions` are sorted into the grid in three steps, so that a caller may pause
 * between pieces of a large crop: `find_cells` of all points, piece by piece; `order_cells`; `place_points`,
 * piece by piece. Pieces follow each other and begin at multiples of 4.
 */
EXPORT(start_load) void start_load(i32 points) {
  count = points;
  is_any_excluded = 0;
  is_regular = 1;
  __builtin_memset(next, 0, sizeof next);
  /* Three more points are read than there are. */
  for (i32 k = 3 * count; k < 3 * ((count + 3) & ~3); k++) positions[k] = 0;
}

EXPORT(find_cells) void find_cells(i32 from, i32 to) {
  v128_t usual = wasm_i32x4_const_splat(-1);
  for (i32 i = from; i < to; i += 4) {
    struct columns p = columns_of(positions + 3 * i);
    usual = wasm_v128_and(usual, wasm_v128_and(are_usual(p.x), wasm_v128_and(are_usual(p.y), are_usual(p.z))));
    v128_t cells = wasm_v128_or(wasm_i32x4_shl(cells_along(p.y), 6), cells_along(p.x));
    /* Only of finite numbers is the product with 0 equal to 0. */
    v128_t zero = wasm_f32x4_const_splat(0);
    v128_t products = wasm_f32x4_add(wasm_f32x4_mul(p.x, zero), wasm_f32x4_add(wasm_f32x4_mul(p.y, zero), wasm_f32x4_mul(p.z, zero)));
    cells = wasm_v128_or(cells, wasm_v128_andnot(wasm_i32x4_const_splat(NOWHERE), wasm_f32x4_eq(products, zero)));
    cell_of[i] = (u16)wasm_i32x4_extract_lane(cells, 0);
    cell_of[i + 1] = (u16)wasm_i32x4_extract_lane(cells, 1);
    cell_of[i + 2] = (u16)wasm_i32x4_extract_lane(cells, 2);
    cell_of[i + 3] = (u16)wasm_i32x4_extract_lane(cells, 3);
  }
  is_regular &= wasm_i32x4_all_true(usual);
  for (i32 i = from; i < to; i++)
    if (cell_of[i] != NOWHERE) next[cell_of[i]]++;
}

EXPORT(order_cells) void order_cells(void) {
  i32 end = 0;
  filled_count = 0;
  for (i32 k = 0; k < CELLS * CELLS; k++) {
    first[k] = end;
    if (next[k] > 0) filled[filled_count++] = (u16)k;
    end += next[k];
    next[k] = first[k];
  }
  first[CELLS * CELLS] = end;
}

EXPORT(place_points) void place_points(i32 from, i32 to) {
  for (i32 i = from; i < to; i++) place_point(i, wasm_v128_load(positions + 3 * i));
}

/* Rows and columns of the cells that a square about a place touches. */
struct window {
  i32 left, right, bottom, top;
};

INLINE struct window window_about(double x, double y, double reach_x, double reach_y) {
  struct window w;
  w.left = cell_along(x - reach_x - BORDER_SLACK);
  w.right = cell_along(x + reach_x + BORDER_SLACK);
  w.bottom = cell_along(y - reach_y - BORDER_SLACK);
  w.top = cell_along(y + reach_y + BORDER_SLACK);
  return w;
}

/* Runs through the points in a window: cells of a row lie behind each other. */
#define EACH_POINT_IN(w, p)                                                                                     \
  for (i32 row = (w).bottom; row <= (w).top; row++)                                                             \
    for (struct point *p = sorted + first[row * CELLS + (w).left], *end = sorted + first[row * CELLS + (w).right + 1]; \
         p < end; p++)

INLINE void clear(u32 *bits) {
  for (i32 k = 0; k < words(); k++) bits[k] = 0;
}

INLINE void mark(u32 *bits, i32 index) { bits[index >> 5] |= 1u << (index & 31); }

/* How many points lie within `radius` of a place, higher than `floor`. */
EXPORT(count_near) i32 count_near(double x, double y, double z, double radius, double floor) {
  i32 found = 0;
  struct window w = window_about(x, y, radius, radius);
  EACH_POINT_IN(w, p) {
    double dx = p->x - x, dy = p->y - y, dz = p->z - z;
    if (dx * dx + dy * dy + dz * dz <= radius * radius && p->z > floor) found++;
  }
  return found;
}
