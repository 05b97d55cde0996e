/*
 * Decodes three things: LAZ chunks with points of formats 0 to 5, which lie in one stream, point after point
 * (LASzip compressor 2); LAZ chunks with points of formats 6 to 10, which have a layer for each dimension
 * (compressor 3); and the chunk table. build-wasm.mjs compiles this file to laz.wasm.
 *
 * Sources: A. Said's FastAC in the variant of the LAZ format (frequencies of 15 and 13 bits, and a fixed
 * schedule for updating the models); the LASzip code base (integercompressor; lasreaditemcompressed_v2:
 * POINT10, GPSTIME11, RGB12, BYTE; _v3: POINT14, RGB14, RGBNIR14); the LASzip specification for LAS 1.4. This
 * is an independent implementation.
 *
 * No input can make this code access memory outside of its module. Bytes that no encoder writes cause a trap,
 * which the caller sees as an exception. A trap does not unwind the stack, so the caller must discard this
 * instance.
 */
#include "models.h"

/* ---- Memory ---- */

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

/* ---- Arithmetic coder ---- */

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

/* ---- Colour: RGB12 and RGB14 have the same coding ---- */

typedef struct { Model *used, *parts[6]; } Colour;

/*
 * Before the call, `last` is the red, green and blue of the point that predicts this one; afterwards it is
 * the colour of this point.
 */
INLINE void decode_colour(Coder *c, Colour *state, u16 *last) {
  u32 used = symbol(c, model(&state->used, 128));
  u32 red = last[0], green = last[1], blue = last[2];
  u32 low = red & 255, high = red >> 8;
  if (used & 1) low = (low + symbol(c, model(&state->parts[0], 256))) & 255;
  if (used & 2) high = (high + symbol(c, model(&state->parts[1], 256))) & 255;
  last[0] = low | high << 8;
  if (!(used & 64)) {
    last[1] = last[2] = last[0];
    return;
  }
  i32 step = (i32)low - (i32)(red & 255);
  u32 green_low = green & 255, green_high = green >> 8, blue_low = blue & 255, blue_high = blue >> 8;
  if (used & 4) green_low = (symbol(c, model(&state->parts[2], 256)) + clamp_byte(step + (i32)green_low)) & 255;
  if (used & 16) {
    u32 part = symbol(c, model(&state->parts[4], 256));
    i32 both = (step + (i32)green_low - (i32)(green & 255)) / 2;
    blue_low = (part + clamp_byte(both + (i32)blue_low)) & 255;
  }
  step = (i32)high - (i32)(red >> 8);
  if (used & 8) green_high = (symbol(c, model(&state->parts[3], 256)) + clamp_byte(step + (i32)green_high)) & 255;
  if (used & 32) {
    u32 part = symbol(c, model(&state->parts[5], 256));
    i32 both = (step + (i32)green_high - (i32)(green >> 8)) / 2;
    blue_high = (part + clamp_byte(both + (i32)blue_high)) & 255;
  }
  last[1] = green_low | green_high << 8;
  last[2] = blue_low | blue_high << 8;
}

/*
 * ---- GPS time of formats 1 and 3. It is not returned, but must be decoded to reach the points after it ----
 */

#define MULTIPLES 500
#define NEGATIVE_MULTIPLES 10
#define UNCHANGED (MULTIPLES + NEGATIVE_MULTIPLES + 1)
#define WHOLE_TIME (UNCHANGED + 1)
#define TIME_SYMBOLS (MULTIPLES + NEGATIVE_MULTIPLES + 6)
/* For a point, an encoder switches the sequence at most once, to one that the time continues. */
#define MOST_SWITCHES 4

typedef struct {
  Model *multiple, *no_step;
  Integer value;
  u64 times[4];
  i32 steps[4];
  u32 extremes[4];
  u32 last, next;
} Time;

INLINE void whole_time(Coder *c, Time *t) {
  u32 high = (u32)(t->times[t->last] >> 32) + (u32)difference(c, &t->value, 8, 32);
  u32 low = raw(c, 16);
  low |= raw(c, 16) << 16;
  t->last = t->next = (t->next + 1) & 3;
  t->times[t->last] = (u64)high << 32 | low;
  t->steps[t->last] = 0;
  t->extremes[t->last] = 0;
}

