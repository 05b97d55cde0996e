/*
 * Finds the points of a node that lie in a region, four at a time. ../../build-wasm.mjs compiles this file to
 * scan.wasm; ../scanner.ts fills the memory.
 *
 * Spheres and cuboids are tested in float64, as in the TypeScript code. For a ring, points are projected to a
 * plane in float32 and looked up in a grid. A cell of the grid says: in, out, or test again in float64. The
 * error of float32 is known beforehand (../projection.ts); thresholds and grid allow for it.
 */
#include <wasm_simd128.h>

typedef unsigned char u8;
typedef int i32;
typedef unsigned int u32;

#define EXPORT(name) __attribute__((export_name(#name)))
#define INLINE static inline __attribute__((always_inline))

#define BATCH_POINTS 4096
#define CELLS 256
/*
 * Added to the index of a cell for a point that is inside at most (perhaps outside): the second half of the
 * table has no cell that says "in".
 */
#define UNSURE (CELLS * CELLS)

/* Computes a * x + b * y + c * z + d, where x, y, z are the stored coordinates minus `origin`. */
struct row {
  float a, b, c, d;
};

static i32 x[BATCH_POINTS] __attribute__((aligned(16)));
static i32 y[BATCH_POINTS] __attribute__((aligned(16)));
static i32 z[BATCH_POINTS] __attribute__((aligned(16)));
/*
 * Numbers of the points that were found. With the sign bit set, a point must be tested again in float64. Up
 * to four more are written than kept.
 */
static i32 found[BATCH_POINTS + 4] __attribute__((aligned(16)));
/* Positions in `found` of the points that must be tested again. */
static i32 unsure[BATCH_POINTS];
static i32 unsure_count;

/*
 * Cells row by row; 0: out, 1: in, 3: test again. The cells at the border say "out". The second half is for
 * unsure points: it has 3 where the first half has 1. Its first entry is 3, for points whose position on the
 * plane is not known at all.
 */
static u8 cells[2 * CELLS * CELLS];

static struct {
  i32 origin[3];
  /*
   * across / w and up / w are whole numbers in the middle of a cell. near and far are not negative for points
   * in view.
   */
  struct row across, up, w, near, far;
  /* Below w_out, a point is behind the camera; below w_unsure, it is too near to be projected in float32. */
  float w_out, w_unsure;
  /* Below minus this error, a point is out of view; from plus this error on, it is in view. */
  float near_error, far_error;
} projection;

EXPORT(column) void *column(i32 axis) { return axis == 0 ? x : axis == 1 ? y : z; }
EXPORT(found) void *found_points(void) { return found; }
EXPORT(unsure) void *unsure_places(void) { return unsure; }
EXPORT(unsure_points) i32 unsure_points(void) { return unsure_count; }
EXPORT(cells) void *cell_table(void) { return cells; }
EXPORT(projection) void *projection_numbers(void) { return &projection; }
EXPORT(batch_points) i32 batch_points(void) { return BATCH_POINTS; }

struct points {
  v128_t x, y, z;
};

INLINE v128_t load(const i32 *from, i32 origin) {
  return wasm_f32x4_convert_i32x4(wasm_i32x4_sub(wasm_v128_load(from), wasm_i32x4_splat(origin)));
}

INLINE v128_t apply(struct row row, struct points p) {
  v128_t xy = wasm_f32x4_add(wasm_f32x4_mul(p.x, wasm_f32x4_splat(row.a)), wasm_f32x4_mul(p.y, wasm_f32x4_splat(row.b)));
  v128_t z1 = wasm_f32x4_add(wasm_f32x4_mul(p.z, wasm_f32x4_splat(row.c)), wasm_f32x4_splat(row.d));
  return wasm_f32x4_add(xy, z1);
}

/*
 * The index of the cell along an axis, in the low bits of a number; its other bits are 0x4b000000. At 2^23 a
 * float32 is rounded to whole numbers, which is exact enough here and faster than other roundings. Positions
 * beside the grid, and NaN, give a cell at the border.
 */
