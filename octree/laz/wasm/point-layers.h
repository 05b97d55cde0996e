/* Decodes points of formats 6 to 10, which have a layer for each dimension (LASzip compressor 3). */
#pragma once
#include "colour.h"
#include "gps-time.h"

enum {
  PLANE_LAYER, HEIGHT_LAYER, CLASSIFICATION_LAYER, FLAGS_LAYER, INTENSITY_LAYER, ANGLE_LAYER, USER_LAYER, SOURCE_LAYER, TIME_LAYER,
  COLOUR_LAYER, INFRARED_LAYER, LAYERS
};
enum { WANT_INTENSITY = 1, WANT_CLASSIFICATION = 2, WANT_COLOUR = 4, WANT_OTHERS = 8 };

#define CHANNEL_CHANGED 64
#define SOURCE_CHANGED 32
#define TIME_CHANGED 16
#define ANGLE_CHANGED 8
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
  /* The changes that the first layer tells. */
  u8 changed;
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
    t->changed = changed;
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

/* Which dimension each layer has needs the caller's wish, and the point format: those of 9 have no colour. */
static u32 is_wanted(u32 layer, u32 has_colour, u32 has_infrared) {
  switch (layer) {
    case PLANE_LAYER:
    case HEIGHT_LAYER: return 1;
    case INTENSITY_LAYER: return wanted & WANT_INTENSITY;
    case CLASSIFICATION_LAYER: return wanted & WANT_CLASSIFICATION;
    case COLOUR_LAYER: return has_colour && wanted & WANT_COLOUR;
    case INFRARED_LAYER: return has_infrared && wanted & WANT_OTHERS;
    default: return wanted & WANT_OTHERS;
  }
}

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
static void begin_layers(const u8 *record, u32 record_bytes, u32 sizes, u32 points, u32 format) {
  __builtin_memset(layers, 0, sizeof layers);
  const u8 *size = record + record_bytes + 4, *at = size + 4 * sizes;
  u32 channel = record[15] >> 4 & 3;
  for (u32 i = 0; i < LAYERS && i < sizes; i++) {
    u32 bytes = load32(size + 4 * i);
    layers[i].at = channel;
    if (is_wanted(i, format != 6 && format != 9, format == 8 || format == 10) && points > 1 && (bytes > 0 || i == PLANE_LAYER)) {
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
