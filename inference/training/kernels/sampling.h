// Chooses points of a crop without randomness, in the same steps as ../../crop-grid/testing/sample.ts: one
// point per voxel, then the smallest hashes of each tier.
#pragma once
#include <stdint.h>

#define VOXEL_SLOTS 131072

typedef struct {
  int32_t index, at;
  uint32_t hash;
} Candidate;
typedef struct {
  int32_t* slot;
  int32_t* key;
  Candidate* list[3];
  int count[3];
  uint8_t* tier;
  Candidate* all;
  int n;
} Sample;

Sample* new_sample(void);
void free_sample(Sample* w);

/* Forgets all candidates. */
void start_sample(Sample* w);

/* Keeps one point per voxel: the one with the smallest hash. `voxel`: the side of a voxel, metres. */
void add_candidate(Sample* w, int index, double x, double y, double z, double voxel, int tier);

/* Each tier keeps the `quota` smallest hashes; free places are given to the tiers 0, 1, 2 in turn. Returns
 * how many indices were written. */
int choose_points(Sample* w, const int* quota, int total, int32_t* out);
