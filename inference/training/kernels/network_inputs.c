// The points that the two networks read, as rows of numbers, in the same steps as ../../network/features.ts.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cells.h"
#include "question.h"
#include "sampling.h"

#define CLICK_REACH 3.0

static int in_box(const double* b, double c, double s, double x, double y, double z) {
  double dx = x - b[0], dy = y - b[1];
  return fabs(z - b[2]) <= b[5] / 2 && fabs(dx * c + dy * s) <= b[3] / 2 && fabs(dy * c - dx * s) <= b[4] / 2;
}

static void clicks_near(const Question* q, double x, double y, double z, double* in, double* out) {
  double i2 = CLICK_REACH, o2 = CLICK_REACH;
  for (int k = 0; k < q->n_also; k++) {
    double dx = x - q->also[k][0], dy = y - q->also[k][1], dz = z - q->also[k][2],
           d = sqrt(dx * dx + dy * dy + dz * dz);
    if (q->also[k][3] > 0) {
      if (d < i2) i2 = d;
    } else if (d < o2)
      o2 = d;
  }
  *in = i2;
  *out = o2;
}

// Fills free places with copies of the first points, with 0 in the mask column. They do not change a maximum
// over the points.
static void repeat_rows(float* x, int n, int N, int dim, int mask) {
  if (!n) return;
  for (int i = n; i < N; i++) {
    memcpy(x + (size_t)i * dim, x + (size_t)(i - n) * dim, sizeof(float) * dim);
    x[(size_t)i * dim + mask] = 0;
  }
}

#define PROPOSE_POINT 8
#define PROPOSE_RADIUS 10.0
#define PROPOSE_NEAR 3.5
#define GROUND_BAND 0.2

// Writes the inputs of the proposing network to x[N][8] and the numbers of their points to index[N]. Returns
// the number of points.
static int propose(const float* p, int count, const Question* q, int N, float* x, int32_t* index, Sample* w) {
  double cx = q->click[0], cy = q->click[1], cz = q->click[2], turn = q->turn;
  if (q->has_sensor) turn = atan2(cy - q->sensor[1], cx - q->sensor[0]);
  double c = cos(turn), s = sin(turn);
  start_sample(w);
  double oc[8], os[8];
  for (int k = 0; k < q->n_others; k++) {
    oc[k] = cos(q->others[k][6]);
    os[k] = sin(q->others[k][6]);
  }
  for (int i = 0; i < count; i++) {
    double px = p[3 * i], py = p[3 * i + 1], pz = p[3 * i + 2], dx = px - cx, dy = py - cy,
           r2 = dx * dx + dy * dy;
    if (!(r2 <= PROPOSE_RADIUS * PROPOSE_RADIUS)) continue;
    double h = q->has_ground ? pz - (q->plane[0] * px + q->plane[1] * py + q->plane[2]) : pz - cz + 0.8;
    if (!(h > -1 && h < 5)) continue;
    int skip = 0;
    for (int k = 0; k < q->n_others && !skip; k++) skip = in_box(q->others[k], oc[k], os[k], px, py, pz);
    if (skip) continue;
    add_candidate(w, i, px, py, pz, 0.1,
                  q->has_ground && h < GROUND_BAND    ? 2
                  : r2 <= PROPOSE_NEAR * PROPOSE_NEAR ? 0
                                                      : 1);
  }
  int quota[3] = {N * 9 / 16, N / 4, N * 3 / 16};
  int n = choose_points(w, quota, N, index);
  for (int i = 0; i < n; i++) {
    const float* v = p + 3 * index[i];
    double px = v[0], py = v[1], pz = v[2], dx = px - cx, dy = py - cy, in, out;
    double h = q->has_ground ? pz - (q->plane[0] * px + q->plane[1] * py + q->plane[2]) : pz - cz + 0.8;
    clicks_near(q, px, py, pz, &in, &out);
    float* f = x + PROPOSE_POINT * i;
    f[0] = (dx * c + dy * s) / 3;
    f[1] = (dy * c - dx * s) / 3;
    f[2] = h - 0.8;
    f[3] = sqrt(dx * dx + dy * dy) / 3;
    f[4] = pz - cz;
    f[5] = in;
    f[6] = out;
    f[7] = 1;
  }
  repeat_rows(x, n, N, PROPOSE_POINT, 7);
  return n;
}

