// Sorts the points of a scan into cells, and finds those around a place.
#include "cells.h"

#include <stdlib.h>
#include <string.h>

/* Fills order[n] and start[CELLS_PER_SIDE * CELLS_PER_SIDE + 1]. Points outside of the cells are left out.
 * Returns how many are in. */
int sort_cells(int n, const float* p, int32_t* order, int32_t* start) {
  memset(start, 0, sizeof(int32_t) * (CELLS_PER_SIDE * CELLS_PER_SIDE + 1));
  int32_t* at = malloc(sizeof(int32_t) * n);
  for (int i = 0; i < n; i++) {
    int cx = cell_along(p[3 * i]), cy = cell_along(p[3 * i + 1]);
    at[i] = cx < 0 || cy < 0 || cx >= CELLS_PER_SIDE || cy >= CELLS_PER_SIDE ? -1 : cy * CELLS_PER_SIDE + cx;
    if (at[i] >= 0) start[at[i] + 1]++;
  }
  for (int k = 0; k < CELLS_PER_SIDE * CELLS_PER_SIDE; k++) start[k + 1] += start[k];
  int32_t* fill = malloc(sizeof(int32_t) * CELLS_PER_SIDE * CELLS_PER_SIDE);
  memcpy(fill, start, sizeof(int32_t) * CELLS_PER_SIDE * CELLS_PER_SIDE);
  for (int i = 0; i < n; i++)
    if (at[i] >= 0) order[fill[at[i]]++] = i;
  int total = start[CELLS_PER_SIDE * CELLS_PER_SIDE];
  free(at);
  free(fill);
  return total;
}

int gather(const float* p, const int16_t* obj, const int32_t* start, double x, double y, double radius,
           float* out, int16_t* outobj, int max) {
  CellWindow w = cells_around(x, y, radius);
  int n = 0;
  for (int r = w.bottom; r <= w.top; r++) {
    if (w.right < w.left) continue;
    for (int i = start[r * CELLS_PER_SIDE + w.left]; i < start[r * CELLS_PER_SIDE + w.right + 1] && n < max;
         i++) {
      double dx = p[3 * i] - x, dy = p[3 * i + 1] - y;
      if (dx * dx + dy * dy > radius * radius) continue;
      memcpy(out + 3 * n, p + 3 * i, 12);
      outobj[n] = obj[i];
      n++;
    }
  }
  return n;
}
