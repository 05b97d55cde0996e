// Casts the beams of a scanner at convex polyhedra and ellipsoids above a flat ground with kerbs.
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "random.h"

// A primitive is a convex polyhedron (planes) or an ellipsoid with a yaw. Its floats:
enum {
  CENTRE = 0,  // x, y, z
  BOUNDING_RADIUS = 3,
  REFLECTIVITY = 4,
  POROSITY = 5,    // the probability that a ray passes
  GLASS_LEAK = 6,  // the probability that a ray enters through glass
  SPECULAR = 7,    // 0..1
  RADII = 8,       // of an ellipsoid: x, y, z
  // Of a polyhedron, in the place of radii: the probability that a ray which entered through glass returns at
  // the glass on the other side (pillars, head rests, wipers, dirt, the pane itself) and does not leave.
  RETURN_INSIDE = 8,
  // The part of a return that is left after it went through the glass twice: the inside of near cars is
  // visible, that of far cars is not.
  DIMMING = 9,
  YAW = 11,
  PRIMITIVE_FLOATS = 12
};
enum { POLYHEDRON = 0, ELLIPSOID = 1 };
// The glass of a face: no glass, a side window, or a pane at the front or the back, which returns more rays.
enum { SIDE_WINDOW = 1, FRONT_PANE = 2 };

// The floats of the ground. The road runs through (x, y) in a direction; kerbs are left and right of it.
enum {
  ROAD_X,
  ROAD_Y,
  ROAD_COS,
  ROAD_SIN,
  ROAD_HALF_WIDTH,
  KERB_LEFT,
  KERB_RIGHT,
  VERGE_ROUGHNESS,
  ROAD_ROUGHNESS,
  GROUND_REFLECTIVITY
};

// What a ray hit, beside the id of an object.
enum { GROUND = -1, NOTHING = -2, MIXED = -3 };
#define NO_HIT_METRES 1e9f
#define MIN_HIT_METRES 0.3f

typedef struct {
  const float *numbers, *planes;
  const uint8_t* glass;
  int kind, object, n_planes;
} Primitive;

typedef struct {
  int beams, columns, is_full_turn;
  const float *elevations, *offsets;
  float start, step, ox, oy, oz, max_range;
  uint32_t seed;
  float *cosines, *sines;       // of each column
  float *depth, *gain;          // of each ray: the nearest hit, and how bright it is
  int32_t* object;              // of each ray: what it hit
  float *pane_depth, *dimming;  // of each ray: the nearest glass that it passed, and what that leaves
} Rays;

typedef struct {
  float ce, se, co, so;
} Beam;
typedef struct {
  float x, y, z;
} Direction;

static Beam beam_of(const Rays* r, int i) {
  Beam b = {cosf(r->elevations[i]), sinf(r->elevations[i]), cosf(r->offsets[i]), sinf(r->offsets[i])};
  return b;
}

static inline Direction direction_of(const Rays* r, const Beam* b, int j) {
  Direction d = {(r->cosines[j] * b->co - r->sines[j] * b->so) * b->ce,
                 (r->sines[j] * b->co + r->cosines[j] * b->so) * b->ce, b->se};
  return d;
}

static float across_road(const float* g, float x, float y) {
  return -(x - g[ROAD_X]) * g[ROAD_SIN] + (y - g[ROAD_Y]) * g[ROAD_COS];
}

static float ground_z(const float* g, float x, float y) {
  float v = across_road(g, x, y);
  return v > g[ROAD_HALF_WIDTH] ? g[KERB_LEFT] : v < -g[ROAD_HALF_WIDTH] ? g[KERB_RIGHT] : 0;
}

