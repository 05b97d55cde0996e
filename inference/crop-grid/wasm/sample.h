/* Sampling: one point per voxel, then the smallest hashes of each tier. */
#pragma once
#include "grid.h"

#define MOST_VOXELS 65536

static i32 slots[2 * MOST_VOXELS];
static u32 slot_mask;
static struct {
  i32 x, y, z;
} voxels[MOST_VOXELS];
/* Of each voxel: the point that stands for it, its hash and its tier. */
static i32 voxel_points[MOST_VOXELS];
static u32 voxel_hashes[MOST_VOXELS];
static u8 voxel_tiers[MOST_VOXELS];
static i32 voxel_count;

/* ToInt32 of ECMAScript, for all numbers below 2^63. */
INLINE i32 to_int32(double value) { return (i32)(i64)value; }

/* A 32-bit finaliser ("lowbias32"). */
INLINE u32 mix(u32 h) {
  h ^= h >> 16;
  h *= 0x7feb352du;
  h ^= h >> 15;
  h *= 0x846ca68bu;
  h ^= h >> 16;
  return h;
}

INLINE v128_t mix4(v128_t h) {
  h = wasm_v128_xor(h, wasm_u32x4_shr(h, 16));
  h = wasm_i32x4_mul(h, wasm_u32x4_const_splat(0x7feb352d));
  h = wasm_v128_xor(h, wasm_u32x4_shr(h, 15));
  h = wasm_i32x4_mul(h, wasm_u32x4_const_splat(0x846ca68b));
  return wasm_v128_xor(h, wasm_u32x4_shr(h, 16));
}

#define HASH_X 73856093u
#define HASH_Y 19349663u
#define HASH_Z 83492791u

INLINE u32 hashed(double place) { return (u32)to_int32(__builtin_floor(place * 1000)); }

/* One point a voxel: the one with the smallest hash. */
INLINE void offer(i32 index, u32 tier, i32 kx, i32 ky, i32 kz, u32 hash, u32 start) {
  if (voxel_count >= MOST_VOXELS) return;
  for (u32 slot = start & slot_mask;; slot = (slot + 1) & slot_mask) {
    i32 at = slots[slot];
    if (at < 0) {
      slots[slot] = at = voxel_count++;
      voxels[at].x = kx;
      voxels[at].y = ky;
      voxels[at].z = kz;
    } else if (voxels[at].x != kx || voxels[at].y != ky || voxels[at].z != kz) {
      continue;
    } else if (hash >= voxel_hashes[at]) {
      return;
    }
    voxel_points[at] = index;
    voxel_hashes[at] = hash;
    voxel_tiers[at] = (u8)tier;
    return;
  }
}

static void offer_one(i32 i, double size) {
  double x = positions[3 * i], y = positions[3 * i + 1], z = positions[3 * i + 2];
  i32 kx = to_int32(__builtin_floor(x / size)), ky = to_int32(__builtin_floor(y / size)), kz = to_int32(__builtin_floor(z / size));
  u32 hash = mix(mix(hashed(x) * HASH_X ^ hashed(y) * HASH_Y) ^ hashed(z) * HASH_Z);
  offer(i, tier_of[i], kx, ky, kz, hash, mix((u32)kx * HASH_X ^ (u32)ky * HASH_Y ^ (u32)kz * HASH_Z));
}

/* Four numbers as float64, scaled and rounded down to integers. */
INLINE v128_t floors_of_product(v128_t low, v128_t high, v128_t by) {
  v128_t a = wasm_i32x4_trunc_sat_f64x2_zero(wasm_f64x2_floor(wasm_f64x2_mul(low, by)));
  v128_t b = wasm_i32x4_trunc_sat_f64x2_zero(wasm_f64x2_floor(wasm_f64x2_mul(high, by)));
  return wasm_i32x4_shuffle(a, b, 0, 1, 4, 5);
}

