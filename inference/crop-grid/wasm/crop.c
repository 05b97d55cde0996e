/*
 * What the networks are fed of a crop: the ground, the occlusion features, the sampled points. Compiled to
 * crop.wasm by octree/build-wasm.mjs; ../crop-grid.ts fills the memory.
 *
 * One pass sorts the points into a grid of 0.5 m cells; every later question visits only the cells that it
 * needs. All arithmetic is float64, operation by operation that of the TypeScript in ../../testing/reference
 * and of ../../training/kernels/, so the results are equal bit for bit. Sums and samples depend on the order
 * of the points: they run in the order of the crop, over the bits that the grid has set.
 */
#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name)))
#define INLINE static inline __attribute__((always_inline))

INLINE double min(double a, double b) { return a < b ? a : b; }
INLINE double max(double a, double b) { return a > b ? a : b; }
INLINE i32 least(i32 a, i32 b) { return a < b ? a : b; }
INLINE double clamp(double value, double low, double high) { return min(high, max(low, value)); }

/*
 * ---- The grid: CELLS x CELLS squares about the crop's origin. What lies beside it is in the cells of its
 * border. ----
 */

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

/* Sorts the first `points` of `positions` into the grid. */
EXPORT(load) void load(i32 points) {
  count = points;
  is_any_excluded = 0;
  __builtin_memset(next, 0, sizeof next);
  /* Three more points are read than there are. */
  for (i32 k = 3 * count; k < 3 * ((count + 3) & ~3); k++) positions[k] = 0;
  v128_t usual = wasm_i32x4_const_splat(-1);
  for (i32 i = 0; i < count; i += 4) {
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
  is_regular = wasm_i32x4_all_true(usual);
  for (i32 i = 0; i < count; i++)
    if (cell_of[i] != NOWHERE) next[cell_of[i]]++;
  i32 end = 0;
  filled_count = 0;
  for (i32 k = 0; k < CELLS * CELLS; k++) {
    first[k] = end;
    if (next[k] > 0) filled[filled_count++] = (u16)k;
    end += next[k];
    next[k] = first[k];
  }
  first[CELLS * CELLS] = end;
  for (i32 i = 0; i < count; i++) place_point(i, wasm_v128_load(positions + 3 * i));
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

/* ---- Boxes that are drawn already: their points are left out ---- */

EXPORT(exclude_none) void exclude_none(void) { is_any_excluded = 0; }

EXPORT(exclude_box)
void exclude_box(double cx, double cy, double cz, double length, double width, double height, double c, double s) {
  if (!is_any_excluded) clear(excluded);
  is_any_excluded = 1;
  double ac = c < 0 ? -c : c, as = s < 0 ? -s : s;
  struct window w = window_about(cx, cy, (ac * length + as * width) / 2, (as * length + ac * width) / 2);
  EACH_POINT_IN(w, p) {
    double dx = p->x - cx, dy = p->y - cy;
    if (__builtin_fabs(p->z - cz) <= height / 2 && __builtin_fabs(dx * c + dy * s) <= length / 2 &&
        __builtin_fabs(dy * c - dx * s) <= width / 2)
      mark(excluded, p->index);
  }
}

INLINE i32 is_excluded(i32 index) { return is_any_excluded && (excluded[index >> 5] >> (index & 31) & 1); }

/* ---- How many points lie within `radius` of a place, higher than `floor` ---- */

EXPORT(count_near) i32 count_near(double x, double y, double z, double radius, double floor) {
  i32 found = 0;
  struct window w = window_about(x, y, radius, radius);
  EACH_POINT_IN(w, p) {
    double dx = p->x - x, dy = p->y - y, dz = p->z - z;
    if (dx * dx + dy * dy + dz * dz <= radius * radius && p->z > floor) found++;
  }
  return found;
}

/* ---- The ground: see ground.ts for what the steps are for ---- */

#define COARSE_RADIUS 14.0
#define COARSE_CELL 1.0
#define COARSE_SIDE 28
#define FINE_RADIUS 5.5
#define FINE_CELL 0.5
#define FINE_SIDE 22
#define FINE_BAND 0.3
#define COARSE_RIDGE 60.0
#define FINE_RIDGE 30.0
#define MAX_SLOPE 0.35
#define MIN_CELLS 3
#define MIN_FINE_CELLS 4
#define LEVEL_BAND 0.1
#define MAX_LEVEL 0.05

struct plane {
  double a, b, c;
};
static struct plane plane;
EXPORT(plane) void *found_plane(void) { return &plane; }

struct place {
  double x, y, z;
};
/* The lowest two points of a ground cell, as keys, and how many points it has. */
struct low {
  u64 least, second;
  i32 n;
};
static struct low lows[COARSE_SIDE * COARSE_SIDE];
static struct place lowest[COARSE_SIDE * COARSE_SIDE];
static double heights[COARSE_SIDE * COARSE_SIDE];

/*
 * Orders points by height, then by their order in the crop; without branches, which would be guessed wrong
 * half of the time.
 */
INLINE u64 key_of(const struct point *p) {
  union {
    float value;
    u32 bits;
  } z = {p->z + 0.0f};
  u32 negative = -(z.bits >> 31);
  return (u64)(z.bits ^ (negative | 0x80000000u)) << 32 | (u32)p->index;
}

INLINE void add_low(struct low *at, u64 key) {
  u64 least = at->least, second = at->second;
  u64 higher = key < least ? least : key;
  at->least = key < least ? key : least;
  at->second = higher < second ? higher : second;
  at->n++;
}

/* The same for points that are all in one ground cell. */
INLINE void add_lows(struct low *at, const struct point *p, const struct point *end) {
  u64 least = at->least, second = at->second;
  at->n += (i32)(end - p);
  for (; p < end; p++) {
    u64 key = key_of(p);
    u64 higher = key < least ? least : key;
    least = key < least ? key : least;
    second = higher < second ? higher : second;
  }
  at->least = least;
  at->second = second;
}

/*
 * Fills `lowest`; how many cells have points. Near a plane: only points close to it; marks those of the disc.
 */
INLINE i32 lowest_per_cell(double ax, double ay, double radius, double cell, i32 side, const struct plane *near) {
  for (i32 k = 0; k < side * side; k++) lows[k] = (struct low){~0ull, ~0ull, 0};
  if (near) clear(marked);
  double limit = radius * radius;
  struct window w = window_about(ax, ay, radius, radius);
  /*
   * Where the borders of the grid are borders of the ground's cells, those of a cell of the grid are in one
   * of them.
   */
  i32 is_aligned = is_regular && ax == 0 && ay == 0;
  for (i32 row = w.bottom; row <= w.top; row++) {
    for (i32 column = w.left; column <= w.right; column++) {
      const struct point *p = sorted + first[row * CELLS + column], *end = sorted + first[row * CELLS + column + 1];
      if (p == end) continue;
      double left = column / CELLS_PER_METRE - HALF_METRES, bottom = row / CELLS_PER_METRE - HALF_METRES;
      double fx = max(-left, left + 1 / CELLS_PER_METRE), fy = max(-bottom, bottom + 1 / CELLS_PER_METRE);
      if (!is_aligned || fx * fx + fy * fy >= limit) {
        for (; p < end; p++) {
          double x = p->x - ax, y = p->y - ay, z = p->z;
          if (!(x * x + y * y < limit)) continue;
          if (near) {
            mark(marked, p->index);
            if (__builtin_fabs(z - near->a * x - near->b * y - near->c) > FINE_BAND) continue;
          }
          double of_x = __builtin_floor((x + radius) / cell), of_y = __builtin_floor((y + radius) / cell);
          if (of_x < 0 || of_y < 0 || of_x >= side || of_y >= side) continue;
          add_low(&lows[(i32)of_y * side + (i32)of_x], key_of(p));
        }
        continue;
      }
      struct low *at = &lows[(i32)((bottom + radius) / cell) * side + (i32)((left + radius) / cell)];
      if (!near) {
        add_lows(at, p, end);
        continue;
      }
      for (; p < end; p++) {
        double x = p->x, y = p->y, z = p->z;
        mark(marked, p->index);
        if (!(__builtin_fabs(z - near->a * x - near->b * y - near->c) > FINE_BAND)) add_low(at, key_of(p));
      }
    }
  }
  i32 used = 0;
  for (i32 k = 0; k < side * side; k++) {
    if (lows[k].n == 0) continue;
    const float *p = positions + 3 * (u32)(lows[k].n >= 4 ? lows[k].second : lows[k].least);
    lowest[used++] = (struct place){p[0] - ax, p[1] - ay, p[2]};
  }
  return used;
}

/* Weighted least squares in rounds with shrinking windows. 0 when too few cells remain. */
INLINE i32 fit_rounds(i32 cells, struct plane *at, const double (*rounds)[2], i32 n_rounds, double ridge, i32 min_cells,
                      double reach) {
  const struct plane start = *at;
  for (i32 round = 0; round < n_rounds; round++) {
    double below = rounds[round][0], above = rounds[round][1];
    double sw = 0, sx = 0, sy = 0, sz = 0, sxx = ridge, sxy = 0, syy = ridge;
    double sxz = ridge * start.a, syz = ridge * start.b;
    i32 used = 0;
    for (i32 i = 0; i < cells; i++) {
      double x = lowest[i].x, y = lowest[i].y, z = lowest[i].z;
      double r = z - at->a * x - at->b * y - at->c;
      if (-r >= below || r >= above) continue;
      double q = r < 0 ? -r / below : r / above;
      if (q >= 1) continue;
      double t = 1 - q * q;
      double w = (t * t) / (1 + (x * x + y * y) / (reach * reach));
      sw += w;
      sx += w * x;
      sy += w * y;
      sz += w * z;
      sxx += w * x * x;
      sxy += w * x * y;
      syy += w * y * y;
      sxz += w * x * z;
      syz += w * y * z;
      used++;
    }
    if (used < min_cells || !(sw > 1e-9)) return 0;
    double mxx = sxx - (sx * sx) / sw, mxy = sxy - (sx * sy) / sw, myy = syy - (sy * sy) / sw;
    double rx = sxz - (sx * sz) / sw, ry = syz - (sy * sz) / sw;
    double det = mxx * myy - mxy * mxy;
    if (!(det > 1e-9)) return 0;
    double a = (rx * myy - ry * mxy) / det, b = (ry * mxx - rx * mxy) / det;
    double slope = __builtin_sqrt(a * a + b * b);
    if (slope > MAX_SLOPE) {
      a *= MAX_SLOPE / slope;
      b *= MAX_SLOPE / slope;
    }
    at->a = a;
    at->b = b;
    at->c = (sz - a * sx - b * sy) / sw;
  }
  return 1;
}

/* The value that would be at `place` if the first `n` of `heights` were in order. */
static double height_at(i32 n, i32 place) {
  i32 low = 0, high = n - 1;
  while (low < high) {
    double pivot = heights[(low + high) >> 1];
    i32 i = low, j = high;
    while (i <= j) {
      while (heights[i] < pivot) i++;
      while (heights[j] > pivot) j--;
      if (i <= j) {
        double swapped = heights[i];
        heights[i++] = heights[j];
        heights[j--] = swapped;
      }
    }
    if (place <= j) high = j;
    else if (place >= i) low = i;
    else break;
  }
  return heights[place];
}

/* Mean height over the plane of the marked points that are close to it, in the order of the crop. */
static double level(double ax, double ay, const struct plane *over) {
  double sum = 0;
  i32 n = 0;
  for (i32 k = 0; k < words(); k++)
    for (u32 bits = marked[k]; bits; bits &= bits - 1) {
      const float *p = positions + 3 * (32 * k + __builtin_ctz(bits));
      double x = p[0] - ax, y = p[1] - ay;
      double r = p[2] - over->a * x - over->b * y - over->c;
      if (__builtin_fabs(r) < LEVEL_BAND) {
        sum += r;
        n++;
      }
    }
  return n < 5 ? 0 : clamp(sum / n, -MAX_LEVEL, MAX_LEVEL);
}

/* Finds the plane of the ground about a place. 0 where there are too few points to tell. */
EXPORT(find_ground) i32 find_ground(double ax, double ay) {
  static const double COARSE_ROUNDS[5][2] = {{2, 0.8}, {1.2, 0.6}, {0.8, 0.4}, {0.5, 0.3}, {0.4, 0.25}};
  static const double FINE_ROUNDS[3][2] = {{0.3, 0.2}, {0.2, 0.14}, {0.14, 0.1}};
  i32 cells = lowest_per_cell(ax, ay, COARSE_RADIUS, COARSE_CELL, COARSE_SIDE, 0);
  if (cells < MIN_CELLS) return 0;
  for (i32 i = 0; i < cells; i++) heights[i] = lowest[i].z;
  struct plane coarse = {0, 0, height_at(cells, cells / 4)};
  if (!fit_rounds(cells, &coarse, COARSE_ROUNDS, 5, COARSE_RIDGE, MIN_CELLS, 8)) return 0;
  cells = lowest_per_cell(ax, ay, FINE_RADIUS, FINE_CELL, FINE_SIDE, &coarse);
  struct plane fine = coarse;
  if (cells < MIN_FINE_CELLS || !fit_rounds(cells, &fine, FINE_ROUNDS, 3, FINE_RIDGE, MIN_FINE_CELLS, 4)) fine = coarse;
  double c = fine.c + level(ax, ay, &fine);
  plane.a = fine.a;
  plane.b = fine.b;
  plane.c = c - fine.a * ax - fine.b * ay;
  return 1;
}

/* ---- Sampling: one point a voxel, then the smallest hashes of each tier ---- */

#define MOST_VOXELS 65536

static i32 slots[2 * MOST_VOXELS];
static u32 slot_mask;
static struct {
  i32 x, y, z;
} voxels[MOST_VOXELS];
/* Of each voxel: the point that stands for it, its hash and its tier. */
static i32 voxel_points[MOST_VOXELS];
static u32 voxel_hashes[MOST_VOXELS];
static u8 voxel_tiers[MOST_VOXELS];
static i32 voxel_count;

/* ToInt32 of ECMAScript, for all numbers below 2^63. */
INLINE i32 to_int32(double value) { return (i32)(i64)value; }

/* A 32-bit finaliser ("lowbias32"). */
INLINE u32 mix(u32 h) {
  h ^= h >> 16;
  h *= 0x7feb352du;
  h ^= h >> 15;
  h *= 0x846ca68bu;
  h ^= h >> 16;
  return h;
}

INLINE v128_t mix4(v128_t h) {
  h = wasm_v128_xor(h, wasm_u32x4_shr(h, 16));
  h = wasm_i32x4_mul(h, wasm_u32x4_const_splat(0x7feb352d));
  h = wasm_v128_xor(h, wasm_u32x4_shr(h, 15));
  h = wasm_i32x4_mul(h, wasm_u32x4_const_splat(0x846ca68b));
  return wasm_v128_xor(h, wasm_u32x4_shr(h, 16));
}

#define HASH_X 73856093u
#define HASH_Y 19349663u
#define HASH_Z 83492791u

INLINE u32 hashed(double place) { return (u32)to_int32(__builtin_floor(place * 1000)); }

/* One point a voxel: the one with the smallest hash. */
INLINE void offer(i32 index, u32 tier, i32 kx, i32 ky, i32 kz, u32 hash, u32 start) {
  if (voxel_count >= MOST_VOXELS) return;
  for (u32 slot = start & slot_mask;; slot = (slot + 1) & slot_mask) {
    i32 at = slots[slot];
    if (at < 0) {
      slots[slot] = at = voxel_count++;
      voxels[at].x = kx;
      voxels[at].y = ky;
      voxels[at].z = kz;
    } else if (voxels[at].x != kx || voxels[at].y != ky || voxels[at].z != kz) {
      continue;
    } else if (hash >= voxel_hashes[at]) {
      return;
    }
    voxel_points[at] = index;
    voxel_hashes[at] = hash;
    voxel_tiers[at] = (u8)tier;
    return;
  }
}

static void offer_one(i32 i, double size) {
  double x = positions[3 * i], y = positions[3 * i + 1], z = positions[3 * i + 2];
  i32 kx = to_int32(__builtin_floor(x / size)), ky = to_int32(__builtin_floor(y / size)), kz = to_int32(__builtin_floor(z / size));
  u32 hash = mix(mix(hashed(x) * HASH_X ^ hashed(y) * HASH_Y) ^ hashed(z) * HASH_Z);
  offer(i, tier_of[i], kx, ky, kz, hash, mix((u32)kx * HASH_X ^ (u32)ky * HASH_Y ^ (u32)kz * HASH_Z));
}

/* Four numbers as float64, scaled and rounded down to integers. */
INLINE v128_t floors_of_product(v128_t low, v128_t high, v128_t by) {
  v128_t a = wasm_i32x4_trunc_sat_f64x2_zero(wasm_f64x2_floor(wasm_f64x2_mul(low, by)));
  v128_t b = wasm_i32x4_trunc_sat_f64x2_zero(wasm_f64x2_floor(wasm_f64x2_mul(high, by)));
  return wasm_i32x4_shuffle(a, b, 0, 1, 4, 5);
}

/* Fills `hash_of` of the first `n` candidates. */
INLINE void hash_candidates(i32 n) {
  v128_t thousand = wasm_f64x2_const_splat(1000);
  const u32 factors[3] = {HASH_X, HASH_Y, HASH_Z};
  /* Those behind the last have any values. */
  for (i32 k = n; k & 3; k++) candidates[k] = candidates[n - 1];
  for (i32 k = 0; k < n; k += 4) {
    const i32 *index = candidates + k;
    v128_t a = wasm_v128_load(positions + 3 * index[0]), b = wasm_v128_load(positions + 3 * index[1]);
    v128_t c = wasm_v128_load(positions + 3 * index[2]), d = wasm_v128_load(positions + 3 * index[3]);
    v128_t ab = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), cd = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5);
    v128_t abz = wasm_i32x4_shuffle(a, b, 2, 6, 2, 6), cdz = wasm_i32x4_shuffle(c, d, 2, 6, 2, 6);
    const v128_t axes[3][2] = {
        {ab, cd}, {wasm_i32x4_shuffle(ab, ab, 2, 3, 2, 3), wasm_i32x4_shuffle(cd, cd, 2, 3, 2, 3)}, {abz, cdz}};
    v128_t hash = wasm_i32x4_const_splat(0);
    for (i32 axis = 0; axis < 3; axis++) {
      v128_t low = wasm_f64x2_promote_low_f32x4(axes[axis][0]), high = wasm_f64x2_promote_low_f32x4(axes[axis][1]);
      hash = wasm_v128_xor(hash, wasm_i32x4_mul(floors_of_product(low, high, thousand), wasm_u32x4_splat(factors[axis])));
      if (axis > 0) hash = mix4(hash);
    }
    wasm_v128_store(hash_of + k, hash);
  }
}