static void cast_at_ground(Rays* r, const float* ground) {
  for (int i = 0; i < r->beams; i++) {
    Beam b = beam_of(r, i);
    for (int j = 0; j < r->columns; j++) {
      int k = i * r->columns + j;
      r->depth[k] = NO_HIT_METRES;
      r->object[k] = NOTHING;
      r->gain[k] = 0;
      r->pane_depth[k] = NO_HIT_METRES;
      if (!(b.se < -0.003f)) continue;
      Direction d = direction_of(r, &b, j);
      float t = -r->oz / b.se, z = 0;
      for (int round = 0; round < 3; round++) {
        float nz = ground_z(ground, r->ox + t * d.x, r->oy + t * d.y);
        if (nz == z) break;
        z = nz;
        t = (z - r->oz) / b.se;
      }
      if (t > 0 && t < r->max_range) {
        r->depth[k] = t;
        r->object[k] = GROUND;
        r->gain[k] = ground[GROUND_REFLECTIVITY] * (0.15f - 0.85f * b.se);
      }
    }
  }
}

// Returns 1 if the ray hits the ellipsoid; then t is the distance and g the brightness.
static inline int hit_ellipsoid(const Rays* r, const float* q, int p, int k, Direction d, float yc, float ys,
                                float* hit, float* bright) {
  float cx = q[CENTRE] - r->ox, cy = q[CENTRE + 1] - r->oy, cz = q[CENTRE + 2] - r->oz;
  float ax = (-cx * yc - cy * ys) / q[RADII], ay = (cx * ys - cy * yc) / q[RADII + 1],
        az = -cz / q[RADII + 2];
  float bx = (d.x * yc + d.y * ys) / q[RADII], by = (-d.x * ys + d.y * yc) / q[RADII + 1],
        bz = d.z / q[RADII + 2];
  float A = bx * bx + by * by + bz * bz, B = ax * bx + ay * by + az * bz, C = ax * ax + ay * ay + az * az - 1;
  float D = B * B - A * C;
  if (D <= 0) return 0;
  float s = sqrtf(D);
  float t = (-B - s) / A;
  if (q[POROSITY] > 0) {  // the hit is at a random depth
    float u = unit(mix32(r->seed ^ mix32(k * 131 + p)));
    if (u < q[POROSITY]) return 0;
    t += (u - q[POROSITY]) / (1 - q[POROSITY]) * 0.7f * (2 * s / A);
  }
  if (t < MIN_HIT_METRES) return 0;
  *hit = t;
  *bright = q[REFLECTIVITY] * (0.35f + 0.65f * s / sqrtf(B * B > A * C ? B * B : 1));
  return 1;
}

// Returns 1 if the ray returns from the polyhedron. Marks the ray if it passes glass.
static inline int hit_polyhedron(Rays* r, const Primitive* o, int p, int k, Direction d, float* hit,
                                 float* bright) {
  const float *q = o->numbers, *pl = o->planes;
  float t0 = 0, t1 = NO_HIT_METRES, n0 = 0, n1 = 0;
  int f0 = -1, f1 = -1;
  for (int f = 0; f < o->n_planes; f++) {
    float nd = pl[4 * f] * d.x + pl[4 * f + 1] * d.y + pl[4 * f + 2] * d.z;
    float no = pl[4 * f + 3] - (pl[4 * f] * r->ox + pl[4 * f + 1] * r->oy + pl[4 * f + 2] * r->oz);
    if (nd < -1e-9f) {
      float h = no / nd;
      if (h > t0) {
        t0 = h;
        f0 = f;
        n0 = -nd;
      }
    } else if (nd > 1e-9f) {
      float h = no / nd;
      if (h < t1) {
        t1 = h;
        f1 = f;
        n1 = nd;
      }
    } else if (no < 0) {
      return 0;
    }
    if (t0 > t1) return 0;
  }
  if (f0 < 0) return 0;
  uint32_t h = mix32(r->seed ^ mix32(k * 131 + p));
  if (q[POROSITY] > 0 && unit(h) < q[POROSITY]) return 0;
  float t = t0, n = n0;
  if (o->glass[f0]) {
    float u = unit(mix32(h));
    if (u < q[GLASS_LEAK]) {
      if (t0 < r->pane_depth[k]) {
        r->pane_depth[k] = t0;
        r->dimming[k] = q[DIMMING];
      }
      if (f1 < 0) return 0;
      float returned = q[RETURN_INSIDE] * (o->glass[f1] == FRONT_PANE ? 1.0f : 0.15f);
      if (o->glass[f1] && unit(mix32(h + 5)) >= returned) return 0;
      t = t1;
      n = n1;
    } else if (u < q[GLASS_LEAK] + 0.8f * (1 - q[GLASS_LEAK])) {
      // Mirrored away: no return, also from behind.
      if (t < r->depth[k]) {
        r->depth[k] = t;
        r->object[k] = o->object;
        r->gain[k] = 0;
      }
      return 0;
    }
  }
  *hit = t;
  *bright = q[REFLECTIVITY] *
            (q[SPECULAR] > 0 ? (1 - q[SPECULAR]) * (0.3f + 0.7f * n) + q[SPECULAR] * (0.07f + 0.93f * n * n)
                             : 0.25f + 0.75f * n);
  return 1;
}

