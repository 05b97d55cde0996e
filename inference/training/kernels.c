// The hot loops of the simulator and of the training pipeline. native.py compiles this file; Python calls it
// through ctypes.
//   raycast        casts beams at convex polyhedra and ellipsoids above a flat ground with kerbs
//   ground_fit     fits the ground plane, in the same steps as ../ground/ground.ts
//   propose/refine compute the inputs of the two networks, in the same steps as ../network/features.ts
//   iou_pairs      computes the exact 3D IoU of rotated boxes
// Compile with -ffp-contract=off, so that the features are equal to those of the TypeScript code.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define PI 3.14159265358979323846

static inline uint32_t mix32(uint32_t h) {
  h ^= h >> 16; h *= 0x7feb352dU; h ^= h >> 15; h *= 0x846ca68bU; h ^= h >> 16;
  return h;
}
static inline float unit(uint32_t h) { return (h >> 8) * (1.0f / 16777216.0f); }
static inline float gauss(uint32_t h) {
  // Sum of four uniforms: close enough to a normal for range noise.
  uint32_t a = mix32(h + 0x9e3779b9U), b = mix32(a + 0x85ebca6bU), c = mix32(b + 0xc2b2ae35U), d = mix32(c + 0x27d4eb2fU);
  return (unit(a) + unit(b) + unit(c) + unit(d) - 2.0f) * 1.7320508f;
}

// ----------------------------------------------------------------------------------------------- ray casting
// A primitive of kind 0 is a convex polyhedron (planes), of kind 1 an ellipsoid with a yaw. Floats per
// primitive (P):
// 0..2 centre, 3 bounding radius, 4 reflectivity, 5 porosity (probability that a ray passes), 6 glass leak,
// 7 specular (0..1), 8..10 radii, 11 yaw
// A polyhedron has no radii. Its 8 is the probability that a ray which entered through glass returns at the
// glass on the other side (pillars, head rests, wipers, dirt, the pane itself) and does not leave. glass: 1
// is a side window, 2 is a pane at the front or the back, which returns more rays.
// Its 9 is the part of a return that is left after it went through the glass twice: the inside of near cars
// is visible, that of far cars is not.
#define P 12
// Ground: road axis through (gx, gy) with direction (gc, gs), half width, kerb heights left and right,
// roughness outside of the road, roughness of the road, reflectivity
#define MISS 1e9f

static float ground_z(const float* g, float x, float y) {
  float v = -(x - g[0]) * g[3] + (y - g[1]) * g[2];
  return v > g[4] ? g[5] : v < -g[4] ? g[6] : 0;
}

