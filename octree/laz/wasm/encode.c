/*
 * Encodes LAZ chunks of point formats 6 and 7 with extra bytes, of one scanner channel: a layer for each
 * dimension (LASzip compressor 3, items POINT14, RGB14 and BYTE14 of version 3). Compiled to encode.wasm by
 * build-wasm.mjs.
 *
 * Sources: A. Said's FastAC as the LAZ format fixes it; LASzip, laswriteitemcompressed_v3; the LASzip
 * specification for LAS 1.4. An independent implementation, the mirror of laz.c.
 *
 * The layers are written one after the other into one output. Each pass computes the contexts of the points
 * again: that costs less than a buffer for each layer.
 */
#include "models.h"

#define PAGE_BYTES 65536u
#define RECORD_BYTES 30u
#define COLOUR_BYTES 6u
/*
 * More than any layer takes for a point: GPS time has a symbol, and at most 3 of them before it changes the
 * sequence, and 9 bytes.
 */
#define MOST_POINT_BYTES 64u

extern u8 __heap_base;

/* ---- Arithmetic coder ---- */

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

/* ---- Records ---- */

/* A point of format 6 and what the layers need to know of it. */
typedef struct {
  i32 x, y, z;
  u32 intensity, r, n, flags, classification, user, source;
  i32 angle;
  u64 time;
  const u8 *colour, *extra;
} Point;

INLINE Point point_at(const u8 *record, u32 has_colour) {
  return (Point){
    .x = (i32)load32(record), .y = (i32)load32(record + 4), .z = (i32)load32(record + 8),
    .intensity = load16(record + 12),
    .r = record[14] & 15, .n = record[14] >> 4,
    /* Without the scanner channel, which is 0. */
    .flags = (record[15] & 15) | record[15] >> 6 << 4,
    .classification = record[16],
    .user = record[17],
    .angle = (short)load16(record + 18),
    .source = load16(record + 20),
    .time = load64(record + 22),
    .colour = record + RECORD_BYTES,
    .extra = record + RECORD_BYTES + (has_colour ? COLOUR_BYTES : 0),
  };
}

/* 0 to 3: neither first nor last return, last, first, both. */
INLINE u32 place_of(const Point *p) { return (p->r == 1 ? 2 : 0) + (p->r >= p->n ? 1 : 0); }

static const u8 *records;
static u32 count, record_bytes, has_colour;
/* For each point, the mean number of bits of the differences in x and y: a context of the height. */
static u8 *plane_bits;

#define FOR_EACH_POINT                                                                                             \
  Point last = point_at(records, has_colour);                                                                      \
  Point p = last;                                                                                                  \
  for (u32 i = 1; i < count && (p = point_at(records + i * record_bytes, has_colour), 1); i++, last = p)

/*
 * ---- Layers. Each returns its end, or its beginning if its value never changes: then the first point's
 * stands for all ----
 */