INLINE void offer_hashed(i32 k, double size) {
  i32 i = candidates[k];
  double x = positions[3 * i], y = positions[3 * i + 1], z = positions[3 * i + 2];
  i32 kx = (i32)__builtin_floor(x / size), ky = (i32)__builtin_floor(y / size), kz = (i32)__builtin_floor(z / size);
  offer(i, tier_of[i], kx, ky, kz, hash_of[k], mix((u32)kx * HASH_X ^ (u32)ky * HASH_Y ^ (u32)kz * HASH_Z));
}

INLINE void start_voxels(i32 most) {
  u32 wanted = 1024;
  while (wanted < 2 * MOST_VOXELS && wanted < 2u * (u32)most) wanted *= 2;
  slot_mask = wanted - 1;
  __builtin_memset(slots, 0xff, wanted * sizeof *slots);
  voxel_count = 0;
}

/* One more is written than kept. */
static u64 keys[MOST_VOXELS + 1];
static i32 few[MOST_VOXELS + 1];
#define MOST_ROWS 256
static i32 chosen[MOST_ROWS];
EXPORT(chosen) void *chosen_points(void) { return chosen; }

INLINE void sort_keys(i32 n) {
  static const i32 GAPS[] = {57, 23, 10, 4, 1};
  for (u32 g = 0; g < sizeof GAPS / sizeof *GAPS; g++)
    for (i32 i = GAPS[g]; i < n; i++) {
      u64 key = keys[i];
      i32 j = i;
      for (; j >= GAPS[g] && keys[j - GAPS[g]] > key; j -= GAPS[g]) keys[j] = keys[j - GAPS[g]];
      keys[j] = key;
    }
}

