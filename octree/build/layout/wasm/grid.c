/*
 * The cells of points in a grid below a node, and the distribution of points to the top nodes and the
 * subtrees of a large cloud. ../../../build-wasm.mjs compiles this file to grid.wasm; ../grid.ts and
 * ../distribution.ts fill the memory.
 */
#include "places.h"

/* Points at a time (grid.ts). */
#define SLICE_POINTS 65536
/* Levels of the grid of a distribution (layout-large.ts), its cells and the nodes above them. */
#define MOST_LEVELS 5
#define MOST_CELLS (1 << 3 * MOST_LEVELS)
#define MOST_NODES (MOST_CELLS / 7)

/* Steps first, then places. */
static u32 columns[3][SLICE_POINTS];
static u32 cells[SLICE_POINTS], order[SLICE_POINTS];
static struct { double low[3], per_step; u32 shift, levels; } grid;

EXPORT(column) u32 *column_at(u32 axis) { return columns[axis]; }
EXPORT(cells) u32 *cells_at(void) { return cells; }
/* The points that were distributed last, by their owners. */
EXPORT(order) u32 *order_at(void) { return order; }

/* The grid whose cells lie `levels` below a node, so that places drop `shift` bits. */
EXPORT(begin) void begin(double low_x, double low_y, double low_z, double per_step, u32 shift, u32 levels) {
  grid.low[0] = low_x, grid.low[1] = low_y, grid.low[2] = low_z;
  grid.per_step = per_step, grid.shift = shift, grid.levels = levels;
}

/* Makes places of the steps of a slice, and finds the cells. */
EXPORT(find) void find(u32 points) {
  for (u32 axis = 0; axis < 3; axis++) places_of(columns[axis], points, grid.low[axis], grid.per_step);
  for (u32 i = 0; i < points; i++)
    cells[i] = cell_at(columns[0][i], columns[1][i], columns[2][i], grid.shift, grid.levels);
}

/*
 * Owners of points are subtrees and top nodes. A subtree has the numbers of the top nodes above it, from the
 * top down; a top node has a bit for each cell of its own grid.
 */
static u32 subtree_of[MOST_CELLS];
static u32 above[MOST_CELLS][MOST_LEVELS], depth_of[MOST_CELLS];
static u32 shift_of[MOST_NODES], kept[MOST_NODES];
static u32 starts[MOST_CELLS + MOST_NODES + 1], next[MOST_CELLS + MOST_NODES];
static struct { u32 subtrees, nodes, span_bits, most; } owners;

/* Where the points of each owner begin in `order`: subtrees first. */
EXPORT(starts) u32 *starts_at(void) { return starts; }

/* Top nodes have grids of 2^span_bits cells along an edge, and keep at most `most` points; span_bits > 0. */
EXPORT(distribution) void begin_distribution(u32 span_bits, u32 most) {
  owners.span_bits = span_bits, owners.most = most;
}

/* Bytes of a top node's bits. */
static inline u32 taken_bytes(void) { return 1u << (3 * owners.span_bits - 3); }

/* Adds a top node at this depth, and returns its number; 0xffffffff if there is no memory for it. */
EXPORT(add_node) u32 add_node(u32 depth) {
  u32 node = owners.nodes;
  u64 end = (u64)(unsigned long)&__heap_base + (node + 1ull) * taken_bytes();
  u64 pages = (end + PAGE_BYTES - 1) / PAGE_BYTES;
  u64 now = __builtin_wasm_memory_size(0);
  if (pages > now && __builtin_wasm_memory_grow(0, pages - now) == (unsigned long)-1) return 0xffffffff;
  shift_of[node] = PLACE_BITS - depth - owners.span_bits;
  return owners.nodes++;
}

/* Adds a subtree of the cells from `from` to `to`, and returns its number. `add_above` tells its nodes. */
EXPORT(add_subtree) u32 add_subtree(u32 from, u32 to) {
  for (u32 cell = from; cell < to; cell++) subtree_of[cell] = owners.subtrees;
  return owners.subtrees++;
}

EXPORT(add_above) void add_above(u32 subtree, u32 node) { above[subtree][depth_of[subtree]++] = node; }

/* Whether the node keeps this point: its cell must be free. */
static inline u32 keeps(u32 node, u32 point) {
  if (kept[node] >= owners.most) return 0;
  u32 shift = shift_of[node], bits = owners.span_bits, last = (1u << bits) - 1;
  u32 cell = ((columns[2][point] >> shift & last) << bits | (columns[1][point] >> shift & last)) << bits |
             (columns[0][point] >> shift & last);
  u8 *taken = &__heap_base + node * taken_bytes() + (cell >> 3), bit = 1 << (cell & 7);
  if (*taken & bit) return 0;
  *taken |= bit;
  kept[node]++;
  return 1;
}

/*
 * Finds the owner of each point of a slice: the first node above its cell that keeps it, or else the subtree.
 * Then sorts the points by their owners; those of one keep their order.
 */
EXPORT(distribute) void distribute(u32 points) {
  u32 all = owners.subtrees + owners.nodes;
  find(points);
  __builtin_memset(starts, 0, 4 * (all + 1));
  for (u32 i = 0; i < points; i++) {
    u32 subtree = subtree_of[cells[i]], owner = subtree;
    for (u32 level = 0; level < depth_of[subtree]; level++) {
      if (!keeps(above[subtree][level], i)) continue;
      owner = owners.subtrees + above[subtree][level];
      break;
    }
    cells[i] = owner;
    starts[owner + 1]++;
  }
  for (u32 owner = 0; owner < all; owner++) starts[owner + 1] += starts[owner];
  __builtin_memcpy(next, starts, 4 * all);
  for (u32 i = 0; i < points; i++) order[next[cells[i]]++] = i;
}