/* A step that differs from the prediction becomes the new prediction after it has occurred four times. */
INLINE void extreme(Time *t, i32 step) {
  if (++t->extremes[t->last] <= 3) return;
  t->steps[t->last] = step;
  t->extremes[t->last] = 0;
}

/* Not inlined: most points have the same time as the last one, or the predicted time. */
static __attribute__((noinline)) void decode_time(Coder *c, Time *t) {
  for (u32 switches = 0;; switches++) {
    if (switches > MOST_SWITCHES) DAMAGED();
    u32 last = t->last;
    i32 step = t->steps[last];
    if (step == 0) {
      u32 how = symbol(c, model(&t->no_step, 6));
      if (how == 0) return;
      if (how == 1) {
        t->steps[last] = difference(c, &t->value, 0, 32);
        t->times[last] += (i64)t->steps[last];
        t->extremes[last] = 0;
        return;
      }
      if (how == 2) return whole_time(c, t);
      t->last = (last + how - 2) & 3;
      continue;
    }
    u32 how = symbol(c, model(&t->multiple, TIME_SYMBOLS));
    if (how == UNCHANGED) return;
    if (how == WHOLE_TIME) return whole_time(c, t);
    if (how > WHOLE_TIME) {
      t->last = (last + how - WHOLE_TIME) & 3;
      continue;
    }
    i32 multiple, context;
    if (how == 0) multiple = 0, context = 7;
    else if (how <= MULTIPLES) multiple = how, context = how == 1 ? 1 : how < 10 ? 2 : how < MULTIPLES ? 3 : 4;
    else multiple = MULTIPLES - (i32)how, context = multiple > -NEGATIVE_MULTIPLES ? 5 : 6;
    i32 moved = (i32)((u32)multiple * (u32)step + (u32)difference(c, &t->value, context, 32));
    t->times[last] += (i64)moved;
    if (how == 1) t->extremes[last] = 0;
    else if (context == 7 || context == 4 || context == 6) extreme(t, moved);
    return;
  }
}

/*
 * ---- Waveform packets of formats 4 and 5. They are not returned either. Source: LASzip,
 * lasreaditemcompressed_v1, WAVEPACKET13 ----
 */

/* Bytes of a packet in a record. */
#define WAVE_BYTES 29

typedef struct {
  Model *descriptor, *offset_kinds[4];
  Integer offset, size, location, direction;
  u32 offset_kind;
} Wave;

/*
 * The decoded values are not kept. They are only added to predictions, so they do not affect how later values
 * are read.
 */
static __attribute__((noinline)) void skip_wave(Coder *c, Wave *w) {
  symbol(c, model(&w->descriptor, 256));
  w->offset_kind = symbol(c, model(&w->offset_kinds[w->offset_kind], 4));
  if (w->offset_kind == 2) difference(c, &w->offset, 0, 32);
  if (w->offset_kind == 3) {
    for (u32 part = 0; part < 4; part++) raw(c, 16);
  }
  difference(c, &w->size, 0, 32);
  difference(c, &w->location, 0, 32);
  for (u32 axis = 0; axis < 3; axis++) difference(c, &w->direction, axis, 32);
}

/* ---- Formats 0 to 5: one stream of points ---- */

/*
 * Tables by number of returns n and return r, 0 to 7 each: contexts, and the number of returns between them.
 * Source: LASzip, number_return_map, number_return_level.
 */
static const u8 RETURN_MAP[64] = {
  15, 14, 13, 12, 11, 10, 9, 8,   14, 0, 1, 3, 6, 10, 10, 9,      13, 1, 2, 4, 7, 11, 11, 10,     12, 3, 4, 5, 8, 12, 12, 11,
  11, 6, 7, 8, 9, 13, 13, 12,     10, 10, 11, 12, 13, 14, 14, 13, 9, 10, 11, 12, 13, 14, 15, 14,  8, 9, 10, 11, 12, 13, 14, 15,
};

typedef struct {
  Coder coder;
  u32 has_time, has_colour, has_wave, extra;
  i32 x, y, z;
  u32 intensity, flags, classification, angle, user, source;
  Model *changed, *angles[2];
  Model *flags_by[256], *classification_by[256], *user_by[256];
  Integer dx, dy, dz, intensities, sources;
  Median step_x[16], step_y[16];
  u32 intensity_by[16];
  i32 height_by[8];
  Time time;
  Colour colours;
  Wave wave;
  u16 colour[3];
  Model **extra_models;
} Stream;