/* Appends `wanted` points of a tier: all in the order of their voxels, or those with the smallest hashes. */
INLINE i32 take_tier(u32 tier, i32 have, i32 wanted, i32 used) {
  if (wanted == 0) return used;
  if (wanted >= have) {
    for (i32 i = 0; i < voxel_count; i++)
      if (voxel_tiers[i] == tier) chosen[used++] = voxel_points[i];
    return used;
  }
  /* Hashes are spread evenly: those below a little more than the expected limit hold the smallest. */
  for (double share = (1.25 * wanted + 8) / have;; share *= 2) {
    u32 limit = share >= 1 ? 0xffffffffu : (u32)(share * 4294967295.0);
    i32 n = 0;
    for (i32 i = 0; i < voxel_count; i++) {
      keys[n] = (u64)voxel_hashes[i] << 16 | (u64)i;
      n += (voxel_hashes[i] <= limit) & (voxel_tiers[i] == tier);
    }
    if (n < wanted) continue;
    sort_keys(n);
    for (i32 i = 0; i < wanted; i++) chosen[used++] = voxel_points[keys[i] & 0xffff];
    return used;
  }
}

/* How many voxels there are of each tier. */
INLINE void count_tiers(i32 *have) {
  have[1] = have[2] = 0;
  for (i32 i = 0; i < voxel_count; i++) {
    have[1] += voxel_tiers[i] == 1;
    have[2] += voxel_tiers[i] == 2;
  }
  have[0] = voxel_count - have[1] - have[2];
}

