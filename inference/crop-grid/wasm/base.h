/* Types and arithmetic of all files here. */
#pragma once

#include <wasm_simd128.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef int i32;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name)))
#define INLINE static inline __attribute__((always_inline))

INLINE double min(double a, double b) { return a < b ? a : b; }
INLINE double max(double a, double b) { return a > b ? a : b; }
INLINE i32 least(i32 a, i32 b) { return a < b ? a : b; }
INLINE double clamp(double value, double low, double high) { return min(high, max(low, value)); }