static u8 *encode_plane(u8 *out) {
  static Model *changed[8], *returns_by[16], *return_by[16], *return_step;
  static Integer dx, dy;
  static Median step_x[12], step_y[12];
  __builtin_memset(changed, 0, sizeof changed);
  __builtin_memset(returns_by, 0, sizeof returns_by);
  __builtin_memset(return_by, 0, sizeof return_by);
  return_step = 0;
  __builtin_memset(&dx, 0, sizeof dx);
  __builtin_memset(&dy, 0, sizeof dy);
  __builtin_memset(step_x, 0, sizeof step_x);
  __builtin_memset(step_y, 0, sizeof step_y);
  Coder c;
  start(&c, out);
  u32 was_new_time = 0;
  FOR_EACH_POINT {
    u32 context = (last.r == 1) + (last.r >= last.n ? 2 : 0) + 4 * was_new_time;
    u32 new_time = p.time != last.time;
    u32 step = (p.r - last.r) & 15;
    u32 how = step == 0 ? 0 : step == 1 ? 1 : step == 15 ? 2 : 3;
    u32 mask = how | (p.n != last.n) << 2 | (p.angle != last.angle) << 3 | new_time << 4 | (p.source != last.source) << 5;
    symbol(&c, model(&changed[context], 128), mask);
    if (p.n != last.n) symbol(&c, model(&returns_by[last.n], 16), p.n);
    if (how == 3) {
      if (new_time) symbol(&c, model(&return_by[last.r], 16), p.r);
      else symbol(&c, model(&return_step, 13), step - 2);
    }
    u32 single = p.n == 1, set = 2 * (RETURN_MAP_14[16 * p.n + p.r] - '0') + new_time;
    i32 move = (i32)((u32)p.x - (u32)last.x);
    put(&c, &dx, single, 32, (i32)((u32)move - (u32)step_x[set].values[2]));
    add(&step_x[set], move);
    move = (i32)((u32)p.y - (u32)last.y);
    put(&c, &dy, single + context_of_bits(dx.k, 20), 32, (i32)((u32)move - (u32)step_y[set].values[2]));
    add(&step_y[set], move);
    plane_bits[i] = (dx.k + dy.k) >> 1;
    was_new_time = new_time;
  }
  return finish(&c);
}

static u8 *encode_heights(u8 *out) {
  static Integer value;
  __builtin_memset(&value, 0, sizeof value);
  i32 recent[8];
  Coder c;
  start(&c, out);
  FOR_EACH_POINT {
    if (i == 1) for (u32 k = 0; k < 8; k++) recent[k] = last.z;
    u32 level = p.n > p.r ? p.n - p.r : p.r - p.n;
    if (level > 7) level = 7;
    put(&c, &value, (p.n == 1) + context_of_bits(plane_bits[i], 18), 32, (i32)((u32)p.z - (u32)recent[level]));
    recent[level] = p.z;
  }
  return finish(&c);
}

static u8 *encode_classes(u8 *out) {
  static Model *by[64];
  __builtin_memset(by, 0, sizeof by);
  u32 changes = 0;
  Coder c;
  start(&c, out);
  FOR_EACH_POINT {
    changes |= p.classification != last.classification;
    symbol(&c, model(&by[2 * (last.classification & 31) + (place_of(&p) == 3)], 256), p.classification);
  }
  return changes ? finish(&c) : out;
}

static u8 *encode_flags(u8 *out) {
  static Model *by[64];
  __builtin_memset(by, 0, sizeof by);
  u32 changes = 0;
  Coder c;
  start(&c, out);
  FOR_EACH_POINT {
    changes |= p.flags != last.flags;
    symbol(&c, model(&by[last.flags], 64), p.flags);
  }
  return changes ? finish(&c) : out;
}

static u8 *encode_intensities(u8 *out) {
  static Integer value;
  __builtin_memset(&value, 0, sizeof value);
  u32 recent[8], changes = 0;
  Coder c;
  start(&c, out);
  FOR_EACH_POINT {
    if (i == 1) for (u32 k = 0; k < 8; k++) recent[k] = last.intensity;
    changes |= p.intensity != last.intensity;
    u32 place = place_of(&p), context = 2 * place + (p.time != last.time);
    put(&c, &value, place, 16, (i32)p.intensity - (i32)recent[context]);
    recent[context] = p.intensity;
  }
  return changes ? finish(&c) : out;
}

static u8 *encode_angles(u8 *out) {
  static Integer value;
  __builtin_memset(&value, 0, sizeof value);
  u32 changes = 0;
  Coder c;
  start(&c, out);
  FOR_EACH_POINT {
    if (p.angle == last.angle) continue;
    changes = 1;
    put(&c, &value, p.time != last.time, 16, p.angle - last.angle);
  }
  return changes ? finish(&c) : out;
}

static u8 *encode_users(u8 *out) {
  static Model *by[64];
  __builtin_memset(by, 0, sizeof by);
  u32 changes = 0;
  Coder c;
  start(&c, out);
  FOR_EACH_POINT {
    changes |= p.user != last.user;
    symbol(&c, model(&by[last.user >> 2], 256), p.user);
  }
  return changes ? finish(&c) : out;
}