/* Cells of the grid in which every candidate gets its voxel. */
static u8 is_whole[CELLS * CELLS];

INLINE void mark_whole(i32 cell) {
  i32 row = cell / CELLS, column = cell % CELLS;
  for (i32 r = row > 0 ? row - 1 : 0; r <= row + 1 && r < CELLS; r++)
    for (i32 c = column > 0 ? column - 1 : 0; c <= column + 1 && c < CELLS; c++) is_whole[r * CELLS + c] = 1;
}

/*
 * As `choose`, of the points with hashes up to a limit and those in `is_whole` cells. -1 if they are too few,
 * or two hashes are equal.
 */
INLINE i32 choose_up_to(u32 limit, i32 n, double size, const i32 *quota, const i32 *is_small) {
  i32 kept = 0;
  for (i32 k = 0; k < n; k++) {
    few[kept] = k;
    kept += (hash_of[k] <= limit) | is_whole[cell_of[candidates[k]]];
  }
  start_voxels(kept);
  for (i32 k = 0; k < kept; k++) offer_hashed(few[k], size);
  /* Of a small tier all voxels are known, of the others those with hashes up to the limit. */
  i32 known[3] = {0, 0, 0}, taken[3], left = quota[0] + quota[1] + quota[2], used = 0;
  for (i32 i = 0; i < voxel_count; i++) {
    u32 t = voxel_tiers[i];
    known[t] += is_small[t] | (voxel_hashes[i] <= limit);
  }
  for (i32 t = 0; t < 3; t++) left -= taken[t] = least(known[t], quota[t]);
  for (i32 t = 0; t < 3; t++) {
    i32 more = least(left, known[t] - taken[t]);
    taken[t] += more;
    left -= more;
    if (!is_small[t] && taken[t] >= known[t]) return -1;
  }
  for (u32 t = 0; t < 3; t++) {
    if (taken[t] == known[t]) {
      used = take_tier(t, known[t], taken[t], used);
      continue;
    }
    i32 m = 0;
    for (i32 i = 0; i < voxel_count; i++)
      if (voxel_tiers[i] == t && (is_small[t] || voxel_hashes[i] <= limit)) keys[m++] = (u64)voxel_hashes[i] << 16 | (u64)i;
    sort_keys(m);
    for (i32 i = 0; i < taken[t]; i++) {
      if (keys[i] >> 16 == keys[i + 1] >> 16) return -1;
      chosen[used++] = voxel_points[keys[i] & 0xffff];
    }
  }
  return used;
}