INLINE v128_t cell(v128_t place) {
  v128_t above = wasm_f32x4_pmax(wasm_f32x4_const_splat(0), place);
  v128_t within = wasm_f32x4_pmin(wasm_f32x4_const_splat(CELLS - 1), above);
  return wasm_f32x4_add(within, wasm_f32x4_const_splat(8388608));
}

INLINE v128_t below(v128_t value, float limit) { return wasm_f32x4_lt(value, wasm_f32x4_splat(limit)); }

/* The indices in the table for four points. */
INLINE v128_t places(i32 first, int is_flat, int has_depth) {
  struct points p = {load(x + first, projection.origin[0]), load(y + first, projection.origin[1]), load(z + first, projection.origin[2])};
  v128_t across = apply(projection.across, p);
  v128_t up = apply(projection.up, p);
  v128_t out = wasm_i32x4_const_splat(0);
  v128_t w = out;
  if (!is_flat) {
    w = apply(projection.w, p);
    v128_t inverse = wasm_f32x4_div(wasm_f32x4_const_splat(1), w);
    across = wasm_f32x4_mul(across, inverse);
    up = wasm_f32x4_mul(up, inverse);
  }
  v128_t column = wasm_v128_and(cell(across), wasm_i32x4_const_splat(CELLS - 1));
  /* The shift removes the other bits. */
  v128_t at = wasm_v128_or(wasm_i32x4_shl(cell(up), 8), column);
  if (!is_flat) {
    at = wasm_v128_bitselect(wasm_i32x4_const_splat(UNSURE), at, below(w, projection.w_unsure));
    out = below(w, projection.w_out);
  }
  if (has_depth) {
    v128_t near = apply(projection.near, p);
    v128_t far = apply(projection.far, p);
    v128_t unsure = wasm_v128_or(below(near, projection.near_error), below(far, projection.far_error));
    at = wasm_v128_or(at, wasm_v128_and(unsure, wasm_i32x4_const_splat(UNSURE)));
    out = wasm_v128_or(out, wasm_v128_or(below(near, -projection.near_error), below(far, -projection.far_error)));
  }
  return wasm_v128_andnot(at, out);
}

/* Byte shuffles by a mask of four bits: they move the numbers whose bits are set to the front. */
#define FROM(k) 4 * k, 4 * k + 1, 4 * k + 2, 4 * k + 3
#define NONE 0, 0, 0, 0
static const u8 TO_FRONT[16][16] __attribute__((aligned(16))) = {
    {NONE, NONE, NONE, NONE},
    {FROM(0), NONE, NONE, NONE},
    {FROM(1), NONE, NONE, NONE},
    {FROM(0), FROM(1), NONE, NONE},
    {FROM(2), NONE, NONE, NONE},
    {FROM(0), FROM(2), NONE, NONE},
    {FROM(1), FROM(2), NONE, NONE},
    {FROM(0), FROM(1), FROM(2), NONE},
    {FROM(3), NONE, NONE, NONE},
    {FROM(0), FROM(3), NONE, NONE},
    {FROM(1), FROM(3), NONE, NONE},
    {FROM(0), FROM(1), FROM(3), NONE},
    {FROM(2), FROM(3), NONE, NONE},
    {FROM(0), FROM(2), FROM(3), NONE},
    {FROM(1), FROM(2), FROM(3), NONE},
    {FROM(0), FROM(1), FROM(2), FROM(3)},
};

/*
 * Written without branches: which points are inside is close to random, and mispredicted branches would cost
 * more than these operations.
 */
INLINE i32 keep(i32 end, v128_t numbers, u32 bits) {
  wasm_v128_store(found + end, wasm_i8x16_swizzle(numbers, wasm_v128_load(TO_FRONT[bits])));
  return end + __builtin_popcount(bits);
}

/*
 * The mask of those of four points that exist: all four, except at the end of the columns, where old values
 * follow.
 */
INLINE u32 there(i32 left) { return left < 4 ? (1u << left) - 1 : 15; }

/* ---- Rings ---- */

