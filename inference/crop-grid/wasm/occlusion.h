/*
 * Occlusion features: the fraction of the heights of each place that is hidden, and the fraction that rays
 * went through.
 */
#pragma once
#include "ground.h"

#define MOST_PLACES 30
/* Metres; see occlusion-features.ts for what they are. */
#define OCCLUSION_RADIUS 12.0
#define SENSOR_HEIGHT 1.8
#define LOWEST_HEIGHT 0.2
#define HEIGHT_STEP 0.3
#define HEIGHT_STEPS 4
#define DEPTH_GAP 0.5
#define OUTLINE_MARGIN 0.3
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
static float fractions[2 * MOST_PLACES];
EXPORT(occlusion) void *occlusion_fractions(void) { return fractions; }

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
  double c, s, outline_length, outline_width;
  /* Of the fan: the largest tangent, and slices for each unit of it. */
  double most, to_slice;
};

INLINE i32 may_count(const struct view *v, i32 cell) {
  i32 column = cell % CELLS, row = cell / CELLS;
  if (column == 0 || row == 0 || column == CELLS - 1 || row == CELLS - 1) return 1;
  double px = (column + 0.5) / CELLS_PER_METRE - HALF_METRES, py = (row + 0.5) / CELLS_PER_METRE - HALF_METRES;
  double bx = px - v->cx, by = py - v->cy, limit = OCCLUSION_RADIUS + CELL_REACH;
  if (bx * bx + by * by > limit * limit) return 0;
  if (__builtin_fabs(bx * v->c + by * v->s) + CELL_REACH <= v->outline_length &&
      __builtin_fabs(by * v->c - bx * v->s) + CELL_REACH <= v->outline_width)
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

/* Compares every point with the lines of sight. */
static void find_occlusion(struct view *v) {
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
      if (__builtin_fabs(bx * v->c + by * v->s) <= v->outline_length && __builtin_fabs(by * v->c - bx * v->s) <= v->outline_width) continue;
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
    fractions[2 * k] = (float)__builtin_popcount(lines[k].hidden) / HEIGHT_STEPS;
    fractions[2 * k + 1] = (float)__builtin_popcount(lines[k].free) / HEIGHT_STEPS;
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

/* Fills the first 60 of `fractions`: about a click. Heights are over `plane`. */
EXPORT(occlusion_at_click) void occlusion_at_click(double cx, double cy, double sx, double sy) {
  static const double ALONG[] = {-1.5, 0, 1.5, 3, 4.5, 6}, ACROSS[] = {-2.5, -1.2, 0, 1.2, 2.5};
  struct view v;
  for (i32 k = 0; k < 60; k++) fractions[k] = 0;
  if (!start_view(&v, cx, cy, sx, sy)) return;
  double x = cx - sx, y = cy - sy;
  for (i32 i = 0; i < 6; i++)
    for (i32 j = 0; j < 5; j++) add_line(x + ALONG[i] * v.ux - ACROSS[j] * v.uy, y + ALONG[i] * v.uy + ACROSS[j] * v.ux);
  v.reach = 3;
  v.c = 1;
  v.s = 0;
  v.outline_length = v.outline_width = -1;
  find_occlusion(&v);
}

/* Fills the first 48 of `fractions`: about a box. Heights are over `plane`. */
EXPORT(occlusion_at_box)
void occlusion_at_box(double cx, double cy, double length, double width, double c, double s, double sx, double sy) {
  static const double ALONG[] = {-1.2, -1, -0.8, -0.6, 0.6, 0.8, 1, 1.2}, ACROSS[] = {-1, 0, 1};
  struct view v;
  for (i32 k = 0; k < 48; k++) fractions[k] = 0;
  if (!start_view(&v, cx, cy, sx, sy)) return;
  double hl = length / 2, hw = width / 2, x = cx - sx, y = cy - sy;
  for (i32 i = 0; i < 8; i++)
    for (i32 j = 0; j < 3; j++) add_line(x + ALONG[i] * hl * c - ACROSS[j] * hw * s, y + ALONG[i] * hl * s + ACROSS[j] * hw * c);
  v.reach = __builtin_sqrt(1.44 * hl * hl + hw * hw) + 0.5;
  v.c = c;
  v.s = s;
  v.outline_length = hl + OUTLINE_MARGIN;
  v.outline_width = hw + OUTLINE_MARGIN;
  find_occlusion(&v);
}