/*
 * As `choose` for most samples, which take the few smallest hashes of many points: points with larger hashes
 * need no voxel. A tier with few points is looked at as a whole, with all that may share a voxel with it.
 * Returns how many points it chose, or 0 if every candidate has to be looked at: where a tier has too few
 * voxels after all, or two hashes are equal.
 */
static i32 choose_smallest(i32 n, double size, const i32 *quota) {
  i32 offered[3] = {0, 0, 0}, is_small[3], extra = 0;
  for (i32 k = 0; k < n; k++) offered[tier_of[candidates[k]]]++;
  for (i32 t = 0; t < 3; t++) {
    is_small[t] = offered[t] < 8 * quota[t] + 64;
    if (is_small[t] && offered[t] < quota[t]) extra += quota[t] - offered[t];
  }
  double share = 0;
  for (i32 t = 0; t < 3; t++)
    /* Several points may share a voxel: twice as many as are wanted are usually enough. */
    if (!is_small[t]) share = max(share, (2.0 * (quota[t] + extra) + 16) / offered[t]);
  if (share == 0) return 0;
  __builtin_memset(is_whole, 0, sizeof is_whole);
  for (i32 k = 0; k < n; k++)
    if (is_small[tier_of[candidates[k]]]) mark_whole(cell_of[candidates[k]]);
  for (; share <= 0.5; share *= 3) {
    i32 used = choose_up_to((u32)(share * 4294967295.0), n, size, quota, is_small);
    if (used >= 0) return used;
  }
  return 0;
}

/*
 * Fills `chosen` with at most `total` of the first `n` candidates, one a voxel of `size` metres: up to a
 * quota of each tier, the rest to tiers 0, 1, 2 in turn. How many they are.
 */
INLINE i32 choose(i32 n, double size, i32 quota0, i32 quota1, i32 quota2, i32 total) {
  const i32 quota[3] = {quota0, quota1, quota2};
  if (is_regular) {
    hash_candidates(n);
    if (quota0 + quota1 + quota2 == total && n >= 512 && n <= MOST_VOXELS) {
      i32 used = choose_smallest(n, size, quota);
      if (used > 0) return used;
    }
  }
  start_voxels(n);
  if (is_regular)
    for (i32 k = 0; k < n; k++) offer_hashed(k, size);
  else
    for (i32 k = 0; k < n; k++) offer_one(candidates[k], size);
  i32 have[3], taken[3];
  count_tiers(have);
  i32 left = total;
  for (i32 t = 0; t < 3; t++) left -= taken[t] = least(have[t], quota[t]);
  for (i32 t = 0; t < 3; t++) {
    i32 more = least(left, have[t] - taken[t]);
    taken[t] += more;
    left -= more;
  }
  i32 used = 0;
  for (i32 t = 0; t < 3; t++) used = take_tier((u32)t, have[t], taken[t], used);
  return used;
}

/* ---- Rows of features ---- */

#define PROPOSE_POINT 8
#define REFINE_POINT 14
#define PROPOSE_RADIUS 10.0
#define NEAR_RADIUS 3.5
#define GROUND_BAND 0.2
#define CLICK_REACH 3.0
#define USUAL_CLICK_HEIGHT 0.8
#define PROPOSE_VOXEL 0.1
#define REFINE_VOXEL 0.08
#define MOST_CLICKS 1024

static float rows[MOST_ROWS * REFINE_POINT];
static struct click {
  double inside, x, y, z;
} clicks[MOST_CLICKS];
static i32 click_count;

EXPORT(rows) void *feature_rows(void) { return rows; }
EXPORT(clicks) void *side_clicks(void) { return clicks; }
EXPORT(most_clicks) i32 most_clicks(void) { return MOST_CLICKS; }
EXPORT(set_click_count) void set_click_count(i32 n) { click_count = n; }