static u8 *encode_sources(u8 *out) {
  static Integer value;
  __builtin_memset(&value, 0, sizeof value);
  u32 changes = 0;
  Coder c;
  start(&c, out);
  FOR_EACH_POINT {
    if (p.source == last.source) continue;
    changes = 1;
    put(&c, &value, 0, 16, (i32)p.source - (i32)last.source);
  }
  return changes ? finish(&c) : out;
}

/* ---- GPS time: four sequences, each with the step that it goes on by ---- */

#define MULTIPLES 500
#define NEGATIVE_MULTIPLES 10
#define WHOLE_TIME (MULTIPLES + NEGATIVE_MULTIPLES + 1)
#define TIME_SYMBOLS (WHOLE_TIME + 4)

typedef struct {
  Model *multiple, *no_step;
  Integer value;
  u64 times[4];
  i32 steps[4];
  u32 extremes[4];
  u32 last, next;
} Time;

INLINE u32 fits(i64 difference) { return difference == (i64)(i32)difference; }

/* A step that the last one does not predict becomes the prediction when it has come four times. */
INLINE void extreme(Time *t, i32 step) {
  if (++t->extremes[t->last] <= 3) return;
  t->steps[t->last] = step;
  t->extremes[t->last] = 0;
}

/* The nearest whole multiple, rounded half away from zero. */
INLINE i32 multiple_of(i32 difference, i32 step) {
  float ratio = (float)difference / (float)step;
  if (ratio >= MULTIPLES) return MULTIPLES;
  if (ratio <= -NEGATIVE_MULTIPLES) return -NEGATIVE_MULTIPLES;
  return ratio >= 0 ? (i32)(ratio + 0.5f) : (i32)(ratio - 0.5f);
}

static void put_step(Coder *c, Time *t, i32 difference) {
  i32 step = t->steps[t->last], multiple = multiple_of(difference, step);
  u32 symbol_of, context;
  if (multiple == 0) symbol_of = 0, context = 7;
  else if (multiple > 0) symbol_of = multiple, context = multiple == 1 ? 1 : multiple < 10 ? 2 : multiple < MULTIPLES ? 3 : 4;
  else symbol_of = MULTIPLES - multiple, context = multiple > -NEGATIVE_MULTIPLES ? 5 : 6;
  symbol(c, model(&t->multiple, TIME_SYMBOLS), symbol_of);
  put(c, &t->value, context, 32, (i32)((u32)difference - (u32)multiple * (u32)step));
  if (multiple == 1) t->extremes[t->last] = 0;
  else if (context == 7 || context == 4 || context == 6) extreme(t, difference);
}

static void put_whole_time(Coder *c, Time *t, u64 time) {
  u64 last = t->times[t->last];
  put(c, &t->value, 8, 32, (i32)((u32)(time >> 32) - (u32)(last >> 32)));
  raw(c, 16, (u32)time & 0xffff);
  raw(c, 16, (u32)time >> 16);
  t->last = t->next = (t->next + 1) & 3;
  t->steps[t->last] = 0;
  t->extremes[t->last] = 0;
}

static void put_time(Coder *c, Time *t, u64 time) {
  if (!fits((i64)(time - t->times[t->last]))) {
    /* Another sequence may go on with it. */
    for (u32 i = 1; i < 4; i++) {
      u32 other = (t->last + i) & 3;
      if (!fits((i64)(time - t->times[other]))) continue;
      if (t->steps[t->last] == 0) symbol(c, model(&t->no_step, 5), i + 1);
      else symbol(c, model(&t->multiple, TIME_SYMBOLS), WHOLE_TIME + i);
      t->last = other;
      break;
    }
  }
  i64 difference = (i64)(time - t->times[t->last]);
  if (!fits(difference)) {
    if (t->steps[t->last] == 0) symbol(c, model(&t->no_step, 5), 1);
    else symbol(c, model(&t->multiple, TIME_SYMBOLS), WHOLE_TIME);
    put_whole_time(c, t, time);
  } else if (t->steps[t->last] == 0) {
    symbol(c, model(&t->no_step, 5), 0);
    put(c, &t->value, 0, 32, (i32)difference);
    t->steps[t->last] = (i32)difference;
    t->extremes[t->last] = 0;
  } else {
    put_step(c, t, (i32)difference);
  }
  t->times[t->last] = time;
}

