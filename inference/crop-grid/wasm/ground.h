/* The ground: ../../ground/ground.ts says what the steps are for. */
#pragma once
#include "grid.h"

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

/* Sets the plane that heights are measured from. */
EXPORT(set_plane) void set_plane(double a, double b, double c) { plane = (struct plane){a, b, c}; }