// Returns the number of points written: xyz (3 each), obj (object id; -1 ground), ray (beam).
int raycast(int nprim, const float* prim, const int32_t* kind, const int32_t* obj, const int32_t* first, const int32_t* nplane,
            const float* plane, const uint8_t* glass, const float* origin, int nbeam, const float* elev, const float* azoff, const float* bias, int naz,
            float az0, float az1, const float* ground, float noise, float power, float maxrange, float drop, float mixp, uint32_t seed,
            float* out, int32_t* outobj, int maxout) {
  int total = nbeam * naz;
  float* depth = malloc(sizeof(float) * total);
  int32_t* who = malloc(sizeof(int32_t) * total);
  float* gain = malloc(sizeof(float) * total);
  float* pane = malloc(sizeof(float) * total);   // distance of the nearest glass that the ray passed
  float* dimmed = malloc(sizeof(float) * total); // the part of a return from behind that glass
  float* cosa = malloc(sizeof(float) * naz);
  float* sina = malloc(sizeof(float) * naz);
  float step = (az1 - az0) / naz;
  int full = az1 - az0 > 6.28f;
  for (int j = 0; j < naz; j++) { cosa[j] = cosf(az0 + j * step); sina[j] = sinf(az0 + j * step); }
  float ox = origin[0], oy = origin[1], oz = origin[2];
  for (int i = 0; i < nbeam; i++) {
    float ce = cosf(elev[i]), se = sinf(elev[i]), co = cosf(azoff[i]), so = sinf(azoff[i]);
    for (int j = 0; j < naz; j++) {
      int k = i * naz + j;
      depth[k] = MISS; who[k] = -2; gain[k] = 0; pane[k] = MISS;
      if (se < -0.003f) {
        float dx = (cosa[j] * co - sina[j] * so) * ce, dy = (sina[j] * co + cosa[j] * so) * ce;
        float t = -oz / se, z = 0;
        for (int r = 0; r < 3; r++) {
          float nz = ground_z(ground, ox + t * dx, oy + t * dy);
          if (nz == z) break;
          z = nz; t = (z - oz) / se;
        }
        if (t > 0 && t < maxrange) { depth[k] = t; who[k] = -1; gain[k] = ground[9] * (0.15f - 0.85f * se); }
      }
    }
  }
  for (int p = 0; p < nprim; p++) {
    const float* q = prim + p * P;
    float cx = q[0] - ox, cy = q[1] - oy, cz = q[2] - oz, r = q[3];
    float dh = sqrtf(cx * cx + cy * cy), d = sqrtf(dh * dh + cz * cz);
    if (d - r > maxrange || dh < 0.8f) continue;
    int j0 = 0, jn = naz;
    if (dh > r * 1.02f) {
      float mid = atan2f(cy, cx), half = asinf(r / dh) + 0.012f;
      float a = (mid - half - az0) / step;
      j0 = (int)floorf(a); jn = (int)ceilf(2 * half / step) + 2;
      if (jn > naz) jn = naz;
    }
    float elo = -2, ehi = 2;
    if (d > r * 1.02f) { float e = asinf(cz / d), h = asinf(r / d); elo = e - h; ehi = e + h; }
    // A tighter bound: the height span of the bounding sphere at its nearest and farthest horizontal
    // distance.
    if (dh > r * 1.02f) {
      float lo = cz - r, hi = cz + r;
      float l2 = lo < 0 ? atan2f(lo, dh - r) : atan2f(lo, dh + r), h2 = hi > 0 ? atan2f(hi, dh - r) : atan2f(hi, dh + r);
      if (l2 > elo) elo = l2;
      if (h2 < ehi) ehi = h2;
    }
    float yc = cosf(q[11]), ys = sinf(q[11]);
    for (int i = 0; i < nbeam; i++) {
      if (elev[i] < elo || elev[i] > ehi) continue;
      float ce = cosf(elev[i]), se = sinf(elev[i]), co = cosf(azoff[i]), so = sinf(azoff[i]);
      for (int jj = 0; jj < jn; jj++) {
        int j = j0 + jj;
        if (full) { j %= naz; if (j < 0) j += naz; } else if (j < 0 || j >= naz) continue;
        int k = i * naz + j;
        float dx = (cosa[j] * co - sina[j] * so) * ce, dy = (sina[j] * co + cosa[j] * so) * ce, dz = se;
        float t = MISS, g = 0;
        if (kind[p] == 1) {
          float ax = (-cx * yc - cy * ys) / q[8], ay = (cx * ys - cy * yc) / q[9], az = -cz / q[10];
          float bx = (dx * yc + dy * ys) / q[8], by = (-dx * ys + dy * yc) / q[9], bz = dz / q[10];
          float A = bx * bx + by * by + bz * bz, B = ax * bx + ay * by + az * bz, C = ax * ax + ay * ay + az * az - 1;
          float D = B * B - A * C;
          if (D <= 0) continue;
          float s = sqrtf(D);
          t = (-B - s) / A;
          if (q[5] > 0) {  // porous: the hit is at a random depth
            float u = unit(mix32(seed ^ mix32(k * 131 + p)));
            if (u < q[5]) continue;
            t += (u - q[5]) / (1 - q[5]) * 0.7f * (2 * s / A) ;
          }
          if (t < 0.3f) continue;
          g = q[4] * (0.35f + 0.65f * s / sqrtf(B * B > A * C ? B * B : 1));
        } else {
          const float* pl = plane + 4 * first[p];
          float t0 = 0, t1 = MISS; int f0 = -1, f1 = -1, miss = 0; float n0 = 0, n1 = 0;
          for (int f = 0; f < nplane[p]; f++) {
            float nd = pl[4 * f] * dx + pl[4 * f + 1] * dy + pl[4 * f + 2] * dz;
            float no = pl[4 * f + 3] - (pl[4 * f] * ox + pl[4 * f + 1] * oy + pl[4 * f + 2] * oz);
            if (nd < -1e-9f) { float h = no / nd; if (h > t0) { t0 = h; f0 = f; n0 = -nd; } }
            else if (nd > 1e-9f) { float h = no / nd; if (h < t1) { t1 = h; f1 = f; n1 = nd; } }
            else if (no < 0) { miss = 1; break; }
            if (t0 > t1) { miss = 1; break; }
          }
          if (miss || f0 < 0) continue;
          uint32_t h = mix32(seed ^ mix32(k * 131 + p));
          if (q[5] > 0 && unit(h) < q[5]) continue;
          t = t0; float n = n0;
          if (glass[first[p] + f0]) {
            float u = unit(mix32(h));
            if (u < q[6]) {
              if (t0 < pane[k]) { pane[k] = t0; dimmed[k] = q[9]; }
              if (f1 < 0 || (glass[first[p] + f1] && unit(mix32(h + 5)) >= q[8] * (glass[first[p] + f1] == 2 ? 1.0f : 0.15f))) continue;
              t = t1; n = n1;
            } else if (u < q[6] + 0.8f * (1 - q[6])) {  // mirrored away: no return, also from behind
              if (t < depth[k]) { depth[k] = t; who[k] = obj[p]; gain[k] = 0; }
              continue;
            }
          }
          float c = n;
          g = q[4] * (q[7] > 0 ? (1 - q[7]) * (0.3f + 0.7f * c) + q[7] * (0.07f + 0.93f * c * c) : 0.25f + 0.75f * c);
        }
        if (t < depth[k] && t > 0.3f) { depth[k] = t; who[k] = obj[p]; gain[k] = g; }
      }
    }
  }
  int n = 0;
  for (int i = 0; i < nbeam && n < maxout; i++) {
    float ce = cosf(elev[i]), se = sinf(elev[i]), co = cosf(azoff[i]), so = sinf(azoff[i]);
    for (int j = 0; j < naz && n < maxout; j++) {
      int k = i * naz + j;
      float t = depth[k];
      if (t >= maxrange) continue;
      uint32_t h = mix32(seed * 2654435761U + k);
      float snr = gain[k] * (t > pane[k] ? dimmed[k] : 1) * power / (t * t);
      if (unit(h) > (1 - drop) * (1 - expf(-2 * snr))) continue;
      h = mix32(h + 1);
      float tt = t; int o = who[k];
      int j2 = j + 1 < naz ? j + 1 : full ? 0 : j;
      float t2 = depth[i * naz + j2];
      if (t2 < maxrange && fabsf(t2 - t) > 0.25f && fabsf(t2 - t) < 3.5f && unit(h) < mixp) {
        float u = unit(mix32(h + 7));
        tt = t + u * (t2 - t);
        o = -3;
      }
      tt += noise * gauss(h) + bias[i];
      float dx = (cosa[j] * co - sina[j] * so) * ce, dy = (sina[j] * co + cosa[j] * so) * ce;
      float x = ox + tt * dx, y = oy + tt * dy, z = oz + tt * se;
      if (o == -1) {
        float v = -(x - ground[0]) * ground[3] + (y - ground[1]) * ground[2];
        uint32_t hh = mix32(h + 11);
        if (fabsf(v) > ground[4]) z += ground[7] * (-logf(unit(hh) + 1e-4f)); else z += ground[8] * gauss(hh);
      }
      out[3 * n] = x; out[3 * n + 1] = y; out[3 * n + 2] = z; outobj[n] = o; n++;
    }
  }
  free(depth); free(who); free(gain); free(pane); free(dimmed); free(cosa); free(sina);
  return n;
}