/* Fills `hash_of` of the first `n` candidates. */
INLINE void hash_candidates(i32 n) {
  v128_t thousand = wasm_f64x2_const_splat(1000);
  const u32 factors[3] = {HASH_X, HASH_Y, HASH_Z};
  /* Those behind the last have any values. */
  for (i32 k = n; k & 3; k++) candidates[k] = candidates[n - 1];
  for (i32 k = 0; k < n; k += 4) {
    const i32 *index = candidates + k;
    v128_t a = wasm_v128_load(positions + 3 * index[0]), b = wasm_v128_load(positions + 3 * index[1]);
    v128_t c = wasm_v128_load(positions + 3 * index[2]), d = wasm_v128_load(positions + 3 * index[3]);
    v128_t ab = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), cd = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5);
    v128_t abz = wasm_i32x4_shuffle(a, b, 2, 6, 2, 6), cdz = wasm_i32x4_shuffle(c, d, 2, 6, 2, 6);
    const v128_t axes[3][2] = {
        {ab, cd}, {wasm_i32x4_shuffle(ab, ab, 2, 3, 2, 3), wasm_i32x4_shuffle(cd, cd, 2, 3, 2, 3)}, {abz, cdz}};
    v128_t hash = wasm_i32x4_const_splat(0);
    for (i32 axis = 0; axis < 3; axis++) {
      v128_t low = wasm_f64x2_promote_low_f32x4(axes[axis][0]), high = wasm_f64x2_promote_low_f32x4(axes[axis][1]);
      hash = wasm_v128_xor(hash, wasm_i32x4_mul(floors_of_product(low, high, thousand), wasm_u32x4_splat(factors[axis])));
      if (axis > 0) hash = mix4(hash);
    }
    wasm_v128_store(hash_of + k, hash);
  }
}

INLINE void offer_hashed(i32 k, double size) {
  i32 i = candidates[k];
  double x = positions[3 * i], y = positions[3 * i + 1], z = positions[3 * i + 2];
  i32 kx = (i32)__builtin_floor(x / size), ky = (i32)__builtin_floor(y / size), kz = (i32)__builtin_floor(z / size);
  offer(i, tier_of[i], kx, ky, kz, hash_of[k], mix((u32)kx * HASH_X ^ (u32)ky * HASH_Y ^ (u32)kz * HASH_Z));
}

INLINE void start_voxels(i32 most) {
  u32 wanted = 1024;
  while (wanted < 2 * MOST_VOXELS && wanted < 2u * (u32)most) wanted *= 2;
  slot_mask = wanted - 1;
  __builtin_memset(slots, 0xff, wanted * sizeof *slots);
  voxel_count = 0;
}

/* One more is written than kept. */
static u64 keys[MOST_VOXELS + 1];
static i32 few[MOST_VOXELS + 1];
#define MOST_ROWS 256
static i32 chosen[MOST_ROWS];
EXPORT(chosen) void *chosen_points(void) { return chosen; }

INLINE void sort_keys(i32 n) {
  static const i32 GAPS[] = {57, 23, 10, 4, 1};
  for (u32 g = 0; g < sizeof GAPS / sizeof *GAPS; g++)
    for (i32 i = GAPS[g]; i < n; i++) {
      u64 key = keys[i];
      i32 j = i;
      for (; j >= GAPS[g] && keys[j - GAPS[g]] > key; j -= GAPS[g]) keys[j] = keys[j - GAPS[g]];
      keys[j] = key;
    }
}

/* Appends `wanted` points of a tier: all in the order of their voxels, or those with the smallest hashes. */
INLINE i32 take_tier(u32 tier, i32 have, i32 wanted, i32 used) {
  if (wanted == 0) return used;
  if (wanted >= have) {
    for (i32 i = 0; i < voxel_count; i++)
      if (voxel_tiers[i] == tier) chosen[used++] = voxel_points[i];
    return used;
  }
  /* Hashes are spread evenly: those below a little more than the expected limit hold the smallest. */
  for (double share = (1.25 * wanted + 8) / have;; share *= 2) {
    u32 limit = share >= 1 ? 0xffffffffu : (u32)(share * 4294967295.0);
    i32 n = 0;
    for (i32 i = 0; i < voxel_count; i++) {
      keys[n] = (u64)voxel_hashes[i] << 16 | (u64)i;
      n += (voxel_hashes[i] <= limit) & (voxel_tiers[i] == tier);
    }
    if (n < wanted) continue;
    sort_keys(n);
    for (i32 i = 0; i < wanted; i++) chosen[used++] = voxel_points[keys[i] & 0xffff];
    return used;
  }
}

/* How many voxels there are of each tier. */
INLINE void count_tiers(i32 *have) {
  have[1] = have[2] = 0;
  for (i32 i = 0; i < voxel_count; i++) {
    have[1] += voxel_tiers[i] == 1;
    have[2] += voxel_tiers[i] == 2;
  }
  have[0] = voxel_count - have[1] - have[2];
}

/* Cells of the grid in which every candidate gets its voxel. */
static u8 is_whole[CELLS * CELLS];

INLINE void mark_whole(i32 cell) {
  i32 row = cell / CELLS, column = cell % CELLS;
  for (i32 r = row > 0 ? row - 1 : 0; r <= row + 1 && r < CELLS; r++)
    for (i32 c = column > 0 ? column - 1 : 0; c <= column + 1 && c < CELLS; c++) is_whole[r * CELLS + c] = 1;
}

/*
 * As `choose`, of the points with hashes up to a limit and those in `is_whole` cells. -1 if they are too few,
 * or two hashes are equal.
 */
