// A scan whose points are sorted into square cells around 0, 0.
#pragma once
#include <math.h>
#include <stdint.h>

#define CELL_METRES 2.0
#define CELLS_PER_SIDE 96

/* The cell of a coordinate along one axis; outside of the cells it is negative or at least CELLS_PER_SIDE. */
static inline int cell_along(double value) {
  return (int)floor(value / CELL_METRES) + CELLS_PER_SIDE / 2;
}

typedef struct {
  int left, right, bottom, top;
} CellWindow;

/* The cells that a square around a place touches. */
static inline CellWindow cells_around(double x, double y, double radius) {
  CellWindow w = {cell_along(x - radius), cell_along(x + radius), cell_along(y - radius),
                  cell_along(y + radius)};
  if (w.left < 0) w.left = 0;
  if (w.bottom < 0) w.bottom = 0;
  if (w.right >= CELLS_PER_SIDE) w.right = CELLS_PER_SIDE - 1;
  if (w.top >= CELLS_PER_SIDE) w.top = CELLS_PER_SIDE - 1;
  return w;
}

/* Copies the points of a sorted scan that lie within `radius` of a place, seen from above, at most `max`.
 * Returns their number. */
int gather(const float* p, const int16_t* obj, const int32_t* start, double x, double y, double radius,
           float* out, int16_t* outobj, int max);