// Sorts points into square cells (2 m, SIDE x SIDE around 0, 0): order[] and start[SIDE * SIDE + 1]. Points
// outside of the cells are left out.
#define CELL 2.0
#define SIDE 96
int sort_cells(int n, const float* p, int32_t* order, int32_t* start) {
  memset(start, 0, sizeof(int32_t) * (SIDE * SIDE + 1));
  int32_t* at = malloc(sizeof(int32_t) * n);
  for (int i = 0; i < n; i++) {
    int cx = (int)floor(p[3 * i] / CELL) + SIDE / 2, cy = (int)floor(p[3 * i + 1] / CELL) + SIDE / 2;
    at[i] = cx < 0 || cy < 0 || cx >= SIDE || cy >= SIDE ? -1 : cy * SIDE + cx;
    if (at[i] >= 0) start[at[i] + 1]++;
  }
  for (int k = 0; k < SIDE * SIDE; k++) start[k + 1] += start[k];
  int32_t* fill = malloc(sizeof(int32_t) * SIDE * SIDE);
  memcpy(fill, start, sizeof(int32_t) * SIDE * SIDE);
  for (int i = 0; i < n; i++) if (at[i] >= 0) order[fill[at[i]]++] = i;
  int total = start[SIDE * SIDE];
  free(at); free(fill);
  return total;
}

static int gather(const float* p, const int16_t* obj, const int32_t* start, double x, double y, double radius, float* out, int16_t* outobj, int max) {
  int x0 = (int)floor((x - radius) / CELL) + SIDE / 2, x1 = (int)floor((x + radius) / CELL) + SIDE / 2;
  int y0 = (int)floor((y - radius) / CELL) + SIDE / 2, y1 = (int)floor((y + radius) / CELL) + SIDE / 2;
  if (x0 < 0) x0 = 0;
  if (y0 < 0) y0 = 0;
  if (x1 >= SIDE) x1 = SIDE - 1;
  if (y1 >= SIDE) y1 = SIDE - 1;
  int n = 0;
  for (int r = y0; r <= y1; r++) {
    if (x1 < x0) continue;
    for (int i = start[r * SIDE + x0]; i < start[r * SIDE + x1 + 1] && n < max; i++) {
      double dx = p[3 * i] - x, dy = p[3 * i + 1] - y;
      if (dx * dx + dy * dy > radius * radius) continue;
      memcpy(out + 3 * n, p + 3 * i, 12); outobj[n] = obj[i]; n++;
    }
  }
  return n;
}

// ---------------------------------------------------------------------------------------------------- ground
typedef struct { double a, b, c; } Plane;

static int lowest_per_cell(const float* p, int count, double ax, double ay, double radius, double cell, const Plane* near, double** outp) {
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
      if (n > 0) { o[3] = o[0]; o[4] = o[1]; o[5] = o[2]; }
      o[0] = x; o[1] = y; o[2] = z;
    } else if (n == 1 || z < o[5]) { o[3] = x; o[4] = y; o[5] = z; }
    counts[k] = n + 1;
  }
  double* out = malloc(sizeof(double) * 3 * side * side);
  int used = 0;
  for (int k = 0; k < side * side; k++) {
    if (!counts[k]) continue;
    double* o = low + 6 * k + (counts[k] >= 4 ? 3 : 0);
    out[used++] = o[0]; out[used++] = o[1]; out[used++] = o[2];
  }
  free(low); free(counts);
  *outp = out;
  return used;
}