static Stream stream;

INLINE void decode_point(Coder *c, Stream *s) {
  u32 changed = symbol(c, model(&s->changed, 64));
  if (changed & 32) s->flags = symbol(c, model(&s->flags_by[s->flags], 256));
  u32 r = s->flags & 7, n = s->flags >> 3 & 7;
  u32 map = RETURN_MAP[8 * n + r];
  u32 level = n > r ? n - r : r - n;
  if (changed) {
    if (changed & 16) {
      u32 context = map < 3 ? map : 3;
      s->intensity_by[map] = (s->intensity_by[map] + (u32)difference(c, &s->intensities, context, 16)) & 0xffff;
    }
    s->intensity = s->intensity_by[map];
    if (changed & 8) s->classification = symbol(c, model(&s->classification_by[s->classification], 256));
    if (changed & 4) s->angle = (s->angle + symbol(c, model(&s->angles[s->flags >> 6 & 1], 256))) & 255;
    if (changed & 2) s->user = symbol(c, model(&s->user_by[s->user], 256));
    if (changed & 1) s->source = (s->source + (u32)difference(c, &s->sources, 0, 16)) & 0xffff;
  }
  u32 single = n == 1;
  i32 step = (i32)((u32)s->step_x[map].values[2] + (u32)difference(c, &s->dx, single, 32));
  add(&s->step_x[map], step);
  s->x = (i32)((u32)s->x + (u32)step);
  step = (i32)((u32)s->step_y[map].values[2] + (u32)difference(c, &s->dy, single + context_of_bits(s->dx.k, 20), 32));
  add(&s->step_y[map], step);
  s->y = (i32)((u32)s->y + (u32)step);
  u32 context = single + context_of_bits((s->dx.k + s->dy.k) >> 1, 18);
  s->z = s->height_by[level] = (i32)((u32)s->height_by[level] + (u32)difference(c, &s->dz, context, 32));
}

INLINE void put_point(const Stream *s, u32 i) {
  out_x[i] = s->x;
  out_y[i] = s->y;
  out_z[i] = s->z;
  out_intensity[i] = s->intensity;
  out_classification[i] = s->classification & 31;
  out_returns[i] = (s->flags & 7) | (s->flags >> 3 & 7) << 4;
  if (!s->has_colour) return;
  for (u32 part = 0; part < 3; part++) out_colour[3 * i + part] = s->colour[part];
}

static void decode_stream(u32 from, u32 count) {
  Stream *s = &stream;
  Coder c = s->coder;
  for (u32 i = from; i < count; i++) {
    decode_point(&c, s);
    if (s->has_time) {
      /* A copy, so that the compiler can keep the coder in registers. */
      Coder copy = c;
      decode_time(&copy, &s->time);
      c = copy;
    }
    if (s->has_colour) decode_colour(&c, &s->colours, s->colour);
    if (s->has_wave) {
      Coder copy = c;
      skip_wave(&copy, &s->wave);
      c = copy;
    }
    for (u32 k = 0; k < s->extra; k++) symbol(&c, model(&s->extra_models[k], 256));
    within(&c);
    put_point(s, i);
  }
  s->coder = c;
}

static void begin_stream(const u8 *record, const u8 *end, u32 format, u32 extra) {
  Stream *s = &stream;
  __builtin_memset(s, 0, sizeof *s);
  s->has_wave = format >= 4;
  s->has_time = format & 1 || s->has_wave;
  s->has_colour = format == 2 || format == 3 || format == 5;
  s->extra = extra;
  s->extra_models = allocate(extra * sizeof(Model *));
  __builtin_memset(s->extra_models, 0, extra * sizeof(Model *));
  s->x = load32(record);
  s->y = load32(record + 4);
  s->z = load32(record + 8);
  s->intensity = load16(record + 12);
  s->flags = record[14];
  s->classification = record[15];
  s->angle = record[16];
  s->user = record[17];
  s->source = load16(record + 18);
  const u8 *at = record + 20;
  if (s->has_time) {
    s->time.times[0] = load64(at);
    at += 8;
  }
  if (s->has_colour) {
    for (u32 part = 0; part < 3; part++) s->colour[part] = load16(at + 2 * part);
    at += 6;
  }
  if (s->has_wave) at += WAVE_BYTES;
  start(&s->coder, at + extra, end);
}