INLINE double nearest_click(i32 inside, double x, double y, double z) {
  double best = CLICK_REACH;
  for (i32 k = 0; k < click_count; k++) {
    if ((clicks[k].inside != 0) != inside) continue;
    double dx = x - clicks[k].x, dy = y - clicks[k].y, dz = z - clicks[k].z;
    double d = __builtin_sqrt(dx * dx + dy * dy + dz * dz);
    if (d < best) best = d;
  }
  return best;
}

/* Free rows repeat the points from the start, with 0 in their mask column. */
INLINE i32 repeat_rows(i32 used, i32 most, i32 width, i32 mask) {
  i32 wanted = 64;
  while (wanted < used) wanted *= 2;
  if (wanted > (most > used ? most : used)) wanted = most > used ? most : used;
  for (i32 i = used; i < wanted; i++) {
    for (i32 k = 0; k < width; k++) rows[i * width + k] = used ? rows[(i - used) * width + k] : 0;
    if (used) rows[i * width + mask] = 0;
  }
  return wanted;
}

INLINE double height_over(i32 has_ground, double x, double y, double z, double otherwise) {
  return has_ground ? z - (plane.a * x + plane.b * y + plane.c) : otherwise;
}

/*
 * Points about a click, in the frame of the ray. Heights are over `plane`, if there is ground. Returns used |
 * rows << 16.
 */
EXPORT(propose) i32 propose(i32 most, i32 has_ground, double cx, double cy, double cz, double c, double s) {
  double limit = PROPOSE_RADIUS * PROPOSE_RADIUS;
  i32 n = 0;
  for (i32 i = 0; i < count; i++) {
    double x = positions[3 * i], y = positions[3 * i + 1], z = positions[3 * i + 2];
    double dx = x - cx, dy = y - cy, r2 = dx * dx + dy * dy;
    if (!(r2 <= limit)) continue;
    double h = height_over(has_ground, x, y, z, z - cz + USUAL_CLICK_HEIGHT);
    if (!(h > -1 && h < 5) || is_excluded(i)) continue;
    tier_of[i] = has_ground && h < GROUND_BAND ? 2 : r2 <= NEAR_RADIUS * NEAR_RADIUS ? 0 : 1;
    candidates[n++] = i;
  }
  i32 used = choose(n, PROPOSE_VOXEL, most * 9 / 16, most / 4, most * 3 / 16, most);
  for (i32 i = 0; i < used; i++) {
    const float *p = positions + 3 * chosen[i];
    double x = p[0], y = p[1], z = p[2], dx = x - cx, dy = y - cy;
    float *o = rows + i * PROPOSE_POINT;
    o[0] = (float)((dx * c + dy * s) / 3);
    o[1] = (float)((dy * c - dx * s) / 3);
    o[2] = (float)(height_over(has_ground, x, y, z, z - cz + USUAL_CLICK_HEIGHT) - USUAL_CLICK_HEIGHT);
    o[3] = (float)(__builtin_sqrt(dx * dx + dy * dy) / 3);
    o[4] = (float)(z - cz);
    o[5] = (float)nearest_click(1, x, y, z);
    o[6] = (float)nearest_click(0, x, y, z);
    o[7] = 1;
  }
  return used | repeat_rows(used, most, PROPOSE_POINT, 7) << 16;
}

/* How far beyond a box of this length its neighbourhood goes: long ones are often seen at one end only. */
INLINE double margin(double length) { return 1 + max(0, 0.35 * (length - 3)); }

/* Points in and about a box, in its frame. Returns used | rows << 16. */
EXPORT(refine)
i32 refine(i32 most, i32 has_ground, double bx, double by, double bz, double length, double width, double height,
           double c, double s) {
  double hl = length / 2, hw = width / 2, hh = height / 2, mx = margin(length), my = margin(width);
  double ac = c < 0 ? -c : c, as = s < 0 ? -s : s;
  struct window w = window_about(bx, by, ac * (hl + mx) + as * (hw + my), as * (hl + mx) + ac * (hw + my));
  clear(marked);
  EACH_POINT_IN(w, p) {
    double x = p->x, y = p->y, z = p->z, dx = x - bx, dy = y - by, dz = z - bz;
    double u = __builtin_fabs(dx * c + dy * s), v = __builtin_fabs(dy * c - dx * s);
    if (!(u <= hl + mx && v <= hw + my && dz >= -hh - 0.7 && dz <= hh + 0.9)) continue;
    i32 is_low = has_ground && z - (plane.a * x + plane.b * y + plane.c) < GROUND_BAND;
    i32 is_near = u <= hl + 0.35 && v <= hw + 0.35 && dz <= hh + 0.35;
    tier_of[p->index] = is_low ? 2 : is_near ? 0 : 1;
    mark(marked, p->index);
  }
  i32 n = 0;
  for (i32 k = 0; k < words(); k++) {
    u32 bits = is_any_excluded ? marked[k] & ~excluded[k] : marked[k];
    for (; bits; bits &= bits - 1) candidates[n++] = 32 * k + __builtin_ctz(bits);
  }
  i32 used = choose(n, REFINE_VOXEL, most * 10 / 16, most * 3 / 16, most * 3 / 16, most);
  for (i32 i = 0; i < used; i++) {
    const float *p = positions + 3 * chosen[i];
    double x = p[0], y = p[1], z = p[2], dx = x - bx, dy = y - by, dz = z - bz;
    double u = dx * c + dy * s, v = dy * c - dx * s;
    float *o = rows + i * REFINE_POINT;
    o[0] = (float)(u / 2);
    o[1] = (float)v;
    o[2] = (float)dz;
    o[3] = (float)(hl - u);
    o[4] = (float)(hl + u);
    o[5] = (float)(hw - v);
    o[6] = (float)(hw + v);
    o[7] = (float)(hh - dz);
    o[8] = (float)(hh + dz);
    o[9] = (float)(height_over(has_ground, x, y, z, dz + hh) - USUAL_CLICK_HEIGHT);
    o[10] = (float)nearest_click(1, x, y, z);
    o[11] = (float)nearest_click(0, x, y, z);
    o[12] = 1;
    o[13] = __builtin_fabs(u) <= hl && __builtin_fabs(v) <= hw && __builtin_fabs(dz) <= hh ? 1 : 0;
  }
  return used | repeat_rows(used, most, REFINE_POINT, 12) << 16;
}

