// Random numbers by hashing: the same seed gives the same scan.
#pragma once
#include <stdint.h>

static inline uint32_t mix32(uint32_t h) {
  h ^= h >> 16;
  h *= 0x7feb352dU;
  h ^= h >> 15;
  h *= 0x846ca68bU;
  h ^= h >> 16;
  return h;
}
static inline float unit(uint32_t h) {
  return (h >> 8) * (1.0f / 16777216.0f);
}
static inline float gauss(uint32_t h) {
  // Sum of four uniforms: close enough to a normal for range noise.
  uint32_t a = mix32(h + 0x9e3779b9U), b = mix32(a + 0x85ebca6bU), c = mix32(b + 0xc2b2ae35U),
           d = mix32(c + 0x27d4eb2fU);
  return (unit(a) + unit(b) + unit(c) + unit(d) - 2.0f) * 1.7320508f;
}