INLINE i32 scan_all(i32 count, i32 first, int is_flat, int has_depth) {
  v128_t numbers = wasm_i32x4_add(wasm_i32x4_splat(first), wasm_i32x4_const(0, 1, 2, 3));
  i32 end = 0;
  i32 end_unsure = 0;
  for (i32 i = 0; i < count; i += 4) {
    v128_t at = places(i, is_flat, has_depth);
    v128_t answers = wasm_u32x4_make(cells[wasm_u32x4_extract_lane(at, 0)], cells[wasm_u32x4_extract_lane(at, 1)],
                                     cells[wasm_u32x4_extract_lane(at, 2)], cells[wasm_u32x4_extract_lane(at, 3)]);
    v128_t signs = wasm_i32x4_shl(wasm_v128_and(answers, wasm_i32x4_const_splat(2)), 30);
    u32 bits = wasm_i32x4_bitmask(wasm_i32x4_shl(answers, 31)) & there(count - i);
    u32 unsure_bits = wasm_i32x4_bitmask(signs) & bits;
    for (; unsure_bits != 0; unsure_bits &= unsure_bits - 1) {
      u32 lower = (unsure_bits & -unsure_bits) - 1;
      unsure[end_unsure++] = end + __builtin_popcount(bits & lower);
    }
    end = keep(end, wasm_v128_or(numbers, signs), bits);
    numbers = wasm_i32x4_add(numbers, wasm_i32x4_const_splat(4));
  }
  unsure_count = end_unsure;
  return end;
}

/* Removes the entries with the sign bit set from the first `count` of `found`; returns how many are left. */
EXPORT(drop_negative) i32 drop_negative(i32 count) {
  i32 end = 0;
  for (i32 k = 0; k < count; k += 4) {
    v128_t numbers = wasm_v128_load(found + k);
    end = keep(end, numbers, ~wasm_i32x4_bitmask(numbers) & there(count - k));
  }
  return end;
}

/*
 * Tests the first `count` points of the columns. The first of them is point `first` of its node. Returns how
 * many were found.
 */
EXPORT(scan_ring) i32 scan_ring(i32 count, i32 first, i32 is_flat, i32 has_depth) {
  if (is_flat) return has_depth ? scan_all(count, first, 1, 1) : scan_all(count, first, 1, 0);
  return has_depth ? scan_all(count, first, 0, 1) : scan_all(count, first, 0, 0);
}

/*
 * ---- Spheres and cuboids: the exact test, with the same operations as region-sphere.ts and
 * region-cuboid.ts ----
 */

static struct {
  double scale[3], offset[3], center[3];
  /* For a sphere. */
  double limit;
  /* For a cuboid. */
  double cos, sin, half[3];
} solid;

EXPORT(solid) void *solid_numbers(void) { return &solid; }

/* Differences of two points to the centre. The lower half of `raw` has their integers. */
INLINE v128_t difference(v128_t raw, i32 axis) {
  v128_t scaled = wasm_f64x2_mul(wasm_f64x2_convert_low_i32x4(raw), wasm_f64x2_splat(solid.scale[axis]));
  v128_t place = wasm_f64x2_add(scaled, wasm_f64x2_splat(solid.offset[axis]));
  return wasm_f64x2_sub(place, wasm_f64x2_splat(solid.center[axis]));
}

INLINE v128_t in_sphere(v128_t dx, v128_t dy, v128_t dz) {
  v128_t flat = wasm_f64x2_add(wasm_f64x2_mul(dx, dx), wasm_f64x2_mul(dy, dy));
  return wasm_f64x2_le(wasm_f64x2_add(flat, wasm_f64x2_mul(dz, dz)), wasm_f64x2_splat(solid.limit));
}

INLINE v128_t within(v128_t value, double half) {
  return wasm_f64x2_le(wasm_f64x2_abs(value), wasm_f64x2_splat(half));
}

INLINE v128_t in_cuboid(v128_t dx, v128_t dy, v128_t dz) {
  v128_t cos = wasm_f64x2_splat(solid.cos), sin = wasm_f64x2_splat(solid.sin);
  v128_t along = wasm_f64x2_add(wasm_f64x2_mul(dx, cos), wasm_f64x2_mul(dy, sin));
  v128_t across = wasm_f64x2_sub(wasm_f64x2_mul(dy, cos), wasm_f64x2_mul(dx, sin));
  v128_t flat = wasm_v128_and(within(along, solid.half[0]), within(across, solid.half[1]));
  return wasm_v128_and(flat, within(dz, solid.half[2]));
}

