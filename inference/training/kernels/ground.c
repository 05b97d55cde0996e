// Fits the ground plane around a place, in the same steps as ../../ground/ground.ts.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "cells.h"

typedef struct {
  double a, b, c;
} Plane;

static int lowest_per_cell(const float* p, int count, double ax, double ay, double radius, double cell,
                           const Plane* near, double** outp) {
  int side = (int)ceil(2 * radius / cell);
  double* low = calloc((size_t)side * side * 6, sizeof(double));
  int32_t* counts = calloc((size_t)side * side, sizeof(int32_t));
  double limit = radius * radius;
  for (int i = 0; i < count; i++) {
    double x = p[3 * i] - ax, y = p[3 * i + 1] - ay, z = p[3 * i + 2];
    if (!(x * x + y * y < limit) || !isfinite(z)) continue;
    if (near && fabs(z - near->a * x - near->b * y - near->c) > 0.3) continue;
    int col = (int)floor((x + radius) / cell), row = (int)floor((y + radius) / cell);
    if (col < 0 || row < 0 || col >= side || row >= side) continue;
    int k = row * side + col, n = counts[k];
    double* o = low + 6 * k;
    if (n == 0 || z < o[2]) {
      if (n > 0) {
        o[3] = o[0];
        o[4] = o[1];
        o[5] = o[2];
      }
      o[0] = x;
      o[1] = y;
      o[2] = z;
    } else if (n == 1 || z < o[5]) {
      o[3] = x;
      o[4] = y;
      o[5] = z;
    }
    counts[k] = n + 1;
  }
  double* out = malloc(sizeof(double) * 3 * side * side);
  int used = 0;
  for (int k = 0; k < side * side; k++) {
    if (!counts[k]) continue;
    double* o = low + 6 * k + (counts[k] >= 4 ? 3 : 0);
    out[used++] = o[0];
    out[used++] = o[1];
    out[used++] = o[2];
  }
  free(low);
  free(counts);
  *outp = out;
  return used;
}

static int fit_rounds(const double* cells, int n, Plane start, const double (*rounds)[2], int nrounds,
                      double ridge, int min_cells, double reach, Plane* out) {
  Plane pl = start;
  for (int r = 0; r < nrounds; r++) {
    double below = rounds[r][0], above = rounds[r][1];
    double sw = 0, sx = 0, sy = 0, sz = 0, sxx = ridge, sxy = 0, syy = ridge, sxz = ridge * start.a,
           syz = ridge * start.b;
    int used = 0;
    for (int i = 0; i < n; i += 3) {
      double x = cells[i], y = cells[i + 1], z = cells[i + 2];
      double res = z - pl.a * x - pl.b * y - pl.c, q = res < 0 ? -res / below : res / above;
      if (q >= 1) continue;
      double t = 1 - q * q, w = (t * t) / (1 + (x * x + y * y) / (reach * reach));
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
    double rx = sxz - (sx * sz) / sw, ry = syz - (sy * sz) / sw, det = mxx * myy - mxy * mxy;
    if (!(det > 1e-9)) return 0;
    double a = (rx * myy - ry * mxy) / det, b = (ry * mxx - rx * mxy) / det, slope = sqrt(a * a + b * b);
    if (slope > 0.35) {
      a *= 0.35 / slope;
      b *= 0.35 / slope;
    }
    pl.a = a;
    pl.b = b;
    pl.c = (sz - a * sx - b * sy) / sw;
  }
  *out = pl;
  return 1;
}

static int by_value(const void* x, const void* y) {
  double a = *(const double*)x, b = *(const double*)y;
  return a < b ? -1 : a > b;
}

// Writes the plane a, b, c to out. Returns 1, or 0 if there are too few points.
int ground_fit(const float* p, int count, double ax, double ay, double* out) {
  static const double COARSE[5][2] = {{2, 0.8}, {1.2, 0.6}, {0.8, 0.4}, {0.5, 0.3}, {0.4, 0.25}},
                      FINE[3][2] = {{0.3, 0.2}, {0.2, 0.14}, {0.14, 0.1}};
  double* wide;
  int n = lowest_per_cell(p, count, ax, ay, 14, 1, 0, &wide);
  if (n < 9) {
    free(wide);
    return 0;
  }
  double* h = malloc(sizeof(double) * (n / 3));
  for (int i = 0; i < n / 3; i++) h[i] = wide[3 * i + 2];
  qsort(h, n / 3, sizeof(double), by_value);
  Plane start = {0, 0, h[(n / 3) / 4]}, coarse, fine;
  free(h);
  int ok = fit_rounds(wide, n, start, COARSE, 5, 60, 3, 8, &coarse);
  free(wide);
  if (!ok) return 0;
  double* narrow;
  n = lowest_per_cell(p, count, ax, ay, 5.5, 0.5, &coarse, &narrow);
  if (n < 12 || !fit_rounds(narrow, n, coarse, FINE, 3, 30, 4, 4, &fine)) fine = coarse;
  free(narrow);
  double sum = 0;
  int m = 0;
  for (int i = 0; i < count; i++) {
    double x = p[3 * i] - ax, y = p[3 * i + 1] - ay;
    if (!(x * x + y * y < 5.5 * 5.5)) continue;
    double r = p[3 * i + 2] - fine.a * x - fine.b * y - fine.c;
    if (fabs(r) < 0.1) {
      sum += r;
      m++;
    }
  }
  double lift = m < 5 ? 0 : fmax(-0.05, fmin(0.05, sum / m));
  out[0] = fine.a;
  out[1] = fine.b;
  out[2] = fine.c + lift - fine.a * ax - fine.b * ay;
  return 1;
}

// Computes the plane at each place of a sorted scan.
void ground_many(const float* p, const int16_t* obj, const int32_t* start, int n, const double* at,
                 double* out, uint8_t* known) {
#pragma omp parallel for schedule(dynamic, 4)
  for (int i = 0; i < n; i++) {
    float* buf = malloc(sizeof(float) * 3 * 120000);
    int16_t* bo = malloc(sizeof(int16_t) * 120000);
    int m = gather(p, obj, start, at[2 * i], at[2 * i + 1], 15, buf, bo, 120000);
    known[i] = ground_fit(buf, m, at[2 * i], at[2 * i + 1], out + 3 * i);
    free(buf);
    free(bo);
  }
}
