/*
 * The records of a node: its points sorted by intensity, then by height, and packed one after the other.
 * ../../../../build-wasm.mjs compiles this file to records.wasm; ../node-records.ts fills the memory.
 */
typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int i32;

#define EXPORT(name) __attribute__((export_name(#name)))

#define DIGIT_BITS 11
#define DIGITS (1 << DIGIT_BITS)

extern u8 __heap_base;

/* The first byte that is free for the columns. */
EXPORT(heap) u8 *heap(void) { return &__heap_base; }

/* A pass of a stable radix sort of `order` by a digit of the keys; 0 if all points have the same one. */
static u32 sort_by_digit(u32 points, u32 shift, const u64 *keys, const u32 *order, u32 *sorted) {
  static u32 next[DIGITS];
  __builtin_memset(next, 0, sizeof next);
  for (u32 i = 0; i < points; i++) next[keys[i] >> shift & (DIGITS - 1)]++;
  if (next[keys[0] >> shift & (DIGITS - 1)] == points) return 0;
  for (u32 digit = 0, start = 0; digit < DIGITS; digit++) {
    u32 points_of_digit = next[digit];
    next[digit] = start;
    start += points_of_digit;
  }
  for (u32 i = 0; i < points; i++) {
    u32 point = order[i];
    sorted[next[keys[point] >> shift & (DIGITS - 1)]++] = point;
  }
  return 1;
}

/* Sorts by the keys, which are below 2^bits. Returns the one of both orders that holds the result. */
static u32 *sort_by(u32 points, u32 bits, const u64 *keys, u32 *order, u32 *other) {
  for (u32 shift = 0; shift < bits; shift += DIGIT_BITS) {
    if (!sort_by_digit(points, shift, keys, order, other)) continue;
    u32 *swap = order;
    order = other, other = swap;
  }
  return order;
}

/* Counts keys from the least one; returns the bits of the largest. */
static u32 from_least(u32 points, u64 *keys) {
  u64 least = keys[0], most = keys[0];
  for (u32 i = 1; i < points; i++) {
    if (keys[i] < least) least = keys[i];
    if (keys[i] > most) most = keys[i];
  }
  for (u32 i = 0; i < points; i++) keys[i] -= least;
  return most == least ? 0 : 64 - __builtin_clzll(most - least);
}

/* Whole numbers in the order of the values; -0 is 0. */
static u64 key_of_float(u32 bits) {
  if (bits == 0x80000000u) bits = 0;
  return bits >> 31 ? ~bits : bits | 0x80000000u;
}
static u64 key_of_double(u64 bits) {
  if (bits == 1ull << 63) bits = 0;
  return bits >> 63 ? ~bits : bits | 1ull << 63;
}

/* The points as they are. */
EXPORT(number) void number(u32 points, u32 *order) {
  for (u32 i = 0; i < points; i++) order[i] = i;
}

/*
 * Sorts the points in `order` by intensity, in values of so many bytes (0: there are none), then by height;
 * equal ones keep their order. There is room for as many keys, and for as many numbers in `other`; one of
 * both orders holds the result and is returned.
 */
EXPORT(sort) u32 *sort(
    u32 points, const void *intensity, u32 bytes, const i32 *z, u64 *keys, u32 *order, u32 *other) {
  if (points == 0) return order;
  i32 lowest = z[0], highest = z[0];
  for (u32 i = 1; i < points; i++) {
    if (z[i] < lowest) lowest = z[i];
    if (z[i] > highest) highest = z[i];
  }
  u32 extent = (u32)highest - (u32)lowest, z_bits = extent == 0 ? 0 : 32 - __builtin_clz(extent);
  if (bytes == 2)
    for (u32 i = 0; i < points; i++) keys[i] = ((const u16 *)intensity)[i];
  else if (bytes == 4)
    for (u32 i = 0; i < points; i++) keys[i] = key_of_float(((const u32 *)intensity)[i]);
  else if (bytes == 8)
    for (u32 i = 0; i < points; i++) keys[i] = (u32)z[i] - (u32)lowest;
  else
    for (u32 i = 0; i < points; i++) keys[i] = 0;
  if (bytes == 8) {
    /* Both do not fit into one key. */
    u32 *by_height = sort_by(points, z_bits, keys, order, other);
    for (u32 i = 0; i < points; i++) keys[i] = key_of_double(((const u64 *)intensity)[i]);
    return sort_by(points, from_least(points, keys), keys, by_height, by_height == order ? other : order);
  }
  u32 bits = from_least(points, keys);
  for (u32 i = 0; i < points; i++) keys[i] = keys[i] << z_bits | ((u32)z[i] - (u32)lowest);
  return sort_by(points, bits + z_bits, keys, order, other);
}

/* Puts values of so many bytes, in this order, to the byte `at` of each record of `stride` bytes. */
#define PACK(type, bytes)                                                                   \
  EXPORT(pack_##bytes)                                                                      \
  void pack_##bytes(u32 points, const type *values, const u32 *order, u8 *at, u32 stride) { \
    for (u32 i = 0; i < points; i++, at += stride) __builtin_memcpy(at, values + order[i], bytes); \
  }
PACK(u8, 1)
PACK(u16, 2)
PACK(u32, 4)
PACK(u64, 8)