static u8 *encode_times(u8 *out) {
  static Time t;
  __builtin_memset(&t, 0, sizeof t);
  u32 changes = 0;
  Coder c;
  start(&c, out);
  FOR_EACH_POINT {
    if (i == 1) t.times[0] = last.time;
    if (p.time == last.time) continue;
    changes = 1;
    put_time(&c, &t, p.time);
  }
  return changes ? finish(&c) : out;
}

/*
 * ---- Colour: which bytes changed, then the differences of those from what red, and the last colour, predict
 * ----
 */

static u8 *encode_colours(u8 *out) {
  static Model *used, *parts[6];
  used = 0;
  __builtin_memset(parts, 0, sizeof parts);
  u32 changes = 0;
  Coder c;
  start(&c, out);
  FOR_EACH_POINT {
    /* Bytes of red, green and blue, low before high. */
    const u8 *now = p.colour, *before = last.colour;
    u32 mask = 0;
    for (u32 k = 0; k < 6; k++) mask |= (now[k] != before[k]) << k;
    changes |= mask;
    u32 is_grey = load16(now) == load16(now + 2) && load16(now) == load16(now + 4);
    if (!is_grey) mask |= 64;
    symbol(&c, model(&used, 128), mask);
    if (mask & 1) symbol(&c, model(&parts[0], 256), (now[0] - before[0]) & 255);
    if (mask & 2) symbol(&c, model(&parts[1], 256), (now[1] - before[1]) & 255);
    if (is_grey) continue;
    for (u32 half = 0; half < 2; half++) {
      i32 step = now[half] - before[half];
      if (mask & (4u << half))
        symbol(&c, model(&parts[2 + half], 256), (now[2 + half] - clamp_byte(step + before[2 + half])) & 255);
      i32 both = (step + now[2 + half] - before[2 + half]) / 2;
      if (mask & (16u << half))
        symbol(&c, model(&parts[4 + half], 256), (now[4 + half] - clamp_byte(both + before[4 + half])) & 255);
    }
  }
  return changes ? finish(&c) : out;
}

static u8 *encode_extra(u8 *out, u32 byte) {
  Model *steps = 0;
  u32 changes = 0;
  Coder c;
  start(&c, out);
  FOR_EACH_POINT {
    u32 step = (p.extra[byte] - last.extra[byte]) & 255;
    changes |= step;
    symbol(&c, model(&steps, 256), step);
  }
  return changes ? finish(&c) : out;
}

/* ---- Layers of which no point differs from the first ---- */

/*
 * 1 if these bytes of the records, with the bits of `mask` in the first one, are not the same in all points.
 */
static u32 varies(u32 from, u32 bytes, u32 mask) {
  const u8 *first = records + from;
  for (const u8 *p = first + record_bytes, *end = first + count * record_bytes; p < end; p += record_bytes) {
    if ((p[0] ^ first[0]) & mask) return 1;
    for (u32 k = 1; k < bytes; k++) {
      if (p[k] != first[k]) return 1;
    }
  }
  return 0;
}

/*
 * Most dimensions of most clouds never change. Such a layer is empty, and to find that out costs far less
 * than to encode it in vain. `extra`: which of the extra bytes the layer is of.
 */