// Casts the rays that may hit the bounding sphere of primitive number p.
static void cast_at_primitive(Rays* r, const Primitive* o, int p) {
  const float* q = o->numbers;
  float cx = q[CENTRE] - r->ox, cy = q[CENTRE + 1] - r->oy, cz = q[CENTRE + 2] - r->oz,
        radius = q[BOUNDING_RADIUS];
  float dh = sqrtf(cx * cx + cy * cy), distance = sqrtf(dh * dh + cz * cz);
  if (distance - radius > r->max_range || dh < 0.8f) return;
  int j0 = 0, jn = r->columns;
  float low = -2, high = 2;
  if (distance > radius * 1.02f) {
    float e = asinf(cz / distance), h = asinf(radius / distance);
    low = e - h;
    high = e + h;
  }
  if (dh > radius * 1.02f) {
    float mid = atan2f(cy, cx), half = asinf(radius / dh) + 0.012f;
    j0 = (int)floorf((mid - half - r->start) / r->step);
    jn = (int)ceilf(2 * half / r->step) + 2;
    if (jn > r->columns) jn = r->columns;
    // A tighter bound: the height span of the bounding sphere at its nearest and farthest horizontal
    // distance.
    float bottom = cz - radius, top = cz + radius;
    float low2 = bottom < 0 ? atan2f(bottom, dh - radius) : atan2f(bottom, dh + radius);
    float high2 = top > 0 ? atan2f(top, dh - radius) : atan2f(top, dh + radius);
    if (low2 > low) low = low2;
    if (high2 < high) high = high2;
  }
  float yc = cosf(q[YAW]), ys = sinf(q[YAW]);
  for (int i = 0; i < r->beams; i++) {
    if (r->elevations[i] < low || r->elevations[i] > high) continue;
    Beam b = beam_of(r, i);
    for (int jj = 0; jj < jn; jj++) {
      int j = j0 + jj;
      if (r->is_full_turn) {
        j %= r->columns;
        if (j < 0) j += r->columns;
      } else if (j < 0 || j >= r->columns) {
        continue;
      }
      int k = i * r->columns + j;
      Direction d = direction_of(r, &b, j);
      float t, g;
      int is_hit = o->kind == ELLIPSOID ? hit_ellipsoid(r, q, p, k, d, yc, ys, &t, &g)
                                        : hit_polyhedron(r, o, p, k, d, &t, &g);
      if (is_hit && t < r->depth[k] && t > MIN_HIT_METRES) {
        r->depth[k] = t;
        r->object[k] = o->object;
        r->gain[k] = g;
      }
    }
  }
}

