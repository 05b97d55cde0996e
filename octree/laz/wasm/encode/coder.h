/*
 * Encodes symbols, bits and integers with an arithmetic coder. Sources: A. Said's FastAC as the LAZ format
 * fixes it; LASzip, IntegerCompressor.
 */

typedef struct {
  u8 *at;
  u32 base, length;
} Coder;

static void start(Coder *c, u8 *at) {
  c->at = at;
  c->base = 0;
  c->length = 0xffffffffu;
}

/*
 * The byte before the first one of a layer is never 0xff for long: a layer begins with base 0, which cannot
 * overflow before it has put one.
 */
static __attribute__((noinline)) void carry(Coder *c) {
  u8 *p = c->at - 1;
  while (*p == 0xff) *p-- = 0;
  ++*p;
}

INLINE void advance(Coder *c, u32 by, u32 length) {
  u32 base = c->base + by;
  if (base < c->base) carry(c);
  while (length < LEAST_LENGTH) {
    *c->at++ = base >> 24;
    base <<= 8;
    length <<= 8;
  }
  c->base = base;
  c->length = length;
}

INLINE void symbol(Coder *c, Model *m, u32 s) {
  u32 unit = c->length >> SYMBOL_SHIFT;
  Entry *entries = m->entries;
  u32 from = entries[s].start * unit;
  u32 to = s + 1u == m->symbols ? c->length : entries[s + 1].start * unit;
  advance(c, from, to - from);
  entries[s].count++;
  if (--m->left == 0) update(m);
}

INLINE void bit(Coder *c, Bit *b, u32 is_one) {
  u32 split = b->probability * (c->length >> BIT_SHIFT);
  if (is_one) {
    advance(c, split, c->length - split);
  } else {
    b->zeros++;
    advance(c, 0, split);
  }
  if (--b->left == 0) update_bit(b);
}

/* Up to 19 bits as they are. */
INLINE void raw(Coder *c, u32 count, u32 bits) {
  u32 length = c->length >> count;
  advance(c, bits * length, length);
}

/* Enough bytes that a decoder, which reads ahead, finds the last symbol. Returns the end of the layer. */
static u8 *finish(Coder *c) {
  u32 is_long = c->length > 2 * LEAST_LENGTH;
  if (is_long) advance(c, LEAST_LENGTH, LEAST_LENGTH >> 1);
  else advance(c, LEAST_LENGTH >> 1, LEAST_LENGTH >> 9);
  for (u32 i = 0; i < 2 + is_long; i++) *c->at++ = 0;
  return c->at;
}

/* ---- Integers ---- */

/* `difference` of real and predicted value. `bits`: 16 or 32, the width at which it wraps. */
INLINE void put(Coder *c, Integer *ic, u32 context, u32 bits, i32 difference) {
  i32 value = bits == 16 ? (i32)(short)difference : difference;
  u32 magnitude = value <= 0 ? 0u - (u32)value : (u32)value - 1;
  u32 k = magnitude == 0 ? 0 : 32 - __builtin_clz(magnitude);
  symbol(c, model(&ic->lengths[context], bits + 1), k);
  ic->k = k;
  if (k == 0) {
    if (ic->zero.left == 0) new_bit(&ic->zero);
    bit(c, &ic->zero, (u32)value);
    return;
  }
  if (k == 32) return;
  u32 code = value < 0 ? (u32)value + (1u << k) - 1 : (u32)value - 1;
  if (k <= MODELLED_BITS) {
    symbol(c, model(&ic->high[k], 1u << k), code);
    return;
  }
  u32 low = k - MODELLED_BITS, rest = code & ((1u << low) - 1);
  symbol(c, model(&ic->high[k], 1u << MODELLED_BITS), code >> low);
  if (low > 19) {
    raw(c, 16, rest & 0xffff);
    raw(c, low - 16, rest >> 16);
  } else {
    raw(c, low, rest);
  }
}