static u32 is_constant(u32 kind, u32 extra) {
  switch (kind) {
    case 0:
    case 1: return 0;
    case 2: return !varies(16, 1, 0xff);
    case 3: return !varies(15, 1, 0xcf);
    case 4: return !varies(12, 2, 0xff);
    case 5: return !varies(18, 2, 0xff);
    case 6: return !varies(17, 1, 0xff);
    case 7: return !varies(20, 2, 0xff);
    case 8: return !varies(22, 8, 0xff);
    case 9: return !varies(RECORD_BYTES, COLOUR_BYTES, 0xff);
    default: return !varies(RECORD_BYTES + (has_colour ? COLOUR_BYTES : 0) + extra, 1, 0xff);
  }
}

/* ---- What the caller sees ---- */

static u8 *output_at;

static u32 reserve(const u8 *end) {
  u32 needed = (u32)end, have = __builtin_wasm_memory_size(0) * PAGE_BYTES;
  return needed <= have || __builtin_wasm_memory_grow(0, (needed - have + PAGE_BYTES - 1) / PAGE_BYTES) != (u32)-1;
}

/* Room for records of so many bytes; null if there is none. */
EXPORT(input) u8 *input(u32 bytes) { return reserve(&__heap_base + bytes) ? &__heap_base : 0; }

EXPORT(output) u8 *output(void) { return output_at; }

INLINE void store32(u8 *p, u32 value) {
  for (u32 i = 0; i < 4; i++) p[i] = value >> 8 * i;
}

/*
 * Encodes the records in the input. Returns the bytes of the chunk, which begins at `output`; 0 if there is
 * no room.
 */
EXPORT(encode) u32 encode(u32 points, u32 bytes, u32 colour) {
  records = &__heap_base;
  count = points;
  record_bytes = bytes;
  has_colour = colour;
  plane_bits = (u8 *)&__heap_base + points * bytes;
  output_at = plane_bits + points;
  u32 extra = bytes - RECORD_BYTES - (colour ? COLOUR_BYTES : 0);
  u32 layers = 9 + colour + extra;
  u8 *sizes = output_at + bytes + 4;
  u8 *at = sizes + 4 * layers;
  if (!reserve(at)) return 0;
  __builtin_memcpy(output_at, records, bytes);
  store32(output_at + bytes, points);
  for (u32 layer = 0; layer < layers; layer++) {
    if (!reserve(at + points * MOST_POINT_BYTES + 64)) return 0;
    arena_used = 0;
    u8 *end = at;
    u32 kind = layer < 9 ? layer : colour && layer == 9 ? 9 : 10;
    if (points > 1 && !is_constant(kind, layer - 9 - colour)) {
      switch (kind) {
        case 0: end = encode_plane(at); break;
        case 1: end = encode_heights(at); break;
        case 2: end = encode_classes(at); break;
        case 3: end = encode_flags(at); break;
        case 4: end = encode_intensities(at); break;
        case 5: end = encode_angles(at); break;
        case 6: end = encode_users(at); break;
        case 7: end = encode_sources(at); break;
        case 8: end = encode_times(at); break;
        case 9: end = encode_colours(at); break;
        default: end = encode_extra(at, layer - 9 - colour);
      }
    }
    store32(sizes + 4 * layer, end - at);
    at = end;
  }
  return at - output_at;
}

/*
 * ---- The table of chunks: for each its points and its bytes, as differences from the chunk before it ----
 */

/*
 * `input` holds pairs of points and bytes, 32 bits each. Returns the bytes of the rows, which begin at
 * `output`.
 */
EXPORT(encode_table) u32 encode_table(u32 chunks) {
  static Integer values;
  __builtin_memset(&values, 0, sizeof values);
  arena_used = 0;
  output_at = (u8 *)&__heap_base + 8 * chunks;
  if (!reserve(output_at + 64 * chunks + 64)) return 0;
  Coder c;
  start(&c, output_at);
  for (u32 i = 0; i < chunks; i++) {
    const u8 *row = &__heap_base + 8 * i;
    for (u32 part = 0; part < 2; part++) {
      u32 before = i == 0 ? 0 : load32(row - 8 + 4 * part);
      put(&c, &values, part, 32, (i32)(load32(row + 4 * part) - before));
    }
  }
  return finish(&c) - output_at;
}
