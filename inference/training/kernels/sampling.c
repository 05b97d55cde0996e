// Chooses points of a crop: see sampling.h.
#include "sampling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "random.h"

static uint32_t point_hash(double x, double y, double z) {
  uint32_t h = (uint32_t)(int32_t)floor(x * 1000) * 73856093U;
  h = mix32(h ^ ((uint32_t)(int32_t)floor(y * 1000) * 19349663U));
  return mix32(h ^ ((uint32_t)(int32_t)floor(z * 1000) * 83492791U));
}

void add_candidate(Sample* w, int index, double x, double y, double z, double voxel, int tier) {
  if (w->n >= VOXEL_SLOTS / 2) return;
  int32_t kx = (int32_t)floor(x / voxel), ky = (int32_t)floor(y / voxel), kz = (int32_t)floor(z / voxel);
  uint32_t h = mix32((uint32_t)kx * 73856093U ^ (uint32_t)ky * 19349663U ^ (uint32_t)kz * 83492791U) &
               (VOXEL_SLOTS - 1);
  uint32_t ph = point_hash(x, y, z);
  for (;;) {
    int32_t s = w->slot[h];
    if (s < 0) {
      w->slot[h] = w->n;
      int32_t* k = w->key + 3 * w->n;
      k[0] = kx;
      k[1] = ky;
      k[2] = kz;
      w->all[w->n].index = index;
      w->all[w->n].at = w->n;
      w->all[w->n].hash = ph;
      w->tier[w->n] = tier;
      w->n++;
      return;
    }
    int32_t* k = w->key + 3 * s;
    if (k[0] == kx && k[1] == ky && k[2] == kz) {
      if (ph < w->all[s].hash) {
        w->all[s].index = index;
        w->all[s].hash = ph;
        w->tier[s] = tier;
      }
      return;
    }
    h = (h + 1) & (VOXEL_SLOTS - 1);
  }
}

static int by_hash(const void* x, const void* y) {
  const Candidate *a = x, *b = y;
  return a->hash < b->hash ? -1 : a->hash > b->hash ? 1 : a->at - b->at;
}

int choose_points(Sample* w, const int* quota, int total, int32_t* out) {
  for (int t = 0; t < 3; t++) w->count[t] = 0;
  for (int i = 0; i < w->n; i++) w->list[w->tier[i]][w->count[w->tier[i]]++] = w->all[i];
  int take[3], left = total;
  for (int t = 0; t < 3; t++) {
    take[t] = w->count[t] < quota[t] ? w->count[t] : quota[t];
    left -= take[t];
  }
  for (int t = 0; t < 3; t++) {
    int more = w->count[t] - take[t];
    if (more > left) more = left;
    take[t] += more;
    left -= more;
  }
  int n = 0;
  for (int t = 0; t < 3; t++) {
    int m = w->count[t];
    if (take[t] < m) {
      // Hashes are uniform: those below a limit slightly above the expected one include the smallest.
      Candidate* few = w->all + VOXEL_SLOTS / 2;  // the free half
      int k = 0;
      for (double share = 1.25 * take[t] / m + 8.0 / m;; share *= 2) {
        k = 0;
        uint32_t limit = share >= 1 ? 0xffffffffU : (uint32_t)(share * 4294967295.0);
        for (int i = 0; i < m; i++)
          if (w->list[t][i].hash <= limit) few[k++] = w->list[t][i];
        if (k >= take[t]) break;
      }
      qsort(few, k, sizeof(Candidate), by_hash);
      for (int i = 0; i < take[t]; i++) out[n++] = few[i].index;
    } else
      for (int i = 0; i < m; i++) out[n++] = w->list[t][i].index;
  }
  return n;
}

Sample* new_sample(void) {
  Sample* w = malloc(sizeof(Sample));
  w->slot = malloc(sizeof(int32_t) * VOXEL_SLOTS);
  w->key = malloc(sizeof(int32_t) * 3 * VOXEL_SLOTS);
  w->tier = malloc(VOXEL_SLOTS);
  w->all = malloc(sizeof(Candidate) * VOXEL_SLOTS);
  for (int t = 0; t < 3; t++) w->list[t] = malloc(sizeof(Candidate) * VOXEL_SLOTS);
  return w;
}

void start_sample(Sample* w) {
  memset(w->slot, 255, sizeof(int32_t) * VOXEL_SLOTS);
  w->n = 0;
}

void free_sample(Sample* w) {
  free(w->slot);
  free(w->key);
  free(w->tier);
  free(w->all);
  for (int t = 0; t < 3; t++) free(w->list[t]);
  free(w);
}