/* ---- Formats 6 to 8: layers ---- */

enum { PLANE_LAYER, HEIGHT_LAYER, CLASSIFICATION_LAYER, INTENSITY_LAYER = 4, COLOUR_LAYER = 9, LAYERS };
enum { WANT_INTENSITY = 1, WANT_CLASSIFICATION = 2, WANT_COLOUR = 4 };

#define CHANNEL_CHANGED 64
#define TIME_CHANGED 16
#define RETURNS_CHANGED 4

/*
 * State of each of the four scanner channels. A channel starts with the last values of the channel before it.
 */
typedef struct {
  i32 x, y;
  u32 r, n, new_time, begun;
  Model *changed[8], *next_channel, *returns_by[16], *return_by[16], *return_step;
  Integer dx, dy;
  Median step_x[12], step_y[12];
} PlaneChannel;

typedef struct { u32 begun; i32 last; i32 recent[8]; Integer value; } ValueChannel;
typedef struct { u32 begun, last; Model *by[64]; } ClassChannel;
typedef struct { u32 begun; u16 last[3]; Colour models; } ColourChannel;

typedef struct {
  Coder coder;
  /* The scanner channel of the last point. */
  u32 at;
  /* 1 if the layer is decoded; if 0, all points have the value of the first point. */
  u32 live;
} Layer;

static Layer layers[LAYERS];
static PlaneChannel planes[4];
static ValueChannel heights[4], intensities[4];
static ClassChannel classes[4];
static ColourChannel colours[4];

/* Properties of each point of a batch that other layers need. */
typedef struct {
  u8 channel, single, new_time;
  /* The channel that the colour layer uses as its context. */
  u8 told;
  /* Which return it is; 0: neither first nor last, 1: last, 2: first, 3: both. */
  u8 place;
  /* Number of returns after this one, at most 7. */
  u8 level;
  /* Mean number of bits of the differences in x and y. */
  u8 bits;
} Traits;

static Traits traits[BATCH_POINTS];

/*
 * In version 4 of the items, the colour layer uses the channel of every point as its context, and each
 * channel continues from its own last colour. Nearly all files have version 3, which has two peculiarities
 * that a decoder must repeat. First, the colour layer uses the channel only where it changes, and channel 0
 * elsewhere. Second, after a change to a channel that occurred before, the first colour is predicted from the
 * last colour of the previous channel, and is stored there too; only the models are those of the new channel.
 * Sources: LASzip, lasreaditemcompressed_v3 and _v4 (POINT14, RGB14); laz-perf.
 */
static u32 is_channel_told;

static void begin_plane(PlaneChannel *to, const PlaneChannel *from) {
  __builtin_memset(to, 0, sizeof *to);
  to->x = from->x;
  to->y = from->y;
  to->r = from->r;
  to->n = from->n;
  to->begun = 1;
}

INLINE void decode_returns(Coder *c, PlaneChannel *p, u32 changed, u32 new_time) {
  u32 last = p->r;
  if (changed & RETURNS_CHANGED) p->n = symbol(c, model(&p->returns_by[p->n], 16));
  switch (changed & 3) {
    case 0: break;
    case 1: p->r = (last + 1) & 15; break;
    case 2: p->r = (last + 15) & 15; break;
    default:
      if (new_time) p->r = symbol(c, model(&p->return_by[last], 16));
      else p->r = (last + symbol(c, model(&p->return_step, 13)) + 2) & 15;
  }
}