static int fit_rounds(const double* cells, int n, Plane start, const double (*rounds)[2], int nrounds, double ridge, int min_cells, double reach, Plane* out) {
  Plane pl = start;
  for (int r = 0; r < nrounds; r++) {
    double below = rounds[r][0], above = rounds[r][1];
    double sw = 0, sx = 0, sy = 0, sz = 0, sxx = ridge, sxy = 0, syy = ridge, sxz = ridge * start.a, syz = ridge * start.b;
    int used = 0;
    for (int i = 0; i < n; i += 3) {
      double x = cells[i], y = cells[i + 1], z = cells[i + 2];
      double res = z - pl.a * x - pl.b * y - pl.c, q = res < 0 ? -res / below : res / above;
      if (q >= 1) continue;
      double t = 1 - q * q, w = (t * t) / (1 + (x * x + y * y) / (reach * reach));
      sw += w; sx += w * x; sy += w * y; sz += w * z; sxx += w * x * x; sxy += w * x * y; syy += w * y * y; sxz += w * x * z; syz += w * y * z;
      used++;
    }
    if (used < min_cells || !(sw > 1e-9)) return 0;
    double mxx = sxx - (sx * sx) / sw, mxy = sxy - (sx * sy) / sw, myy = syy - (sy * sy) / sw;
    double rx = sxz - (sx * sz) / sw, ry = syz - (sy * sz) / sw, det = mxx * myy - mxy * mxy;
    if (!(det > 1e-9)) return 0;
    double a = (rx * myy - ry * mxy) / det, b = (ry * mxx - rx * mxy) / det, slope = sqrt(a * a + b * b);
    if (slope > 0.35) { a *= 0.35 / slope; b *= 0.35 / slope; }
    pl.a = a; pl.b = b; pl.c = (sz - a * sx - b * sy) / sw;
  }
  *out = pl;
  return 1;
}

static int by_value(const void* x, const void* y) { double a = *(const double*)x, b = *(const double*)y; return a < b ? -1 : a > b; }

// Writes the plane a, b, c to out. Returns 1, or 0 if there are too few points.
int ground_fit(const float* p, int count, double ax, double ay, double* out) {
  static const double COARSE[5][2] = {{2, 0.8}, {1.2, 0.6}, {0.8, 0.4}, {0.5, 0.3}, {0.4, 0.25}}, FINE[3][2] = {{0.3, 0.2}, {0.2, 0.14}, {0.14, 0.1}};
  double* wide; int n = lowest_per_cell(p, count, ax, ay, 14, 1, 0, &wide);
  if (n < 9) { free(wide); return 0; }
  double* h = malloc(sizeof(double) * (n / 3));
  for (int i = 0; i < n / 3; i++) h[i] = wide[3 * i + 2];
  qsort(h, n / 3, sizeof(double), by_value);
  Plane start = {0, 0, h[(n / 3) / 4]}, coarse, fine;
  free(h);
  int ok = fit_rounds(wide, n, start, COARSE, 5, 60, 3, 8, &coarse);
  free(wide);
  if (!ok) return 0;
  double* narrow; n = lowest_per_cell(p, count, ax, ay, 5.5, 0.5, &coarse, &narrow);
  if (n < 12 || !fit_rounds(narrow, n, coarse, FINE, 3, 30, 4, 4, &fine)) fine = coarse;
  free(narrow);
  double sum = 0; int m = 0;
  for (int i = 0; i < count; i++) {
    double x = p[3 * i] - ax, y = p[3 * i + 1] - ay;
    if (!(x * x + y * y < 5.5 * 5.5)) continue;
    double r = p[3 * i + 2] - fine.a * x - fine.b * y - fine.c;
    if (fabs(r) < 0.1) { sum += r; m++; }
  }
  double lift = m < 5 ? 0 : fmax(-0.05, fmin(0.05, sum / m));
  out[0] = fine.a; out[1] = fine.b; out[2] = fine.c + lift - fine.a * ax - fine.b * ay;
  return 1;
}

// Computes the plane at each place of a sorted scan.
void ground_many(const float* p, const int16_t* obj, const int32_t* start, int n, const double* at, double* out, uint8_t* known) {
#pragma omp parallel for schedule(dynamic, 4)
  for (int i = 0; i < n; i++) {
    float* buf = malloc(sizeof(float) * 3 * 120000); int16_t* bo = malloc(sizeof(int16_t) * 120000);
    int m = gather(p, obj, start, at[2 * i], at[2 * i + 1], 15, buf, bo, 120000);
    known[i] = ground_fit(buf, m, at[2 * i], at[2 * i + 1], out + 3 * i);
    free(buf); free(bo);
  }
}

// -------------------------------------------------------------------------------------------------- features
// All data of one question. `sensor` and `plane` are only used if their flag is set.
typedef struct {
  double click[3];        // propose: the click. refine: not used
  double sensor[3];
  double plane[3];
  double turn;            // propose: the direction of the frame if the sensor is unknown
  double box[7];          // refine: x y z l w h yaw
  double also[4][4];      // clicks with an inside flag; the first one is the click itself
  double others[8][7];    // boxes whose points are left out
  int32_t has_sensor, has_ground, n_also, n_others;
} Question;

#define REACH 3.0
typedef struct { int32_t index, at; uint32_t hash; } Candidate;

static int in_box(const double* b, double c, double s, double x, double y, double z) {
  double dx = x - b[0], dy = y - b[1];
  return fabs(z - b[2]) <= b[5] / 2 && fabs(dx * c + dy * s) <= b[3] / 2 && fabs(dy * c - dx * s) <= b[4] / 2;
}

static uint32_t point_hash(double x, double y, double z) {
  uint32_t h = (uint32_t)(int32_t)floor(x * 1000) * 73856093U;
  h = mix32(h ^ ((uint32_t)(int32_t)floor(y * 1000) * 19349663U));
  return mix32(h ^ ((uint32_t)(int32_t)floor(z * 1000) * 83492791U));
}

#define TABLE 131072
typedef struct { int32_t* slot; int32_t* key; Candidate* list[3]; int count[3]; uint8_t* tier; Candidate* all; int n; } Work;

