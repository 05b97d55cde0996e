/* Leaves out the points of boxes that are drawn already. */
#pragma once
#include "grid.h"

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