static void decode_plane(u32 from, u32 count) {
  Coder c = layers[PLANE_LAYER].coder;
  u32 at = layers[PLANE_LAYER].at;
  PlaneChannel *p = &planes[at];
  for (u32 i = from; i < count; i++) {
    u32 place = (p->r == 1) + (p->r >= p->n ? 2 : 0) + 4 * p->new_time;
    u32 changed = symbol(&c, model(&p->changed[place], 128));
    if (changed & CHANNEL_CHANGED) {
      at = (at + symbol(&c, model(&p->next_channel, 3)) + 1) & 3;
      if (!planes[at].begun) begin_plane(&planes[at], p);
      p = &planes[at];
    }
    u32 new_time = changed & TIME_CHANGED ? 1 : 0;
    decode_returns(&c, p, changed, new_time);
    u32 r = p->r, n = p->n, single = n == 1;
    u32 set = 2 * (RETURN_MAP_14[16 * n + r] - '0') + new_time;
    i32 step = (i32)((u32)p->step_x[set].values[2] + (u32)difference(&c, &p->dx, single, 32));
    add(&p->step_x[set], step);
    p->x = (i32)((u32)p->x + (u32)step);
    step = (i32)((u32)p->step_y[set].values[2] + (u32)difference(&c, &p->dy, single + context_of_bits(p->dx.k, 20), 32));
    add(&p->step_y[set], step);
    p->y = (i32)((u32)p->y + (u32)step);
    p->new_time = new_time;
    within(&c);
    out_x[i] = p->x;
    out_y[i] = p->y;
    out_returns[i] = r | n << 4;
    u32 level = n > r ? n - r : r - n;
    Traits *t = &traits[i];
    t->channel = at;
    t->told = is_channel_told || changed & CHANNEL_CHANGED ? at : 0;
    t->single = single;
    t->new_time = new_time;
    t->place = (r == 1 ? 2 : 0) + (r >= n ? 1 : 0);
    t->level = level < 7 ? level : 7;
    t->bits = (p->dx.k + p->dy.k) >> 1;
  }
  layers[PLANE_LAYER].coder = c;
  layers[PLANE_LAYER].at = at;
}

static void begin_value(ValueChannel *v, i32 last) {
  __builtin_memset(v, 0, sizeof *v);
  v->begun = 1;
  v->last = last;
  for (u32 i = 0; i < 8; i++) v->recent[i] = last;
}

static void decode_heights(u32 from, u32 count) {
  Layer *layer = &layers[HEIGHT_LAYER];
  Coder c = layer->coder;
  ValueChannel *v = &heights[layer->at];
  for (u32 i = from; i < count; i++) {
    const Traits *t = &traits[i];
    ValueChannel *next = &heights[t->channel];
    if (!next->begun) begin_value(next, v->last);
    v = next;
    if (layer->live) {
      u32 context = t->single + context_of_bits(t->bits, 18);
      v->last = v->recent[t->level] = (i32)((u32)v->recent[t->level] + (u32)difference(&c, &v->value, context, 32));
      within(&c);
    }
    out_z[i] = v->last;
  }
  layer->coder = c;
  layer->at = v - heights;
}

static void decode_intensities(u32 from, u32 count) {
  Layer *layer = &layers[INTENSITY_LAYER];
  Coder c = layer->coder;
  ValueChannel *v = &intensities[layer->at];
  for (u32 i = from; i < count; i++) {
    const Traits *t = &traits[i];
    ValueChannel *next = &intensities[t->channel];
    if (!next->begun) begin_value(next, v->last);
    v = next;
    if (layer->live) {
      u32 context = 2 * t->place + t->new_time;
      v->last = v->recent[context] = (v->recent[context] + difference(&c, &v->value, t->place, 16)) & 0xffff;
      within(&c);
    }
    out_intensity[i] = v->last;
  }
  layer->coder = c;
  layer->at = v - intensities;
}

static void decode_classes(u32 from, u32 count) {
  Layer *layer = &layers[CLASSIFICATION_LAYER];
  Coder c = layer->coder;
  ClassChannel *k = &classes[layer->at];
  for (u32 i = from; i < count; i++) {
    const Traits *t = &traits[i];
    ClassChannel *next = &classes[t->channel];
    if (!next->begun) {
      __builtin_memset(next, 0, sizeof *next);
      next->begun = 1;
      next->last = k->last;
    }
    k = next;
    if (layer->live) {
      k->last = symbol(&c, model(&k->by[2 * (k->last & 31) + (t->place == 3)], 256));
      within(&c);
    }
    out_classification[i] = k->last;
  }
  layer->coder = c;
  layer->at = k - classes;
}

static void begin_colour(ColourChannel *to, const u16 *last) {
  __builtin_memset(to, 0, sizeof *to);
  to->begun = 1;
  for (u32 part = 0; part < 3; part++) to->last[part] = last[part];
}