// Keeps one point per voxel: the one with the smallest hash. Of these, each tier keeps the `quota` smallest
// hashes; free places are given to the tiers 0, 1, 2 in turn.
static void add_candidate(Work* w, int index, double x, double y, double z, double voxel, int tier) {
  if (w->n >= TABLE / 2) return;
  int32_t kx = (int32_t)floor(x / voxel), ky = (int32_t)floor(y / voxel), kz = (int32_t)floor(z / voxel);
  uint32_t h = mix32((uint32_t)kx * 73856093U ^ (uint32_t)ky * 19349663U ^ (uint32_t)kz * 83492791U) & (TABLE - 1);
  uint32_t ph = point_hash(x, y, z);
  for (;;) {
    int32_t s = w->slot[h];
    if (s < 0) {
      w->slot[h] = w->n;
      int32_t* k = w->key + 3 * w->n; k[0] = kx; k[1] = ky; k[2] = kz;
      w->all[w->n].index = index; w->all[w->n].at = w->n; w->all[w->n].hash = ph; w->tier[w->n] = tier; w->n++;
      return;
    }
    int32_t* k = w->key + 3 * s;
    if (k[0] == kx && k[1] == ky && k[2] == kz) {
      if (ph < w->all[s].hash) { w->all[s].index = index; w->all[s].hash = ph; w->tier[s] = tier; }
      return;
    }
    h = (h + 1) & (TABLE - 1);
  }
}

static int by_hash(const void* x, const void* y) {
  const Candidate *a = x, *b = y;
  return a->hash < b->hash ? -1 : a->hash > b->hash ? 1 : a->at - b->at;
}

static int choose(Work* w, const int* quota, int total, int32_t* out) {
  for (int t = 0; t < 3; t++) w->count[t] = 0;
  for (int i = 0; i < w->n; i++) w->list[w->tier[i]][w->count[w->tier[i]]++] = w->all[i];
  int take[3], left = total;
  for (int t = 0; t < 3; t++) { take[t] = w->count[t] < quota[t] ? w->count[t] : quota[t]; left -= take[t]; }
  for (int t = 0; t < 3; t++) { int more = w->count[t] - take[t]; if (more > left) more = left; take[t] += more; left -= more; }
  int n = 0;
  for (int t = 0; t < 3; t++) {
    int m = w->count[t];
    if (take[t] < m) {
      // Hashes are uniform: those below a limit slightly above the expected one include the smallest.
      Candidate* few = w->all + TABLE / 2;  // the free half
      int k = 0;
      for (double share = 1.25 * take[t] / m + 8.0 / m;; share *= 2) {
        k = 0;
        uint32_t limit = share >= 1 ? 0xffffffffU : (uint32_t)(share * 4294967295.0);
        for (int i = 0; i < m; i++) if (w->list[t][i].hash <= limit) few[k++] = w->list[t][i];
        if (k >= take[t]) break;
      }
      qsort(few, k, sizeof(Candidate), by_hash);
      for (int i = 0; i < take[t]; i++) out[n++] = few[i].index;
    } else
      for (int i = 0; i < m; i++) out[n++] = w->list[t][i].index;
  }
  return n;
}

static Work* new_work(int max) {
  Work* w = malloc(sizeof(Work));
  w->slot = malloc(sizeof(int32_t) * TABLE); w->key = malloc(sizeof(int32_t) * 3 * TABLE); w->tier = malloc(TABLE); w->all = malloc(sizeof(Candidate) * TABLE);
  for (int t = 0; t < 3; t++) w->list[t] = malloc(sizeof(Candidate) * TABLE);
  return w;
}
static void free_work(Work* w) {
  free(w->slot); free(w->key); free(w->tier); free(w->all);
  for (int t = 0; t < 3; t++) free(w->list[t]);
  free(w);
}

static void clicks_near(const Question* q, double x, double y, double z, double* in, double* out) {
  double i2 = REACH, o2 = REACH;
  for (int k = 0; k < q->n_also; k++) {
    double dx = x - q->also[k][0], dy = y - q->also[k][1], dz = z - q->also[k][2], d = sqrt(dx * dx + dy * dy + dz * dz);
    if (q->also[k][3] > 0) { if (d < i2) i2 = d; } else if (d < o2) o2 = d;
  }
  *in = i2; *out = o2;
}