/*
 * ---- Occlusion features: the share of the heights of each place that is hidden, and the share that rays
 * went through ----
 */

#define MOST_PLACES 30
/* Metres; see occlusion-features.ts for what they are. */
#define OCCLUSION_RADIUS 12.0
#define SENSOR_HEIGHT 1.8
#define LOWEST_HEIGHT 0.2
#define HEIGHT_STEP 0.3
#define HEIGHT_STEPS 4
#define DEPTH_GAP 0.5
#define OWN_MARGIN 0.3
#define RAY_HALF_WIDTH 0.1
#define RAY_WIDENING 0.004
#define FAN_SLICES 128

static struct line {
  double x, y, length;
  u32 hidden, free;
} lines[MOST_PLACES];
static i32 line_count;
static u32 fan[FAN_SLICES];
/* How many slices before each one have lines. */
static u8 filled_slices[FAN_SLICES + 1];
static float shares[2 * MOST_PLACES];
EXPORT(shares) void *occlusion_shares(void) { return shares; }

INLINE void add_line(double x, double y) {
  struct line *l = &lines[line_count++];
  l->length = max(__builtin_sqrt(x * x + y * y), 1e-6);
  l->x = x / l->length;
  l->y = y / l->length;
  l->hidden = l->free = 0;
}

INLINE i32 slice_of(double tangent, double most, double to_slice) {
  return (i32)clamp(__builtin_floor((tangent + most) * to_slice), 0, FAN_SLICES - 1);
}

/*
 * The lines that a point of each slice may be near to, as bits. A point that counts is off its line by an
 * angle of at most asin(width / nearest + widening); one slice more on either side, so that rounding cannot
 * lose it.
 */
INLINE void fill_fan(double ux, double uy, double most, double sine) {
  double to_slice = FAN_SLICES / (2 * most);
  for (i32 k = 0; k < FAN_SLICES; k++) fan[k] = 0;
  double slack = sine < 0.99 ? sine / __builtin_sqrt(1 - sine * sine) : 0;
  for (i32 k = 0; k < line_count; k++) {
    double along = lines[k].x * ux + lines[k].y * uy, across = lines[k].y * ux - lines[k].x * uy;
    i32 from = 0, to = FAN_SLICES - 1;
    if (sine < 0.99 && along > 0.01) {
      double tangent = across / along;
      double under = 1 + tangent * slack, over = 1 - tangent * slack;
      if (under > 0.01) from = slice_of((tangent - slack) / under, most, to_slice) - 1;
      if (over > 0.01) to = slice_of((tangent + slack) / over, most, to_slice) + 1;
    }
    for (i32 slice = from < 0 ? 0 : from; slice <= to && slice < FAN_SLICES; slice++) fan[slice] |= 1u << k;
  }
  for (i32 k = 0; k < FAN_SLICES; k++) filled_slices[k + 1] = (u8)(filled_slices[k] + (fan[k] != 0));
}

/* What counts of a cell of the grid cannot be ruled out by its middle alone. */
struct view {
  double cx, cy, sx, sy, ux, uy, distance, reach;
  /* The outline in which points do not count: its direction, half its length and width. */
  double c, s, own_length, own_width;
  /* Of the fan: the largest tangent, and slices for each unit of it. */
  double most, to_slice;
};

INLINE i32 may_count(const struct view *v, i32 cell) {
  i32 column = cell % CELLS, row = cell / CELLS;
  if (column == 0 || row == 0 || column == CELLS - 1 || row == CELLS - 1) return 1;
  double px = (column + 0.5) / CELLS_PER_METRE - HALF_METRES, py = (row + 0.5) / CELLS_PER_METRE - HALF_METRES;
  double bx = px - v->cx, by = py - v->cy, limit = OCCLUSION_RADIUS + CELL_REACH;
  if (bx * bx + by * by > limit * limit) return 0;
  if (__builtin_fabs(bx * v->c + by * v->s) + CELL_REACH <= v->own_length &&
      __builtin_fabs(by * v->c - bx * v->s) + CELL_REACH <= v->own_width)
    return 0;
  double x = px - v->sx, y = py - v->sy, along = x * v->ux + y * v->uy, across = y * v->ux - x * v->uy;
  if (along + CELL_REACH < 1 ||
      __builtin_fabs(across) - CELL_REACH > (1.3 * v->reach * (along + CELL_REACH)) / v->distance + 0.2)
    return 0;
  double near = along - CELL_REACH, far = along + CELL_REACH;
  if (near < 0.5) return 1;
  double right = across - CELL_REACH, left = across + CELL_REACH;
  i32 from = slice_of(right / (right < 0 ? near : far), v->most, v->to_slice);
  i32 to = slice_of(left / (left < 0 ? far : near), v->most, v->to_slice);
  return filled_slices[to + 1] > filled_slices[from];
}

