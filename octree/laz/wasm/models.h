/*
 * What the decoder (laz.c) and the encoder (encode.c) of LAZ have in common: the adaptive models of A. Said's
 * FastAC as the LAZ format fixes them, the contexts that predict a value, and memory for the models. Sources:
 * see laz.c.
 */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef short i16;
typedef int i32;
typedef unsigned int u32;
typedef long long i64;
typedef unsigned long long u64;

#define EXPORT(name) __attribute__((export_name(#name)))
#define INLINE static inline __attribute__((always_inline))
#define DAMAGED() __builtin_trap()

/* ---- Memory for models ---- */

/*
 * Models of a chunk. Those of formats 0 to 3 take 1.3 MB if every context is used, those of 6 to 8 2 MB, an
 * extra byte 1.3 KB.
 */
#define ARENA_BYTES (4u << 20)

static u8 arena[ARENA_BYTES] __attribute__((aligned(16)));
static u32 arena_used;

INLINE u32 load16(const u8 *p) { return p[0] | p[1] << 8; }
INLINE u32 load32(const u8 *p) { return load16(p) | load16(p + 2) << 16; }
INLINE u64 load64(const u8 *p) { return load32(p) | (u64)load32(p + 4) << 32; }

static void *allocate(u32 bytes) {
  u32 at = arena_used;
  arena_used = at + ((bytes + 15) & ~15u);
  if (arena_used > ARENA_BYTES) DAMAGED();
  return arena + at;
}

/* ---- Models ---- */

#define LEAST_LENGTH 0x01000000u
#define SYMBOL_SHIFT 15
#define BIT_SHIFT 13
#define BIT_LONGEST_CYCLE 64u

/* Where a symbol's share of 2^15 begins, and how often it was seen. */
typedef struct { u16 start, count; } Entry;

typedef struct {
  /* Symbols until the next update, and between the last two. */
  u32 left, cycle;
  u32 total;
  u16 symbols, shift;
  /* For the high bits of a share: the last symbol that begins at or before it. Narrows the search down. */
  u16 *table;
  Entry entries[];
} Model;

typedef struct { u32 left, cycle, total, zeros, probability; } Bit;

static void update(Model *m) {
  u32 symbols = m->symbols, shift = m->shift;
  Entry *entries = m->entries;
  u16 *table = m->table;
  m->total += m->cycle;
  if (m->total > 1u << SYMBOL_SHIFT) {
    u32 total = 0;
    for (u32 i = 0; i < symbols; i++) total += entries[i].count = (entries[i].count + 1) >> 1;
    m->total = total;
  }
  u32 scale = 0x80000000u / m->total, sum = 0, filled = 0;
  for (u32 i = 0; i < symbols; i++) {
    u32 start = scale * sum >> (31 - SYMBOL_SHIFT);
    entries[i].start = start;
    sum += entries[i].count;
    for (u32 cell = start >> shift; filled < cell;) table[++filled] = i - 1;
  }
  for (u32 last = (1u << (SYMBOL_SHIFT - shift)) + 1; filled < last;) table[++filled] = symbols - 1;
  u32 cycle = 5 * m->cycle >> 2, longest = (symbols + 6) << 3;
  m->left = m->cycle = cycle < longest ? cycle : longest;
}

static Model *new_model(u32 symbols) {
  u32 bits = 3;
  while (symbols > 1u << (bits + 2)) bits++;
  if (symbols > 8) bits++;
  /*
   * Two cells more: the last symbol's share goes on a little beyond 2^15, as lengths are no multiples of it.
   */
  u32 cells = (1u << bits) + 2;
  Model *m = allocate(sizeof(Model) + symbols * sizeof(Entry) + cells * 2);
  m->symbols = symbols;
  m->shift = SYMBOL_SHIFT - bits;
  m->table = (u16 *)(m->entries + symbols);
  m->table[0] = 0;
  for (u32 i = 0; i < symbols; i++) m->entries[i].count = 1;
  m->total = 0;
  m->cycle = symbols;
  update(m);
  m->left = m->cycle = (symbols + 6) >> 1;
  return m;
}

/* Models are made when they are first used: most contexts of most chunks are never seen. */
INLINE Model *model(Model **slot, u32 symbols) {
  if (!*slot) *slot = new_model(symbols);
  return *slot;
}

static void new_bit(Bit *b) {
  b->left = b->cycle = 4;
  b->total = 2;
  b->zeros = 1;
  b->probability = 1u << (BIT_SHIFT - 1);
}

static void update_bit(Bit *b) {
  b->total += b->cycle;
  if (b->total > 1u << BIT_SHIFT) {
    b->total = (b->total + 1) >> 1;
    b->zeros = (b->zeros + 1) >> 1;
    if (b->zeros == b->total) b->total++;
  }
  u32 scale = 0x80000000u / b->total;
  b->probability = b->zeros * scale >> (31 - BIT_SHIFT);
  u32 cycle = 5 * b->cycle >> 2;
  b->left = b->cycle = cycle < BIT_LONGEST_CYCLE ? cycle : BIT_LONGEST_CYCLE;
}

/* ---- Integers: the difference from a prediction, its number of bits first ---- */

/* Of longer differences, only this many high bits have a model. */
#define MODELLED_BITS 8
#define MOST_CONTEXTS 22

typedef struct {
  Model *lengths[MOST_CONTEXTS];
  Model *high[33];
  Bit zero;
  /* Bits of the last difference: a context for what is decoded next. */
  u32 k;
} Integer;

INLINE u32 context_of_bits(u32 k, u32 most) { return k < most ? k & ~1u : most; }

/* ---- Five recent values in order, the middle one of which predicts the next ---- */

typedef struct { i32 values[5]; u32 drops_least; } Median;

/*
 * Puts a value in its place; the greatest leaves, or the least, until new values begin to lie on that side of
 * the middle.
 */
INLINE void add(Median *m, i32 value) {
  i32 *v = m->values;
  i32 middle = v[2];
  if (!m->drops_least) {
    u32 at = 4;
    for (; at > 0 && v[at - 1] > value; at--) v[at] = v[at - 1];
    v[at] = value;
    if (value >= middle) m->drops_least = 1;
  } else {
    u32 at = 0;
    for (; at < 4 && v[at + 1] < value; at++) v[at] = v[at + 1];
    v[at] = value;
    if (value <= middle) m->drops_least = 0;
  }
}

/* ---- Contexts of points ---- */

/*
 * By returns n and return r, 0 to 15 each, sound or not. Source: LASzip specification for LAS 1.4,
 * number_return_map_6ctx.
 */
static const char RETURN_MAP_14[] =
  "0123453445555555" "1013333333333333" "2124444444433333" "3345444444444444" "4344544444444444" "5344454444444444"
  "3344445444444444" "4344444544444444" "4344444454444444" "5344444445444444" "5344444444544444" "5334444444455444"
  "5334444444455544" "5334444444445554" "5334444444444555" "5334444444444455";

INLINE u32 clamp_byte(i32 value) { return value < 0 ? 0 : value > 255 ? 255 : value; }

