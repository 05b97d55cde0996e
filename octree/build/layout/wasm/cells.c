/*
 * Points in the order of the octree's cells, and the split of a node's points by it. Sorted so, the points of
 * a node lie one after the other on every level, and so do those of each cell of its grid: all loops run
 * through memory from front to back. ../../../build-wasm.mjs compiles this file to cells.wasm;
 * ../cell-order.ts fills the memory.
 */
#include "places.h"

/* Bits of a place along each axis that a key holds. */
#define KEY_LEVELS 10
#define DIGIT_BITS 10
#define DIGITS (1 << DIGIT_BITS)
#define MOST_PAGES 65536
/* Of a point that is in a node already. */
#define TAKEN 0x80000000u

enum { X, Y, Z, KEYS, ORDER, SPARE_KEYS, FIRST, SECOND, COLUMNS };
/* x, y and z as steps first, then as places. ORDER: the number of each point, with TAKEN. */
static u32 *columns[COLUMNS];
/* Points that the columns have room for, and points in them. */
static u32 room, count;
static u32 children[2][8];

/* Levels of the cells below `depth` that a key tells apart. */
static u32 levels_below(u32 depth) {
  return PLACE_BITS - depth < KEY_LEVELS ? PLACE_BITS - depth : KEY_LEVELS;
}

/* Makes room for so many points; 0 if there is no memory for them. What the columns held is lost. */
EXPORT(reserve) u32 reserve(u32 points) {
  count = points;
  if (points <= room) return 1;
  u32 stride = (points + 3) & ~3u;
  u64 end = ((u64)(unsigned long)&__heap_base + 15 & ~15ull) + (u64)COLUMNS * 4 * stride + 16;
  u64 pages = (end + PAGE_BYTES - 1) / PAGE_BYTES;
  u64 now = __builtin_wasm_memory_size(0);
  if (pages > MOST_PAGES) return 0;
  if (pages > now && __builtin_wasm_memory_grow(0, pages - now) == (unsigned long)-1) return 0;
  u32 *at = (u32 *)((unsigned long)(&__heap_base + 15) & ~15ul);
  for (u32 i = 0; i < COLUMNS; i++) columns[i] = at + (u64)i * stride;
  room = stride;
  return 1;
}

EXPORT(column) u32 *column_at(u32 axis) { return columns[axis]; }
/* The points of the node that was split or listed last, ascending. */
EXPORT(own) u32 *own_at(void) { return columns[FIRST]; }
/* For each child the end of its range, and then its points. */
EXPORT(children) u32 *children_at(void) { return children[0]; }

/* Places from steps: what lies in the cube has whole numbers of PLACE_BITS bits. */
EXPORT(begin) void begin(double low_x, double low_y, double low_z, double per_step) {
  double lows[3] = {low_x, low_y, low_z};
  for (u32 axis = X; axis <= Z; axis++) places_of(columns[axis], count, lows[axis], per_step);
  for (u32 i = 0; i < count; i++) columns[ORDER][i] = i;
}

/* Brings points that are not taken to the front of their range; returns its new end. */
static u32 pack(u32 from, u32 to) {
  u32 at = from;
  for (u32 i = from; i < to; i++) {
    if (columns[ORDER][i] & TAKEN) continue;
    if (at != i)
      for (u32 column = X; column <= ORDER; column++) columns[column][at] = columns[column][i];
    at++;
  }
  return at;
}

/* A pass of a radix sort of `points` pairs of keys and numbers; 0 if all have the same digit. */
static u32 sort_by_digit(
    u32 points, u32 shift, const u32 *keys, const u32 *numbers, u32 *to_keys, u32 *to_numbers) {
  static u32 next[DIGITS];
  __builtin_memset(next, 0, sizeof next);
  for (u32 i = 0; i < points; i++) next[keys[i] >> shift & (DIGITS - 1)]++;
  if (next[keys[0] >> shift & (DIGITS - 1)] == points) return 0;
  for (u32 digit = 0, start = 0; digit < DIGITS; digit++) {
    u32 points_of_digit = next[digit];
    next[digit] = start;
    start += points_of_digit;
  }
  for (u32 i = 0; i < points; i++) {
    u32 at = next[keys[i] >> shift & (DIGITS - 1)]++;
    to_keys[at] = keys[i];
    to_numbers[at] = numbers[i];
  }
  return 1;
}

/*
 * Sorts the points of a range that are not taken by the cells below `depth`, and returns the end of their
 * range. Those of a cell of the last level keep their order.
 */