static void decode_colours(u32 from, u32 count) {
  Layer *layer = &layers[COLOUR_LAYER];
  Coder c = layer->coder;
  ColourChannel *k = &colours[layer->at];
  for (u32 i = from; i < count; i++) {
    ColourChannel *next = &colours[traits[i].told];
    u16 *last = k->last;
    if (!next->begun) {
      begin_colour(next, last);
      last = next->last;
    } else if (is_channel_told) {
      last = next->last;
    }
    k = next;
    if (layer->live) {
      decode_colour(&c, &k->models, last);
      within(&c);
    }
    for (u32 part = 0; part < 3; part++) out_colour[3 * i + part] = last[part];
  }
  layer->coder = c;
  layer->at = k - colours;
}

static u32 wanted;

static void decode_layers(u32 from, u32 count) {
  decode_plane(from, count);
  decode_heights(from, count);
  if (wanted & WANT_INTENSITY) decode_intensities(from, count);
  if (wanted & WANT_CLASSIFICATION) decode_classes(from, count);
  if (wanted & WANT_COLOUR) decode_colours(from, count);
}

/*
 * A chunk has: a raw record, the number of points, the size of each layer, and the layers. The caller has
 * checked that together they have the size of the chunk.
 */
static void begin_layers(const u8 *record, u32 record_bytes, u32 sizes, u32 points) {
  __builtin_memset(layers, 0, sizeof layers);
  const u8 *size = record + record_bytes + 4, *at = size + 4 * sizes;
  u32 channel = record[15] >> 4 & 3;
  for (u32 i = 0; i < LAYERS && i < sizes; i++) {
    u32 bytes = load32(size + 4 * i);
    u32 skipped = (i == INTENSITY_LAYER && !(wanted & WANT_INTENSITY)) ||
                  (i == CLASSIFICATION_LAYER && !(wanted & WANT_CLASSIFICATION)) || (i == COLOUR_LAYER && !(wanted & WANT_COLOUR));
    u32 used = i == PLANE_LAYER || i == HEIGHT_LAYER || i == CLASSIFICATION_LAYER || i == INTENSITY_LAYER || i == COLOUR_LAYER;
    layers[i].at = channel;
    if (used && !skipped && points > 1 && (bytes > 0 || i == PLANE_LAYER)) {
      layers[i].live = 1;
      start(&layers[i].coder, at, at + bytes);
    }
    at += bytes;
  }
  for (u32 i = 0; i < 4; i++) {
    planes[i].begun = heights[i].begun = intensities[i].begun = classes[i].begun = colours[i].begun = 0;
  }
  PlaneChannel first = {.x = (i32)load32(record), .y = (i32)load32(record + 4), .r = record[14] & 15, .n = record[14] >> 4};
  begin_plane(&planes[channel], &first);
  begin_value(&heights[channel], (i32)load32(record + 8));
  begin_value(&intensities[channel], load16(record + 12));
  __builtin_memset(&classes[channel], 0, sizeof classes[channel]);
  classes[channel].begun = 1;
  classes[channel].last = record[16];
  u16 colour[3] = {0};
  if (wanted & WANT_COLOUR) {
    for (u32 part = 0; part < 3; part++) colour[part] = load16(record + 30 + 2 * part);
  }
  begin_colour(&colours[channel], colour);
}

static void put_first_layered(void) {
  u32 at = layers[PLANE_LAYER].at;
  out_x[0] = planes[at].x;
  out_y[0] = planes[at].y;
  out_z[0] = heights[at].last;
  out_intensity[0] = intensities[at].last;
  out_classification[0] = classes[at].last;
  out_returns[0] = planes[at].r | planes[at].n << 4;
  for (u32 part = 0; part < 3; part++) out_colour[part] = colours[at].last[part];
}

/* ---- The chunk table: for each chunk its number of points, if that varies, and its number of bytes ---- */

static Coder table_coder;
static Integer table_values;
static u32 table_varies, table_points, table_bytes;

static void decode_table(u32 count) {
  Coder c = table_coder;
  for (u32 i = 0; i < count; i++) {
    if (table_varies) table_points += (u32)difference(&c, &table_values, 0, 32);
    table_bytes += (u32)difference(&c, &table_values, 1, 32);
    within(&c);
    out_x[i] = table_points;
    out_y[i] = table_bytes;
  }
  table_coder = c;
}

