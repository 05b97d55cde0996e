/* The rows of features that the networks read. */
#pragma once
#include "exclusion.h"
#include "ground.h"
#include "sample.h"

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

EXPORT(most_rows) i32 most_rows(void) { return MOST_ROWS; }