EXPORT(sort) u32 sort(u32 from, u32 to, u32 depth) {
  to = pack(from, to);
  u32 points = to - from, levels = levels_below(depth), shift = PLACE_BITS - depth - levels;
  if (points == 0) return to;
  u32 *keys = columns[KEYS] + from, *numbers = columns[FIRST] + from;
  u32 *to_keys = columns[SPARE_KEYS] + from, *to_numbers = columns[SECOND] + from;
  const u32 *x = columns[X] + from, *y = columns[Y] + from, *z = columns[Z] + from;
  for (u32 i = 0; i < points; i++) {
    keys[i] = cell_at(x[i], y[i], z[i], shift, levels);
    numbers[i] = i;
  }
  for (u32 bit = 0; bit < 3 * levels; bit += DIGIT_BITS) {
    if (!sort_by_digit(points, bit, keys, numbers, to_keys, to_numbers)) continue;
    u32 *swap = keys;
    keys = to_keys, to_keys = swap;
    swap = numbers;
    numbers = to_numbers, to_numbers = swap;
  }
  if (keys != columns[KEYS] + from) __builtin_memcpy(columns[KEYS] + from, keys, 4 * points);
  /* What sorted into is free now. */
  for (u32 axis = X; axis <= ORDER; axis++) {
    if (axis == KEYS) continue;
    u32 *values = columns[axis] + from;
    for (u32 i = 0; i < points; i++) to_numbers[i] = values[numbers[i]];
    __builtin_memcpy(values, to_numbers, 4 * points);
  }
  return to;
}

/* Sorts the points of a node by their numbers; there are `own` of them in the column FIRST. */
static void sort_own(u32 own) {
  u32 *numbers = columns[FIRST], *sorted = columns[SECOND];
  static u32 next[DIGITS];
  for (u32 shift = 0; shift == 0 || ((count - 1) >> shift) != 0; shift += DIGIT_BITS) {
    __builtin_memset(next, 0, sizeof next);
    for (u32 i = 0; i < own; i++) next[numbers[i] >> shift & (DIGITS - 1)]++;
    for (u32 digit = 0, start = 0; digit < DIGITS; digit++) {
      u32 points = next[digit];
      next[digit] = start;
      start += points;
    }
    for (u32 i = 0; i < own; i++) sorted[next[numbers[i] >> shift & (DIGITS - 1)]++] = numbers[i];
    u32 *swap = numbers;
    numbers = sorted, sorted = swap;
  }
  columns[FIRST] = numbers, columns[SECOND] = sorted;
}

/* Takes all points of a range that are not taken; returns their number with those in `own` before. */
static u32 take_all(u32 from, u32 to, u32 own) {
  u32 *order = columns[ORDER], *numbers = columns[FIRST];
  for (u32 i = from; i < to; i++) {
    if (order[i] & TAKEN) continue;
    numbers[own++] = order[i];
    order[i] |= TAKEN;
  }
  return own;
}

/* A node with all points of its range: a leaf. Returns their number. */
EXPORT(rest) u32 rest(u32 from, u32 to) {
  u32 own = take_all(from, to, 0);
  sort_own(own);
  return own;
}

/*
 * Splits the points of a range, which is a node at `depth`: it keeps of each cell of its grid the point that
 * is nearest to the centre, and of equally near ones the first; also those of children with fewer than
 * `least`. Returns the number of points that it keeps. The range was sorted by the cells below `base`, which
 * must reach down to those of the grid.
 */
EXPORT(split) u32 split(u32 from, u32 to, u32 base, u32 depth, u32 span_bits, u32 least) {
  const u32 *x = columns[X], *y = columns[Y], *z = columns[Z], *keys = columns[KEYS];
  u32 *order = columns[ORDER], *numbers = columns[FIRST];
  u32 last = base + levels_below(base);
  u32 cell_shift = 3 * (last - depth - span_bits), child_shift = 3 * (last - depth - 1);
  i32 in_cell = (i32)((1u << (PLACE_BITS - depth - span_bits)) - 1);
  u32 own = 0, best = 0, cell = 0xffffffff;
  i64 nearest = 0;
  for (u32 child = 0, i = from; child < 8; child++) {
    u32 points = 0;
    for (; i < to && (keys[i] >> child_shift & 7) == child; i++) {
      if (order[i] & TAKEN) continue;
      /* Twice the distance from the centre. */
      i64 dx = 2 * (i64)(x[i] & in_cell) - in_cell, dy = 2 * (i64)(y[i] & in_cell) - in_cell;
      i64 dz = 2 * (i64)(z[i] & in_cell) - in_cell;
      i64 distance = dx * dx + dy * dy + dz * dz;
      if (keys[i] >> cell_shift != cell) {
        cell = keys[i] >> cell_shift;
        points++;
        own++;
      } else {
        points++;
        if (distance > nearest || (distance == nearest && order[i] > order[best])) continue;
      }
      numbers[own - 1] = best = i;
      nearest = distance;
    }
    children[0][child] = i;
    children[1][child] = points;
  }
  for (u32 k = 0; k < own; k++) {
    u32 i = numbers[k];
    children[1][keys[i] >> child_shift & 7]--;
    numbers[k] = order[i];
    order[i] |= TAKEN;
  }
  for (u32 child = 0; child < 8; child++) {
    u32 first = child == 0 ? from : children[0][child - 1];
    if (children[1][child] >= least) continue;
    own = take_all(first, children[0][child], own);
    children[1][child] = 0;
  }
  sort_own(own);
  return own;
}