// Writes the points of the rays that return, with the noise of the scanner and of the ground.
static int write_returns(const Rays* r, const float* bias, const float* ground, float noise, float power,
                         float drop, float mixed, float* out, int32_t* out_object, int most) {
  int n = 0;
  for (int i = 0; i < r->beams && n < most; i++) {
    Beam b = beam_of(r, i);
    for (int j = 0; j < r->columns && n < most; j++) {
      int k = i * r->columns + j;
      float t = r->depth[k];
      if (t >= r->max_range) continue;
      uint32_t h = mix32(r->seed * 2654435761U + k);
      float snr = r->gain[k] * (t > r->pane_depth[k] ? r->dimming[k] : 1) * power / (t * t);
      if (unit(h) > (1 - drop) * (1 - expf(-2 * snr))) continue;
      h = mix32(h + 1);
      float measured = t;
      int object = r->object[k];
      int next = j + 1 < r->columns ? j + 1 : r->is_full_turn ? 0 : j;
      float t2 = r->depth[i * r->columns + next];
      if (t2 < r->max_range && fabsf(t2 - t) > 0.25f && fabsf(t2 - t) < 3.5f && unit(h) < mixed) {
        measured = t + unit(mix32(h + 7)) * (t2 - t);
        object = MIXED;
      }
      measured += noise * gauss(h) + bias[i];
      Direction d = direction_of(r, &b, j);
      float x = r->ox + measured * d.x, y = r->oy + measured * d.y, z = r->oz + measured * d.z;
      if (object == GROUND) {
        uint32_t hh = mix32(h + 11);
        if (fabsf(across_road(ground, x, y)) > ground[ROAD_HALF_WIDTH])
          z += ground[VERGE_ROUGHNESS] * (-logf(unit(hh) + 1e-4f));
        else
          z += ground[ROAD_ROUGHNESS] * gauss(hh);
      }
      out[3 * n] = x;
      out[3 * n + 1] = y;
      out[3 * n + 2] = z;
      out_object[n] = object;
      n++;
    }
  }
  return n;
}

// prim, kind, obj, first, nplane: per primitive; plane, glass: per face, those of primitive p from first[p]
// on. elev, azoff, bias: per beam, radians, radians, metres. Returns the number of points written: xyz (3
// each), and what each hit (an object's id, GROUND or MIXED).
int raycast(int nprim, const float* prim, const int32_t* kind, const int32_t* obj, const int32_t* first,
            const int32_t* nplane, const float* plane, const uint8_t* glass, const float* origin, int nbeam,
            const float* elev, const float* azoff, const float* bias, int naz, float az0, float az1,
            const float* ground, float noise, float power, float maxrange, float drop, float mixp,
            uint32_t seed, float* out, int32_t* outobj, int maxout) {
  int total = nbeam * naz;
  float* floats = malloc(sizeof(float) * ((size_t)total * 4 + (size_t)naz * 2));
  int32_t* objects = malloc(sizeof(int32_t) * total);
  Rays r = {
      .beams = nbeam,
      .columns = naz,
      .is_full_turn = az1 - az0 > 6.28f,
      .elevations = elev,
      .offsets = azoff,
      .start = az0,
      .step = (az1 - az0) / naz,
      .ox = origin[0],
      .oy = origin[1],
      .oz = origin[2],
      .max_range = maxrange,
      .seed = seed,
      .depth = floats,
      .gain = floats + total,
      .pane_depth = floats + 2 * (size_t)total,
      .dimming = floats + 3 * (size_t)total,
      .cosines = floats + 4 * (size_t)total,
      .sines = floats + 4 * (size_t)total + naz,
      .object = objects,
  };
  for (int j = 0; j < naz; j++) {
    r.cosines[j] = cosf(az0 + j * r.step);
    r.sines[j] = sinf(az0 + j * r.step);
  }
  cast_at_ground(&r, ground);
  for (int p = 0; p < nprim; p++) {
    Primitive o = {
        prim + p * PRIMITIVE_FLOATS, plane + 4 * first[p], glass + first[p], kind[p], obj[p], nplane[p]};
    cast_at_primitive(&r, &o, p);
  }
  int n = write_returns(&r, bias, ground, noise, power, drop, mixp, out, outobj, maxout);
  free(floats);
  free(objects);
  return n;
}