INLINE i32 choose_up_to(u32 limit, i32 n, double size, const i32 *quota, const i32 *is_small) {
  i32 kept = 0;
  for (i32 k = 0; k < n; k++) {
    few[kept] = k;
    kept += (hash_of[k] <= limit) | is_whole[cell_of[candidates[k]]];
  }
  start_voxels(kept);
  for (i32 k = 0; k < kept; k++) offer_hashed(few[k], size);
  /* Of a small tier all voxels are known, of the others those with hashes up to the limit. */
  i32 known[3] = {0, 0, 0}, taken[3], left = quota[0] + quota[1] + quota[2], used = 0;
  for (i32 i = 0; i < voxel_count; i++) {
    u32 t = voxel_tiers[i];
    known[t] += is_small[t] | (voxel_hashes[i] <= limit);
  }
  for (i32 t = 0; t < 3; t++) left -= taken[t] = least(known[t], quota[t]);
  for (i32 t = 0; t < 3; t++) {
    i32 more = least(left, known[t] - taken[t]);
    taken[t] += more;
    left -= more;
    if (!is_small[t] && taken[t] >= known[t]) return -1;
  }
  for (u32 t = 0; t < 3; t++) {
    if (taken[t] == known[t]) {
      used = take_tier(t, known[t], taken[t], used);
      continue;
    }
    i32 m = 0;
    for (i32 i = 0; i < voxel_count; i++)
      if (voxel_tiers[i] == t && (is_small[t] || voxel_hashes[i] <= limit)) keys[m++] = (u64)voxel_hashes[i] << 16 | (u64)i;
    sort_keys(m);
    for (i32 i = 0; i < taken[t]; i++) {
      if (keys[i] >> 16 == keys[i + 1] >> 16) return -1;
      chosen[used++] = voxel_points[keys[i] & 0xffff];
    }
  }
  return used;
}

/*
 * As `choose` for most samples, which take the few smallest hashes of many points: points with larger hashes
 * need no voxel. A tier with few points is looked at as a whole, with all that may share a voxel with it.
 * Returns how many points it chose, or 0 if every candidate has to be looked at: where a tier has too few
 * voxels after all, or two hashes are equal.
 */
static i32 choose_smallest(i32 n, double size, const i32 *quota) {
  i32 offered[3] = {0, 0, 0}, is_small[3], extra = 0;
  for (i32 k = 0; k < n; k++) offered[tier_of[candidates[k]]]++;
  for (i32 t = 0; t < 3; t++) {
    is_small[t] = offered[t] < 8 * quota[t] + 64;
    if (is_small[t] && offered[t] < quota[t]) extra += quota[t] - offered[t];
  }
  double share = 0;
  for (i32 t = 0; t < 3; t++)
    /* Several points may share a voxel: twice as many as are wanted are usually enough. */
    if (!is_small[t]) share = max(share, (2.0 * (quota[t] + extra) + 16) / offered[t]);
  if (share == 0) return 0;
  __builtin_memset(is_whole, 0, sizeof is_whole);
  for (i32 k = 0; k < n; k++)
    if (is_small[tier_of[candidates[k]]]) mark_whole(cell_of[candidates[k]]);
  for (; share <= 0.5; share *= 3) {
    i32 used = choose_up_to((u32)(share * 4294967295.0), n, size, quota, is_small);
    if (used >= 0) return used;
  }
  return 0;
}

/*
 * Fills `chosen` with at most `total` of the first `n` candidates, one a voxel of `size` metres: up to a
 * quota of each tier, the rest to tiers 0, 1, 2 in turn. How many they are.
 */
INLINE i32 choose(i32 n, double size, i32 quota0, i32 quota1, i32 quota2, i32 total) {
  const i32 quota[3] = {quota0, quota1, quota2};
  if (is_regular) {
    hash_candidates(n);
    if (quota0 + quota1 + quota2 == total && n >= 512 && n <= MOST_VOXELS) {
      i32 used = choose_smallest(n, size, quota);
      if (used > 0) return used;
    }
  }
  start_voxels(n);
  if (is_regular)
    for (i32 k = 0; k < n; k++) offer_hashed(k, size);
  else
    for (i32 k = 0; k < n; k++) offer_one(candidates[k], size);
  i32 have[3], taken[3];
  count_tiers(have);
  i32 left = total;
  for (i32 t = 0; t < 3; t++) left -= taken[t] = least(have[t], quota[t]);
  for (i32 t = 0; t < 3; t++) {
    i32 more = least(left, have[t] - taken[t]);
    taken[t] += more;
    left -= more;
  }
  i32 used = 0;
  for (i32 t = 0; t < 3; t++) used = take_tier((u32)t, have[t], taken[t], used);
  return used;
}