#define REFINE_POINT 14
static int refine(const float* p, int count, const Question* q, int N, float* x, int32_t* index, Sample* w) {
  const double* b = q->box;
  double c = cos(b[6]), s = sin(b[6]), hl = b[3] / 2, hw = b[4] / 2, hh = b[5] / 2;
  double mx = 1 + fmax(0, 0.35 * (b[3] - 3)), my = 1 + fmax(0, 0.35 * (b[4] - 3));
  start_sample(w);
  double oc[8], os[8];
  for (int k = 0; k < q->n_others; k++) {
    oc[k] = cos(q->others[k][6]);
    os[k] = sin(q->others[k][6]);
  }
  for (int i = 0; i < count; i++) {
    double px = p[3 * i], py = p[3 * i + 1], pz = p[3 * i + 2], dx = px - b[0], dy = py - b[1], z = pz - b[2];
    double u = dx * c + dy * s, v = dy * c - dx * s;
    if (!(fabs(u) <= hl + mx && fabs(v) <= hw + my && z >= -hh - 0.7 && z <= hh + 0.9)) continue;
    int skip = 0;
    for (int k = 0; k < q->n_others && !skip; k++) skip = in_box(q->others[k], oc[k], os[k], px, py, pz);
    if (skip) continue;
    int low = q->has_ground && pz - (q->plane[0] * px + q->plane[1] * py + q->plane[2]) < GROUND_BAND;
    int near = fabs(u) <= hl + 0.35 && fabs(v) <= hw + 0.35 && z <= hh + 0.35;
    add_candidate(w, i, px, py, pz, 0.08, low ? 2 : near ? 0 : 1);
  }
  int quota[3] = {N * 10 / 16, N * 3 / 16, N * 3 / 16};
  int n = choose_points(w, quota, N, index);
  for (int i = 0; i < n; i++) {
    const float* g = p + 3 * index[i];
    double px = g[0], py = g[1], pz = g[2], dx = px - b[0], dy = py - b[1], z = pz - b[2], in, out;
    double u = dx * c + dy * s, v = dy * c - dx * s;
    double h = q->has_ground ? pz - (q->plane[0] * px + q->plane[1] * py + q->plane[2]) : z + hh;
    clicks_near(q, px, py, pz, &in, &out);
    float* f = x + REFINE_POINT * i;
    f[0] = u / 2;
    f[1] = v;
    f[2] = z;
    f[3] = hl - u;
    f[4] = hl + u;
    f[5] = hw - v;
    f[6] = hw + v;
    f[7] = hh - z;
    f[8] = hh + z;
    f[9] = h - 0.8;
    f[10] = in;
    f[11] = out;
    f[12] = 1;
    f[13] = fabs(u) <= hl && fabs(v) <= hw && fabs(z) <= hh ? 1 : 0;
  }
  repeat_rows(x, n, N, REFINE_POINT, 12);
  return n;
}

// The features of one complete crop. which: 0 propose, 1 refine.
int features_one(const float* p, int count, const Question* q, int which, int N, float* x, int32_t* index) {
  Sample* w = new_sample();
  memset(x, 0, sizeof(float) * N * (which ? REFINE_POINT : PROPOSE_POINT));
  int n = which ? refine(p, count, q, N, x, index, w) : propose(p, count, q, N, x, index, w);
  free_sample(w);
  return n;
}

// The features of a batch, from sorted scans. truth[B] is the object id of the answer; seg[B][N] is 1 if the
// point belongs to that object.
void features_batch(int B, const uint64_t* points, const uint64_t* objs, const uint64_t* starts,
                    const int32_t* truth, const Question* qs, int which, int N, float* x, float* seg,
                    int32_t* counts) {
  int dim = which ? REFINE_POINT : PROPOSE_POINT;
  memset(x, 0, sizeof(float) * (size_t)B * N * dim);
  memset(seg, 0, sizeof(float) * (size_t)B * N);
#pragma omp parallel
  {
    const int MAX = 120000;
    Sample* w = new_sample();
    float* buf = malloc(sizeof(float) * 3 * MAX);
    int16_t* bo = malloc(sizeof(int16_t) * MAX);
    int32_t* index = malloc(sizeof(int32_t) * N);
#pragma omp for schedule(dynamic, 4)
    for (int k = 0; k < B; k++) {
      const Question* q = qs + k;
      double cx = which ? q->box[0] : q->click[0], cy = which ? q->box[1] : q->click[1],
             r = PROPOSE_RADIUS + 0.01;
      if (which) {
        double mx = 1 + fmax(0, 0.35 * (q->box[3] - 3)), my = 1 + fmax(0, 0.35 * (q->box[4] - 3));
        r = sqrt((q->box[3] / 2 + mx) * (q->box[3] / 2 + mx) + (q->box[4] / 2 + my) * (q->box[4] / 2 + my)) +
            0.01;
      }
      int m = gather((const float*)points[k], (const int16_t*)objs[k], (const int32_t*)starts[k], cx, cy, r,
                     buf, bo, MAX);
      int n = which ? refine(buf, m, q, N, x + (size_t)k * N * dim, index, w)
                    : propose(buf, m, q, N, x + (size_t)k * N * dim, index, w);
      for (int i = 0; i < n; i++) seg[(size_t)k * N + i] = bo[index[i]] == truth[k];
      counts[k] = n;
    }
    free_sample(w);
    free(buf);
    free(bo);
    free(index);
  }
}

/* Lets native.py check that its QUESTION has this form. */
int question_size(void) {
  return sizeof(Question);
}