/* Holds every point against the lines of sight. */
static void look(struct view *v) {
  v->most = (1.3 * v->reach) / v->distance + 0.2;
  v->to_slice = FAN_SLICES / (2 * v->most);
  double nearest = max(1, v->distance - OCCLUSION_RADIUS);
  fill_fan(v->ux, v->uy, v->most, min(1, RAY_HALF_WIDTH / nearest + RAY_WIDENING));
  double shortest = lines[0].length;
  for (i32 k = 1; k < line_count; k++) shortest = min(shortest, lines[k].length);
  /*
   * Rays that pass a place at the lowest height that counts have fallen so far for each metre from the
   * scanner.
   */
  double fall = (SENSOR_HEIGHT - LOWEST_HEIGHT) / shortest;
  for (i32 f = 0; f < filled_count; f++) {
    i32 cell = filled[f];
    if (!may_count(v, cell)) continue;
    for (const struct point *p = sorted + first[cell], *end = sorted + first[cell + 1]; p < end; p++) {
      double px = p->x, py = p->y, x = px - v->sx, y = py - v->sy;
      double along = x * v->ux + y * v->uy, across = __builtin_fabs(x * v->uy - y * v->ux);
      double h = p->z - (plane.a * px + plane.b * py + plane.c);
      /* Too high or low for any place: most points are ground before and about the places. */
      if (h > SENSOR_HEIGHT || h < SENSOR_HEIGHT - fall * (along + across) - 1e-6) continue;
      if (!(along >= 1) || across > (1.3 * v->reach * along) / v->distance + 0.2) continue;
      u32 near = fan[slice_of((y * v->ux - x * v->uy) / along, v->most, v->to_slice)];
      if (!near) continue;
      double bx = px - v->cx, by = py - v->cy;
      if (!(bx * bx + by * by <= OCCLUSION_RADIUS * OCCLUSION_RADIUS)) continue;
      if (__builtin_fabs(bx * v->c + by * v->s) <= v->own_length && __builtin_fabs(by * v->c - bx * v->s) <= v->own_width) continue;
      if (!(h > -0.5 && h < 5)) continue;
      for (; near; near &= near - 1) {
        struct line *l = &lines[__builtin_ctz(near)];
        double a = x * l->x + y * l->y;
        if (!(a >= 1) || __builtin_fabs(x * l->y - y * l->x) > RAY_HALF_WIDTH + RAY_WIDENING * a) continue;
        double over = a - l->length;
        if (__builtin_fabs(over) <= DEPTH_GAP) continue;
        double level = (SENSOR_HEIGHT + ((h - SENSOR_HEIGHT) * l->length) / a - LOWEST_HEIGHT) / HEIGHT_STEP;
        if (!(level >= 0 && level < HEIGHT_STEPS)) continue;
        u32 bit = 1u << (i32)level;
        if (over < 0) l->hidden |= bit;
        else l->free |= bit;
      }
    }
  }
  for (i32 k = 0; k < line_count; k++) {
    shares[2 * k] = (float)__builtin_popcount(lines[k].hidden) / HEIGHT_STEPS;
    shares[2 * k + 1] = (float)__builtin_popcount(lines[k].free) / HEIGHT_STEPS;
  }
}

/* 0 if the scanner is too near to tell. */
INLINE i32 start_view(struct view *v, double cx, double cy, double sx, double sy) {
  double x = cx - sx, y = cy - sy;
  v->cx = cx;
  v->cy = cy;
  v->sx = sx;
  v->sy = sy;
  v->distance = __builtin_sqrt(x * x + y * y);
  v->ux = x / v->distance;
  v->uy = y / v->distance;
  line_count = 0;
  return v->distance >= 1;
}

/* Fills the first 60 of `shares`: about a click. Heights are over `plane`. */
EXPORT(look_at_click) void look_at_click(double cx, double cy, double sx, double sy) {
  static const double ALONG[] = {-1.5, 0, 1.5, 3, 4.5, 6}, ACROSS[] = {-2.5, -1.2, 0, 1.2, 2.5};
  struct view v;
  for (i32 k = 0; k < 60; k++) shares[k] = 0;
  if (!start_view(&v, cx, cy, sx, sy)) return;
  double x = cx - sx, y = cy - sy;
  for (i32 i = 0; i < 6; i++)
    for (i32 j = 0; j < 5; j++) add_line(x + ALONG[i] * v.ux - ACROSS[j] * v.uy, y + ALONG[i] * v.uy + ACROSS[j] * v.ux);
  v.reach = 3;
  v.c = 1;
  v.s = 0;
  v.own_length = v.own_width = -1;
  look(&v);
}

/* Fills the first 48 of `shares`: about a box. Heights are over `plane`. */
EXPORT(look_at_box)
void look_at_box(double cx, double cy, double length, double width, double c, double s, double sx, double sy) {
  static const double ALONG[] = {-1.2, -1, -0.8, -0.6, 0.6, 0.8, 1, 1.2}, ACROSS[] = {-1, 0, 1};
  struct view v;
  for (i32 k = 0; k < 48; k++) shares[k] = 0;
  if (!start_view(&v, cx, cy, sx, sy)) return;
  double hl = length / 2, hw = width / 2, x = cx - sx, y = cy - sy;
  for (i32 i = 0; i < 8; i++)
    for (i32 j = 0; j < 3; j++) add_line(x + ALONG[i] * hl * c - ACROSS[j] * hw * s, y + ALONG[i] * hl * s + ACROSS[j] * hw * c);
  v.reach = __builtin_sqrt(1.44 * hl * hl + hw * hw) + 0.5;
  v.c = c;
  v.s = s;
  v.own_length = hl + OWN_MARGIN;
  v.own_width = hw + OWN_MARGIN;
  look(&v);
}

/* Sets the plane that heights are measured from. */
EXPORT(set_plane) void set_plane(double a, double b, double c) { plane = (struct plane){a, b, c}; }
EXPORT(most_rows) i32 most_rows(void) { return MOST_ROWS; }