INLINE v128_t upper(v128_t raw) { return wasm_i32x4_shuffle(raw, raw, 2, 3, 2, 3); }

INLINE i32 scan_solid(i32 count, i32 first, v128_t (*test)(v128_t, v128_t, v128_t)) {
  v128_t numbers = wasm_i32x4_add(wasm_i32x4_splat(first), wasm_i32x4_const(0, 1, 2, 3));
  i32 end = 0;
  for (i32 i = 0; i < count; i += 4) {
    v128_t rx = wasm_v128_load(x + i), ry = wasm_v128_load(y + i), rz = wasm_v128_load(z + i);
    v128_t low = test(difference(rx, 0), difference(ry, 1), difference(rz, 2));
    v128_t high = test(difference(upper(rx), 0), difference(upper(ry), 1), difference(upper(rz), 2));
    u32 bits = (wasm_i64x2_bitmask(low) | wasm_i64x2_bitmask(high) << 2) & there(count - i);
    end = keep(end, numbers, bits);
    numbers = wasm_i32x4_add(numbers, wasm_i32x4_const_splat(4));
  }
  return end;
}

EXPORT(scan_sphere) i32 scan_sphere(i32 count, i32 first) { return scan_solid(count, first, in_sphere); }
EXPORT(scan_cuboid) i32 scan_cuboid(i32 count, i32 first) { return scan_solid(count, first, in_cuboid); }

/* ---- Copies coordinates, minus `center`, as float32 ---- */

static float positions[3 * BATCH_POINTS] __attribute__((aligned(16)));

EXPORT(positions) void *copied_positions(void) { return positions; }

INLINE v128_t single(v128_t raw, i32 axis) {
  v128_t low = wasm_f32x4_demote_f64x2_zero(difference(raw, axis));
  v128_t high = wasm_f32x4_demote_f64x2_zero(difference(upper(raw), axis));
  return wasm_i32x4_shuffle(low, high, 0, 1, 4, 5);
}

/* Writes x, y, z of four points, interleaved. */
INLINE void place(float *to, v128_t rx, v128_t ry, v128_t rz) {
  v128_t px = single(rx, 0), py = single(ry, 1), pz = single(rz, 2);
  v128_t low = wasm_i32x4_shuffle(px, py, 0, 4, 1, 5);
  v128_t high = wasm_i32x4_shuffle(px, py, 2, 6, 3, 7);
  wasm_v128_store(to, wasm_i32x4_shuffle(low, pz, 0, 1, 4, 2)); /* x0 y0 z0 x1 */
  v128_t zxy = wasm_i32x4_shuffle(pz, high, 1, 4, 5, 2);
  wasm_v128_store(to + 4, wasm_i32x4_shuffle(low, zxy, 3, 4, 5, 6)); /* y1 z1 x2 y2 */
  v128_t xy = wasm_i32x4_shuffle(high, pz, 2, 3, 6, 7);
  wasm_v128_store(to + 8, wasm_i32x4_shuffle(xy, xy, 2, 0, 1, 3)); /* z2 x3 y3 z3 */
}

/* Copies the first `count` points of the columns. */
EXPORT(copy_all) void copy_all(i32 count) {
  for (i32 i = 0; i < count; i += 4)
    place(positions + 3 * i, wasm_v128_load(x + i), wasm_v128_load(y + i), wasm_v128_load(z + i));
}

/*
 * Copies the points with the first `count` numbers in `found`. The first point of the columns is point
 * `first` of its node.
 */
EXPORT(copy_found) void copy_found(i32 count, i32 first) {
  /* After the last number: any existing point. */
  for (i32 k = count; k & 3; k++) found[k] = first;
  for (i32 k = 0; k < count; k += 4) {
    i32 a = found[k] - first, b = found[k + 1] - first, c = found[k + 2] - first, d = found[k + 3] - first;
    place(positions + 3 * k, wasm_i32x4_make(x[a], x[b], x[c], x[d]), wasm_i32x4_make(y[a], y[b], y[c], y[d]),
          wasm_i32x4_make(z[a], z[b], z[c], z[d]));
  }
}
