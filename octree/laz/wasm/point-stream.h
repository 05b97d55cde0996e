/* Decodes points of formats 0 to 5, which lie in one stream, point after point (LASzip compressor 2). */
#pragma once
#include "colour.h"
#include "gps-time.h"

/*
 * Tables by number of returns n and return r, 0 to 7 each: contexts, and the number of returns between them.
 * Source: LASzip, number_return_map, number_return_level.
 */
static const u8 RETURN_MAP[64] = {
  15, 14, 13, 12, 11, 10, 9, 8,   14, 0, 1, 3, 6, 10, 10, 9,      13, 1, 2, 4, 7, 11, 11, 10,     12, 3, 4, 5, 8, 12, 12, 11,
  11, 6, 7, 8, 9, 13, 13, 12,     10, 10, 11, 12, 13, 14, 14, 13, 9, 10, 11, 12, 13, 14, 15, 14,  8, 9, 10, 11, 12, 13, 14, 15,
};

/*
 * ---- Waveform packets of formats 4 and 5 are skipped (LASzip, lasreaditemcompressed_v1, WAVEPACKET13) ----
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

/* ---- Points ---- */

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
  u8 extra_values[KEPT_EXTRA];
  /* Whether the other dimensions are returned. */
  u32 wants_others;
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
  if (s->has_colour) {
    for (u32 part = 0; part < 3; part++) out_colour[3 * i + part] = s->colour[part];
  }
  if (!s->wants_others) return;
  out_flags[i] = s->classification >> 5 | s->flags >> 6 << 4;
  out_angle[i] = (signed char)s->angle;
  out_user[i] = s->user;
  out_source[i] = s->source;
  out_time[i] = s->time.times[s->time.last];
  u32 kept = s->extra < KEPT_EXTRA ? s->extra : KEPT_EXTRA;
  for (u32 k = 0; k < kept; k++) out_extra[i * kept + k] = s->extra_values[k];
}

static void decode_stream(u32 from, u32 count) {
  Stream *s = &stream;
  Coder c = s->coder;
  for (u32 i = from; i < count; i++) {
    decode_point(&c, s);
    if (s->has_time) {
      /* A copy, so that the compiler can keep the coder in registers. */
      Coder copy = c;
      decode_time(&copy, &s->time, 1);
      c = copy;
    }
    if (s->has_colour) decode_colour(&c, &s->colours, s->colour);
    if (s->has_wave) {
      Coder copy = c;
      skip_wave(&copy, &s->wave);
      c = copy;
    }
    for (u32 k = 0; k < s->extra; k++) {
      u32 step = symbol(&c, model(&s->extra_models[k], 256));
      if (k < KEPT_EXTRA) s->extra_values[k] += step;
    }
    within(&c);
    put_point(s, i);
  }
  s->coder = c;
}

static void begin_stream(const u8 *record, const u8 *end, u32 format, u32 extra, u32 wants_others) {
  Stream *s = &stream;
  __builtin_memset(s, 0, sizeof *s);
  s->wants_others = wants_others;
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
  for (u32 k = 0; k < extra && k < KEPT_EXTRA; k++) s->extra_values[k] = at[k];
  start(&s->coder, at + extra, end);
}
