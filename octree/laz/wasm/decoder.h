/* The arithmetic decoder, and integers as differences from their prediction; the values of one batch. */
#pragma once
#include "models.h"

#define PAGE_BYTES 65536u
/*
 * Space behind the input. A decoder of damaged data can read this far within one point before it is noticed.
 */
#define SLACK_BYTES 4096u
#define BATCH_POINTS 4096u

extern u8 __heap_base;

/* The decoded values of one batch. */
static i32 out_x[BATCH_POINTS], out_y[BATCH_POINTS], out_z[BATCH_POINTS];
static u16 out_intensity[BATCH_POINTS];
static u8 out_classification[BATCH_POINTS];
/* Return number in the low four bits, number of returns in the high four bits. */
static u8 out_returns[BATCH_POINTS];
static u16 out_colour[3 * BATCH_POINTS];
/*
 * The other dimensions, for those who copy a file. Flags: four (three) of the class, then scan direction and
 * edge of flight line, then the scanner channel in the two highest bits. Angles as stored.
 */
static u8 out_flags[BATCH_POINTS], out_user[BATCH_POINTS];
static i16 out_angle[BATCH_POINTS];
static u16 out_source[BATCH_POINTS], out_infrared[BATCH_POINTS];
static u64 out_time[BATCH_POINTS];
/* The first extra bytes of each point. */
#define KEPT_EXTRA 64u
static u8 out_extra[KEPT_EXTRA * BATCH_POINTS];

typedef struct {
  const u8 *at, *end;
  /* Invariant: value < length and length >= LEAST_LENGTH. */
  u32 value, length;
} Coder;

static void start(Coder *c, const u8 *at, const u8 *end) {
  c->at = at + 4;
  c->end = end;
  c->value = (u32)at[0] << 24 | at[1] << 16 | at[2] << 8 | at[3];
  c->length = 0xffffffffu;
  if (c->value == c->length) DAMAGED();
}

/* Called once per point; within one point a decoder reads at most SLACK_BYTES. */
INLINE void within(const Coder *c) {
  if (c->at > c->end) DAMAGED();
}

INLINE void narrow(Coder *c, u32 value, u32 length) {
  while (length < LEAST_LENGTH) {
    value = value << 8 | *c->at++;
    length <<= 8;
  }
  c->value = value;
  c->length = length;
}

INLINE u32 symbol(Coder *c, Model *m) {
  u32 unit = c->length >> SYMBOL_SHIFT;
  u32 share = c->value / unit;
  const u16 *cell = m->table + (share >> m->shift);
  Entry *entries = m->entries;
  u32 s = cell[0], end = cell[1] + 1u;
  while (end > s + 1) {
    u32 middle = (s + end) >> 1;
    if (entries[middle].start > share) end = middle;
    else s = middle;
  }
  u32 from = entries[s].start * unit;
  u32 to = s + 1u == m->symbols ? c->length : entries[s + 1].start * unit;
  narrow(c, c->value - from, to - from);
  entries[s].count++;
  if (--m->left == 0) update(m);
  return s;
}

INLINE u32 bit(Coder *c, Bit *b) {
  u32 split = b->probability * (c->length >> BIT_SHIFT);
  u32 is_one = c->value >= split;
  if (is_one) {
    narrow(c, c->value - split, c->length - split);
  } else {
    b->zeros++;
    narrow(c, c->value, split);
  }
  if (--b->left == 0) update_bit(b);
  return is_one;
}

/* Reads up to 19 bits that are stored without a model. */
INLINE u32 raw(Coder *c, u32 count) {
  u32 length = c->length >> count;
  u32 bits = c->value / length;
  if (bits >> count) DAMAGED();
  narrow(c, c->value - bits * length, length);
  return bits;
}

/* ---- Integers: a difference from the predicted value; its number of bits comes first ---- */

/*
 * `bits` is the width of the integers: 16 or 32. The sum of prediction and difference wraps at this width.
 */
INLINE i32 difference(Coder *c, Integer *ic, u32 context, u32 bits) {
  u32 k = symbol(c, model(&ic->lengths[context], bits + 1));
  ic->k = k;
  if (k == 0) {
    if (ic->zero.left == 0) new_bit(&ic->zero);
    return bit(c, &ic->zero);
  }
  if (k == 32) return (i32)0x80000000u;
  u32 value;
  if (k <= MODELLED_BITS) {
    value = symbol(c, model(&ic->high[k], 1u << k));
  } else {
    u32 low = k - MODELLED_BITS;
    value = symbol(c, model(&ic->high[k], 1u << MODELLED_BITS)) << low;
    if (low > 19) {
      u32 first = raw(c, 16);
      value |= raw(c, low - 16) << 16 | first;
    } else {
      value |= raw(c, low);
    }
  }
  /* A difference of k bits is from -(2^k - 1) to -2^(k-1), or from 2^(k-1) + 1 to 2^k. */
  return value >= 1u << (k - 1) ? (i32)(value + 1) : (i32)(value - (1u << k) + 1);
}