// Fills free places with copies of the first points, with 0 in the mask column. They do not change a maximum
// over the points.
static void repeat(float* x, int n, int N, int dim, int mask) {
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
static int propose(const float* p, int count, const Question* q, int N, float* x, int32_t* index, Work* w) {
  double cx = q->click[0], cy = q->click[1], cz = q->click[2], turn = q->turn;
  if (q->has_sensor) turn = atan2(cy - q->sensor[1], cx - q->sensor[0]);
  double c = cos(turn), s = sin(turn);
  memset(w->slot, 255, sizeof(int32_t) * TABLE); w->n = 0;
  double oc[8], os[8];
  for (int k = 0; k < q->n_others; k++) { oc[k] = cos(q->others[k][6]); os[k] = sin(q->others[k][6]); }
  for (int i = 0; i < count; i++) {
    double px = p[3 * i], py = p[3 * i + 1], pz = p[3 * i + 2], dx = px - cx, dy = py - cy, r2 = dx * dx + dy * dy;
    if (!(r2 <= PROPOSE_RADIUS * PROPOSE_RADIUS)) continue;
    double h = q->has_ground ? pz - (q->plane[0] * px + q->plane[1] * py + q->plane[2]) : pz - cz + 0.8;
    if (!(h > -1 && h < 5)) continue;
    int skip = 0;
    for (int k = 0; k < q->n_others && !skip; k++) skip = in_box(q->others[k], oc[k], os[k], px, py, pz);
    if (skip) continue;
    add_candidate(w, i, px, py, pz, 0.1, q->has_ground && h < GROUND_BAND ? 2 : r2 <= PROPOSE_NEAR * PROPOSE_NEAR ? 0 : 1);
  }
  int quota[3] = {N * 9 / 16, N / 4, N * 3 / 16};
  int n = choose(w, quota, N, index);
  for (int i = 0; i < n; i++) {
    const float* v = p + 3 * index[i];
    double px = v[0], py = v[1], pz = v[2], dx = px - cx, dy = py - cy, in, out;
    double h = q->has_ground ? pz - (q->plane[0] * px + q->plane[1] * py + q->plane[2]) : pz - cz + 0.8;
    clicks_near(q, px, py, pz, &in, &out);
    float* f = x + PROPOSE_POINT * i;
    f[0] = (dx * c + dy * s) / 3; f[1] = (dy * c - dx * s) / 3; f[2] = h - 0.8; f[3] = sqrt(dx * dx + dy * dy) / 3; f[4] = pz - cz;
    f[5] = in; f[6] = out; f[7] = 1;
  }
  repeat(x, n, N, PROPOSE_POINT, 7);
  return n;
}

#define REFINE_POINT 14
static int refine(const float* p, int count, const Question* q, int N, float* x, int32_t* index, Work* w) {
  const double* b = q->box;
  double c = cos(b[6]), s = sin(b[6]), hl = b[3] / 2, hw = b[4] / 2, hh = b[5] / 2;
  double mx = 1 + fmax(0, 0.35 * (b[3] - 3)), my = 1 + fmax(0, 0.35 * (b[4] - 3));
  memset(w->slot, 255, sizeof(int32_t) * TABLE); w->n = 0;
  double oc[8], os[8];
  for (int k = 0; k < q->n_others; k++) { oc[k] = cos(q->others[k][6]); os[k] = sin(q->others[k][6]); }
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
  int n = choose(w, quota, N, index);
  for (int i = 0; i < n; i++) {
    const float* g = p + 3 * index[i];
    double px = g[0], py = g[1], pz = g[2], dx = px - b[0], dy = py - b[1], z = pz - b[2], in, out;
    double u = dx * c + dy * s, v = dy * c - dx * s;
    double h = q->has_ground ? pz - (q->plane[0] * px + q->plane[1] * py + q->plane[2]) : z + hh;
    clicks_near(q, px, py, pz, &in, &out);
    float* f = x + REFINE_POINT * i;
    f[0] = u / 2; f[1] = v; f[2] = z; f[3] = hl - u; f[4] = hl + u; f[5] = hw - v; f[6] = hw + v; f[7] = hh - z; f[8] = hh + z;
    f[9] = h - 0.8; f[10] = in; f[11] = out; f[12] = 1; f[13] = fabs(u) <= hl && fabs(v) <= hw && fabs(z) <= hh ? 1 : 0;
  }
  repeat(x, n, N, REFINE_POINT, 12);
  return n;
}

// Occlusion features of places around a click or a box, the same as in ../crop-grid/wasm/crop.c. Each place
// has four heights. The first feature is the fraction of heights at which the ray to the place ends before it
// (hidden: the content is unknown). The second is the fraction at which a ray continues behind it (free: no
// object is there). The scanner is assumed to be EYE metres above the ground. Around a box, points within its
// slightly enlarged outline are ignored, because an object hides its own far side.
#define BOX_PLACES 24
#define CLICK_PLACES 30
#define SIGHT_RADIUS 12.0
#define EYE 1.8
static const double BOX_ALONG[8] = {-1.2, -1, -0.8, -0.6, 0.6, 0.8, 1, 1.2};
static const double CLICK_ALONG[6] = {-1.5, 0, 1.5, 3, 4.5, 6}, CLICK_ACROSS[5] = {-2.5, -1.2, 0, 1.2, 2.5};
typedef struct {
  int places; double cx, cy, far, reach, ux, uy, c, s, hl, hw;
  double dx[CLICK_PLACES], dy[CLICK_PLACES], d[CLICK_PLACES]; int hidden[CLICK_PLACES], open[CLICK_PLACES];
} Sight;

static void sight_place(Sight* w, double x, double y) {
  double d = fmax(sqrt(x * x + y * y), 1e-6);
  int k = w->places++;
  w->dx[k] = x / d; w->dy[k] = y / d; w->d[k] = d;
}

static void sight_begin(Sight* w, const Question* q, int which) {
  memset(w, 0, sizeof(Sight));
  const double *b = q->box, *at = which ? b : q->click;
  w->cx = at[0]; w->cy = at[1];
  double x = at[0] - q->sensor[0], y = at[1] - q->sensor[1];
  w->far = sqrt(x * x + y * y);
  if (!q->has_sensor || !q->has_ground || !(w->far >= 1)) return;
  w->ux = x / w->far; w->uy = y / w->far;
  if (which) {
    double hl = b[3] / 2, hw = b[4] / 2;
    w->c = cos(b[6]); w->s = sin(b[6]); w->hl = hl + 0.3; w->hw = hw + 0.3; w->reach = sqrt(1.44 * hl * hl + hw * hw) + 0.5;
    for (int k = 0; k < BOX_PLACES; k++) {
      double u = BOX_ALONG[k / 3] * hl, v = (k % 3 - 1) * hw;
      sight_place(w, x + u * w->c - v * w->s, y + u * w->s + v * w->c);
    }
  } else {
    w->hl = w->hw = -1; w->reach = 3;
    for (int k = 0; k < CLICK_PLACES; k++) {
      double u = CLICK_ALONG[k / 5], v = CLICK_ACROSS[k % 5];
      sight_place(w, x + u * w->ux - v * w->uy, y + u * w->uy + v * w->ux);
    }
  }
}

static void sight_add(Sight* w, const Question* q, const float* p, int count) {
  for (int i = 0; i < count; i++) {
    double x = p[3 * i] - q->sensor[0], y = p[3 * i + 1] - q->sensor[1], along = x * w->ux + y * w->uy;
    if (!(along >= 1) || fabs(x * w->uy - y * w->ux) > 1.3 * w->reach * along / w->far + 0.2) continue;
    double bx = p[3 * i] - w->cx, by = p[3 * i + 1] - w->cy;
    if (!(bx * bx + by * by <= SIGHT_RADIUS * SIGHT_RADIUS)) continue;
    if (fabs(bx * w->c + by * w->s) <= w->hl && fabs(by * w->c - bx * w->s) <= w->hw) continue;
    double h = p[3 * i + 2] - (q->plane[0] * p[3 * i] + q->plane[1] * p[3 * i + 1] + q->plane[2]);
    if (!(h > -0.5 && h < 5)) continue;
    for (int k = 0; k < w->places; k++) {
      double a = x * w->dx[k] + y * w->dy[k];
      if (!(a >= 1) || fabs(x * w->dy[k] - y * w->dx[k]) > 0.1 + 0.004 * a) continue;
      double over = a - w->d[k];
      if (fabs(over) <= 0.5) continue;
      double level = (EYE + (h - EYE) * w->d[k] / a - 0.2) / 0.3;
      if (!(level >= 0 && level < 4)) continue;
      if (over < 0) w->hidden[k] |= 1 << (int)level; else w->open[k] |= 1 << (int)level;
    }
  }
}

static void sight_end(const Sight* w, int which, float* out) {
  for (int k = 0; k < (which ? BOX_PLACES : CLICK_PLACES); k++) { out[2 * k] = __builtin_popcount(w->hidden[k]) / 4.0f; out[2 * k + 1] = __builtin_popcount(w->open[k]) / 4.0f; }
}

// which: 0 around the click, 1 around the box.
void sight_one(const float* p, int count, const Question* q, int which, float* out) {
  Sight w;
  sight_begin(&w, q, which);
  if (w.places) sight_add(&w, q, p, count);
  sight_end(&w, which, out);
}

void sight_batch(int B, const uint64_t* points, const uint64_t* starts, const Question* qs, int which, float* out) {
#pragma omp parallel for schedule(dynamic, 4)
  for (int k = 0; k < B; k++) {
    const Question* q = qs + k;
    const float* p = (const float*)points[k];
    const int32_t* start = (const int32_t*)starts[k];
    Sight w;
    sight_begin(&w, q, which);
    int x0 = (int)floor((w.cx - SIGHT_RADIUS) / CELL) + SIDE / 2, x1 = (int)floor((w.cx + SIGHT_RADIUS) / CELL) + SIDE / 2;
    int y0 = (int)floor((w.cy - SIGHT_RADIUS) / CELL) + SIDE / 2, y1 = (int)floor((w.cy + SIGHT_RADIUS) / CELL) + SIDE / 2;
    if (x0 < 0) x0 = 0;
    if (y0 < 0) y0 = 0;
    if (x1 >= SIDE) x1 = SIDE - 1;
    if (y1 >= SIDE) y1 = SIDE - 1;
    for (int r = y0; w.places && r <= y1; r++) for (int c = x0; c <= x1; c++) {
      double x = (c - SIDE / 2 + 0.5) * CELL - q->sensor[0], y = (r - SIDE / 2 + 0.5) * CELL - q->sensor[1], along = x * w.ux + y * w.uy;
      if (along < -0.5 || fabs(x * w.uy - y * w.ux) > 1.3 * w.reach * (along + 1.5) / w.far + 1.7) continue;
      int i = start[r * SIDE + c];
      sight_add(&w, q, p + 3 * i, start[r * SIDE + c + 1] - i);
    }
    sight_end(&w, which, out + (size_t)k * 2 * (which ? BOX_PLACES : CLICK_PLACES));
  }
}

// The features of one complete crop. which: 0 propose, 1 refine.
int features_one(const float* p, int count, const Question* q, int which, int N, float* x, int32_t* index) {
  Work* w = new_work(count);
  memset(x, 0, sizeof(float) * N * (which ? REFINE_POINT : PROPOSE_POINT));
  int n = which ? refine(p, count, q, N, x, index, w) : propose(p, count, q, N, x, index, w);
  free_work(w);
  return n;
}

// The features of a batch, from sorted scans. truth[B] is the object id of the answer; seg[B][N] is 1 if the
// point belongs to that object.
void features_batch(int B, const uint64_t* points, const uint64_t* objs, const uint64_t* starts, const int32_t* truth, const Question* qs, int which, int N,
                    float* x, float* seg, int32_t* counts) {
  int dim = which ? REFINE_POINT : PROPOSE_POINT;
  memset(x, 0, sizeof(float) * (size_t)B * N * dim);
  memset(seg, 0, sizeof(float) * (size_t)B * N);
#pragma omp parallel
  {
    const int MAX = 120000;
    Work* w = new_work(MAX);
    float* buf = malloc(sizeof(float) * 3 * MAX); int16_t* bo = malloc(sizeof(int16_t) * MAX); int32_t* index = malloc(sizeof(int32_t) * N);
#pragma omp for schedule(dynamic, 4)
    for (int k = 0; k < B; k++) {
      const Question* q = qs + k;
      double cx = which ? q->box[0] : q->click[0], cy = which ? q->box[1] : q->click[1], r = PROPOSE_RADIUS + 0.01;
      if (which) {
        double mx = 1 + fmax(0, 0.35 * (q->box[3] - 3)), my = 1 + fmax(0, 0.35 * (q->box[4] - 3));
        r = sqrt((q->box[3] / 2 + mx) * (q->box[3] / 2 + mx) + (q->box[4] / 2 + my) * (q->box[4] / 2 + my)) + 0.01;
      }
      int m = gather((const float*)points[k], (const int16_t*)objs[k], (const int32_t*)starts[k], cx, cy, r, buf, bo, MAX);
      int n = which ? refine(buf, m, q, N, x + (size_t)k * N * dim, index, w) : propose(buf, m, q, N, x + (size_t)k * N * dim, index, w);
      for (int i = 0; i < n; i++) seg[(size_t)k * N + i] = bo[index[i]] == truth[k];
      counts[k] = n;
    }
    free_work(w); free(buf); free(bo); free(index);
  }
}
int question_size(void) { return sizeof(Question); }

// ------------------------------------------------------------------------------------------------------- IoU
static int clip_poly(double (*in)[2], int n, double ax, double ay, double bx, double by, double (*out)[2]) {
  int m = 0;
  for (int i = 0; i < n; i++) {
    double *p = in[i], *q = in[(i + 1) % n];
    double sp = (bx - ax) * (p[1] - ay) - (by - ay) * (p[0] - ax), sq = (bx - ax) * (q[1] - ay) - (by - ay) * (q[0] - ax);
    if (sp >= 0) { out[m][0] = p[0]; out[m][1] = p[1]; m++; }
    if (sp * sq < 0) { double t = sp / (sp - sq); out[m][0] = p[0] + t * (q[0] - p[0]); out[m][1] = p[1] + t * (q[1] - p[1]); m++; }
  }
  return m;
}
static void corners(const double* b, double ox, double oy, double (*c)[2]) {
  double co = cos(b[6]), s = sin(b[6]), l = b[3] / 2, w = b[4] / 2;
  double k[4][2] = {{l, w}, {-l, w}, {-l, -w}, {l, -w}};
  for (int i = 0; i < 4; i++) { c[i][0] = b[0] - ox + k[i][0] * co - k[i][1] * s; c[i][1] = b[1] - oy + k[i][0] * s + k[i][1] * co; }
}
// Computes the exact 3D and bird's-eye IoU of pairs of boxes (x y z l w h yaw).
void iou_pairs(int n, const double* a, const double* b, double* d3, double* bev) {
  for (int i = 0; i < n; i++) {
    const double *A = a + 7 * i, *B = b + 7 * i;
    double p[16][2], t[16][2], w[4][2];
    corners(A, B[0], B[1], p); corners(B, B[0], B[1], w);
    int m = 4;
    for (int k = 0; k < 4 && m; k++) { m = clip_poly(p, m, w[k][0], w[k][1], w[(k + 1) & 3][0], w[(k + 1) & 3][1], t); memcpy(p, t, sizeof(p)); }
    double area = 0;
    for (int k = 0; k < m; k++) area += p[k][0] * p[(k + 1) % m][1] - p[(k + 1) % m][0] * p[k][1];
    area = m > 2 ? fabs(area) / 2 : 0;
    double h = fmin(A[2] + A[5] / 2, B[2] + B[5] / 2) - fmax(A[2] - A[5] / 2, B[2] - B[5] / 2);
    if (h < 0) h = 0;
    bev[i] = area / (A[3] * A[4] + B[3] * B[4] - area);
    d3[i] = area * h / (A[3] * A[4] * A[5] + B[3] * B[4] * B[5] - area * h);
  }
}

// -------------------------------------------------------------------------------------------------- training
// x[B][N][C] in bfloat16 -> for each b, c the maximum over n (as float) and its index, the first one if
// several are equal. Several times as fast as the same operation of torch.
void column_max(int B, int N, int C, const uint16_t* x, float* best, int64_t* at) {
#pragma omp parallel for
  for (int b = 0; b < B; b++) {
    float top[1024]; int32_t where[1024];
    for (int c0 = 0; c0 < C; c0 += 1024) {
      int m = C - c0 < 1024 ? C - c0 : 1024;
      for (int c = 0; c < m; c++) { top[c] = -INFINITY; where[c] = 0; }
      for (int n = 0; n < N; n++) {
        const uint16_t* row = x + ((size_t)b * N + n) * C + c0;
        for (int c = 0; c < m; c++) {
          union { uint32_t i; float f; } v = {(uint32_t)row[c] << 16};
          int more = v.f > top[c];
          top[c] = more ? v.f : top[c];
          where[c] = more ? n : where[c];
        }
      }
      for (int c = 0; c < m; c++) { best[(size_t)b * C + c0 + c] = top[c]; at[(size_t)b * C + c0 + c] = where[c]; }
    }
  }
}