/* ---- Exported functions ---- */

static enum { STREAM, IN_LAYERS, TABLE } mode;
/* 1 while the first point of a chunk, which is stored raw, has not been returned yet. */
static u32 is_first;

/* Reserves memory for an input of `bytes` bytes; null if there is not enough. */
EXPORT(input) u8 *input(u32 bytes) {
  u32 needed = (u32)&__heap_base + bytes + SLACK_BYTES;
  u32 have = __builtin_wasm_memory_size(0) * PAGE_BYTES;
  if (needed < bytes) return 0;
  if (needed > have && __builtin_wasm_memory_grow(0, (needed - have + PAGE_BYTES - 1) / PAGE_BYTES) == (u32)-1) return 0;
  return &__heap_base;
}

static const u8 *begin(u32 bytes) {
  arena_used = 0;
  is_first = 1;
  __builtin_memset(&__heap_base + bytes, 0, SLACK_BYTES);
  return &__heap_base;
}

/* Starts a chunk of point format 0 to 5 in the input; each record has `extra` extra bytes. */
EXPORT(begin_stream) void begin_stream_chunk(u32 bytes, u32 format, u32 extra) {
  const u8 *chunk = begin(bytes);
  mode = STREAM;
  begin_stream(chunk, chunk + bytes, format, extra);
}

/*
 * Starts a chunk of point format 6 to 10 in the input. It has `points` points in `sizes` layers; its items
 * have this version.
 */
EXPORT(begin_layers) void begin_layers_chunk(u32 bytes, u32 record_bytes, u32 sizes, u32 points, u32 want, u32 version) {
  const u8 *chunk = begin(bytes);
  mode = IN_LAYERS;
  wanted = want;
  is_channel_told = version >= 4;
  begin_layers(chunk, record_bytes, sizes, points);
}

EXPORT(begin_table) void begin_table(u32 bytes, u32 varies) {
  const u8 *table = begin(bytes);
  mode = TABLE;
  __builtin_memset(&table_values, 0, sizeof table_values);
  table_varies = varies;
  table_points = table_bytes = 0;
  start(&table_coder, table, table + bytes);
}

/* Decodes the next points, or rows of the chunk table: at most BATCH_POINTS. */
EXPORT(decode) void decode(u32 count) {
  if (count == 0 || count > BATCH_POINTS) DAMAGED();
  if (mode == TABLE) return decode_table(count);
  u32 from = is_first;
  is_first = 0;
  if (mode == STREAM) {
    if (from) {
      put_point(&stream, 0);
      /* As LASzip does: the first point's intensity does not predict the intensity of the next one. */
      stream.intensity = 0;
    }
    decode_stream(from, count);
  } else {
    if (from) put_first_layered();
    if (from < count) decode_layers(from, count);
  }
}

/*
 * Zero bytes that an encoder may write after the last byte that a decoder needs. LASzip, laz-perf and lazrs
 * write none.
 */
#define MOST_PADDING 4

static u32 is_used_up(const Coder *c) {
  if (c->at > c->end || c->end - c->at > MOST_PADDING) return 0;
  for (const u8 *p = c->at; p < c->end; p++) {
    if (*p) return 0;
  }
  return 1;
}

/*
 * Call after the last point. Returns 1 if the stream, or every decoded layer, ends here. After a wrong bit, a
 * decoder almost never stops exactly at the end. LAZ has no checksum; this check comes closest to one.
 */
EXPORT(is_finished) u32 is_finished(void) {
  if (mode == STREAM) return is_used_up(&stream.coder);
  for (u32 i = 0; i < LAYERS; i++) {
    if (layers[i].live && !is_used_up(&layers[i].coder)) return 0;
  }
  return 1;
}

EXPORT(batch_points) u32 batch_points(void) { return BATCH_POINTS; }

/*
 * The arrays that `decode` fills: x (in the chunk table: points of a chunk), y (in the chunk table: bytes of
 * a chunk), z, intensity, classification, returns, colour.
 */
EXPORT(column) void *column(u32 index) {
  void *columns[] = {out_x, out_y, out_z, out_intensity, out_classification, out_returns, out_colour};
  if (index >= sizeof columns / sizeof *columns) DAMAGED();
  return columns[index];
}
