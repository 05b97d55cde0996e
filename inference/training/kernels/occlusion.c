// Occlusion features of places around a click or a box, the same as in ../../crop-grid/wasm/. Each place has
// four heights. The first feature is the fraction of heights at which the ray to the place ends before it
// (hidden: the content is unknown). The second is the fraction at which a ray continues behind it (free: no
// object is there). Around a box, points within its slightly enlarged outline are ignored, because an object
// hides its own far side.
#include <math.h>
#include <stdint.h>
#include <string.h>

#include "cells.h"
#include "question.h"

#define BOX_PLACES 24
#define CLICK_PLACES 30
#define OCCLUSION_RADIUS 12.0
/* The assumed height of the scanner above the ground, metres. */
#define SENSOR_HEIGHT 1.8
/* Places along a box in half lengths; around a click along and across the ray, metres. */
static const double BOX_ALONG[8] = {-1.2, -1, -0.8, -0.6, 0.6, 0.8, 1, 1.2};
static const double CLICK_ALONG[6] = {-1.5, 0, 1.5, 3, 4.5, 6}, CLICK_ACROSS[5] = {-2.5, -1.2, 0, 1.2, 2.5};

typedef struct {
  int places;
  double cx, cy, far, reach, ux, uy, c, s, hl, hw;
  double dx[CLICK_PLACES], dy[CLICK_PLACES], d[CLICK_PLACES];
  int hidden[CLICK_PLACES], open[CLICK_PLACES];
} Occlusion;

static void add_place(Occlusion* w, double x, double y) {
  double d = fmax(sqrt(x * x + y * y), 1e-6);
  int k = w->places++;
  w->dx[k] = x / d;
  w->dy[k] = y / d;
  w->d[k] = d;
}

static void occlusion_begin(Occlusion* w, const Question* q, int which) {
  memset(w, 0, sizeof(Occlusion));
  const double *b = q->box, *at = which ? b : q->click;
  w->cx = at[0];
  w->cy = at[1];
  double x = at[0] - q->sensor[0], y = at[1] - q->sensor[1];
  w->far = sqrt(x * x + y * y);
  if (!q->has_sensor || !q->has_ground || !(w->far >= 1)) return;
  w->ux = x / w->far;
  w->uy = y / w->far;
  if (which) {
    double hl = b[3] / 2, hw = b[4] / 2;
    w->c = cos(b[6]);
    w->s = sin(b[6]);
    w->hl = hl + 0.3;
    w->hw = hw + 0.3;
    w->reach = sqrt(1.44 * hl * hl + hw * hw) + 0.5;
    for (int k = 0; k < BOX_PLACES; k++) {
      double u = BOX_ALONG[k / 3] * hl, v = (k % 3 - 1) * hw;
      add_place(w, x + u * w->c - v * w->s, y + u * w->s + v * w->c);
    }
  } else {
    w->hl = w->hw = -1;
    w->reach = 3;
    for (int k = 0; k < CLICK_PLACES; k++) {
      double u = CLICK_ALONG[k / 5], v = CLICK_ACROSS[k % 5];
      add_place(w, x + u * w->ux - v * w->uy, y + u * w->uy + v * w->ux);
    }
  }
}

static void occlusion_add(Occlusion* w, const Question* q, const float* p, int count) {
  for (int i = 0; i < count; i++) {
    double x = p[3 * i] - q->sensor[0], y = p[3 * i + 1] - q->sensor[1], along = x * w->ux + y * w->uy;
    if (!(along >= 1) || fabs(x * w->uy - y * w->ux) > 1.3 * w->reach * along / w->far + 0.2) continue;
    double bx = p[3 * i] - w->cx, by = p[3 * i + 1] - w->cy;
    if (!(bx * bx + by * by <= OCCLUSION_RADIUS * OCCLUSION_RADIUS)) continue;
    if (fabs(bx * w->c + by * w->s) <= w->hl && fabs(by * w->c - bx * w->s) <= w->hw) continue;
    double h = p[3 * i + 2] - (q->plane[0] * p[3 * i] + q->plane[1] * p[3 * i + 1] + q->plane[2]);
    if (!(h > -0.5 && h < 5)) continue;
    for (int k = 0; k < w->places; k++) {
      double a = x * w->dx[k] + y * w->dy[k];
      if (!(a >= 1) || fabs(x * w->dy[k] - y * w->dx[k]) > 0.1 + 0.004 * a) continue;
      double over = a - w->d[k];
      if (fabs(over) <= 0.5) continue;
      double level = (SENSOR_HEIGHT + (h - SENSOR_HEIGHT) * w->d[k] / a - 0.2) / 0.3;
      if (!(level >= 0 && level < 4)) continue;
      if (over < 0)
        w->hidden[k] |= 1 << (int)level;
      else
        w->open[k] |= 1 << (int)level;
    }
  }
}

static void occlusion_end(const Occlusion* w, int which, float* out) {
  for (int k = 0; k < (which ? BOX_PLACES : CLICK_PLACES); k++) {
    out[2 * k] = __builtin_popcount(w->hidden[k]) / 4.0f;
    out[2 * k + 1] = __builtin_popcount(w->open[k]) / 4.0f;
  }
}

// which: 0 around the click, 1 around the box.
void occlusion_one(const float* p, int count, const Question* q, int which, float* out) {
  Occlusion w;
  occlusion_begin(&w, q, which);
  if (w.places) occlusion_add(&w, q, p, count);
  occlusion_end(&w, which, out);
}

void occlusion_batch(int B, const uint64_t* points, const uint64_t* starts, const Question* qs, int which,
                     float* out) {
#pragma omp parallel for schedule(dynamic, 4)
  for (int k = 0; k < B; k++) {
    const Question* q = qs + k;
    const float* p = (const float*)points[k];
    const int32_t* start = (const int32_t*)starts[k];
    Occlusion w;
    occlusion_begin(&w, q, which);
    CellWindow cells = cells_around(w.cx, w.cy, OCCLUSION_RADIUS);
    for (int r = cells.bottom; w.places && r <= cells.top; r++)
      for (int c = cells.left; c <= cells.right; c++) {
        double x = (c - CELLS_PER_SIDE / 2 + 0.5) * CELL_METRES - q->sensor[0],
               y = (r - CELLS_PER_SIDE / 2 + 0.5) * CELL_METRES - q->sensor[1], along = x * w.ux + y * w.uy;
        if (along < -0.5 || fabs(x * w.uy - y * w.ux) > 1.3 * w.reach * (along + 1.5) / w.far + 1.7) continue;
        int i = start[r * CELLS_PER_SIDE + c];
        occlusion_add(&w, q, p + 3 * i, start[r * CELLS_PER_SIDE + c + 1] - i);
      }
    occlusion_end(&w, which, out + (size_t)k * 2 * (which ? BOX_PLACES : CLICK_PLACES));
  }
}
