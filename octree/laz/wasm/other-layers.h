/*
 * Decodes the layers of formats 6 to 10 that only those need who copy a file: flags, scan angle, user data,
 * point source, GPS time, near infrared and extra bytes. Sources: LASzip, lasreaditemcompressed_v3 and _v4
 * (POINT14, RGBNIR14, BYTE14).
 */
#pragma once
#include "point-layers.h"

typedef struct {
  u32 begun, flags, user, source;
  i32 angle;
  Model *flags_by[64], *user_by[64];
  Integer angles, sources;
  Time time;
} OtherChannel;

typedef struct { u32 begun; u16 last; Model *used, *parts[2]; } InfraredChannel;
typedef struct { u32 begun; u8 last[KEPT_EXTRA]; Model *steps[KEPT_EXTRA]; } ExtraChannel;

static OtherChannel others[4];
static InfraredChannel infrareds[4];
static ExtraChannel extras[4];
static Layer extra_layers[KEPT_EXTRA];
static u32 has_infrared, kept_extra, extra_channel;

static void begin_other(OtherChannel *to, const OtherChannel *from) {
  OtherChannel last = {.begun = 1, .flags = from->flags, .user = from->user, .source = from->source, .angle = from->angle};
  last.time.times[0] = from->time.times[from->time.last];
  *to = last;
}

static void decode_point_layers(u32 from, u32 count) {
  Coder *c = 0;
  OtherChannel *k = &others[layers[FLAGS_LAYER].at];
  for (u32 i = from; i < count; i++) {
    const Traits *t = &traits[i];
    OtherChannel *next = &others[t->channel];
    if (!next->begun) begin_other(next, k);
    k = next;
    if (layers[FLAGS_LAYER].live) {
      c = &layers[FLAGS_LAYER].coder;
      k->flags = symbol(c, model(&k->flags_by[k->flags], 64));
      within(c);
    }
    if (t->changed & ANGLE_CHANGED && layers[ANGLE_LAYER].live) {
      c = &layers[ANGLE_LAYER].coder;
      k->angle = (i16)(k->angle + difference(c, &k->angles, t->new_time, 16));
      within(c);
    }
    if (layers[USER_LAYER].live) {
      c = &layers[USER_LAYER].coder;
      k->user = symbol(c, model(&k->user_by[k->user >> 2], 256));
      within(c);
    }
    if (t->changed & SOURCE_CHANGED && layers[SOURCE_LAYER].live) {
      c = &layers[SOURCE_LAYER].coder;
      k->source = (k->source + (u32)difference(c, &k->sources, 0, 16)) & 0xffff;
      within(c);
    }
    if (t->new_time && layers[TIME_LAYER].live) {
      c = &layers[TIME_LAYER].coder;
      decode_time(c, &k->time, 0);
      within(c);
    }
    out_flags[i] = k->flags | t->channel << 6;
    out_angle[i] = k->angle;
    out_user[i] = k->user;
    out_source[i] = k->source;
    out_time[i] = k->time.times[k->time.last];
  }
  layers[FLAGS_LAYER].at = k - others;
}

static void decode_infrared(u32 from, u32 count) {
  Layer *layer = &layers[INFRARED_LAYER];
  InfraredChannel *k = &infrareds[layer->at];
  for (u32 i = from; i < count; i++) {
    InfraredChannel *next = &infrareds[traits[i].told];
    u16 *last = &k->last;
    if (!next->begun) {
      *next = (InfraredChannel){.begun = 1, .last = *last};
      last = &next->last;
    } else if (is_channel_told) {
      last = &next->last;
    }
    k = next;
    if (layer->live) {
      u32 used = symbol(&layer->coder, model(&k->used, 4)), low = *last & 255, high = *last >> 8;
      if (used & 1) low = (low + symbol(&layer->coder, model(&k->parts[0], 256))) & 255;
      if (used & 2) high = (high + symbol(&layer->coder, model(&k->parts[1], 256))) & 255;
      *last = low | high << 8;
      within(&layer->coder);
    }
    out_infrared[i] = *last;
  }
  layer->at = k - infrareds;
}

static void decode_extra(u32 from, u32 count) {
  ExtraChannel *k = &extras[extra_channel];
  for (u32 i = from; i < count; i++) {
    ExtraChannel *next = &extras[traits[i].told];
    u8 *last = k->last;
    if (!next->begun) {
      __builtin_memset(next, 0, sizeof *next);
      next->begun = 1;
      for (u32 byte = 0; byte < kept_extra; byte++) next->last[byte] = last[byte];
      last = next->last;
    } else if (is_channel_told) {
      last = next->last;
    }
    k = next;
    for (u32 byte = 0; byte < kept_extra; byte++) {
      Layer *layer = &extra_layers[byte];
      if (layer->live) {
        last[byte] += symbol(&layer->coder, model(&k->steps[byte], 256));
        within(&layer->coder);
      }
      out_extra[i * kept_extra + byte] = last[byte];
    }
  }
  extra_channel = k - extras;
}

static void decode_others(u32 from, u32 count) {
  decode_point_layers(from, count);
  if (has_infrared) decode_infrared(from, count);
  if (kept_extra) decode_extra(from, count);
}

/*
 * After `begin_layers`. Of the record, the last `extra` bytes are extra bytes, and of the layers the last
 * ones.
 */
static void begin_others(const u8 *record, u32 record_bytes, u32 sizes, u32 points, u32 format, u32 extra) {
  u32 channel = record[15] >> 4 & 3;
  for (u32 i = 0; i < 4; i++) others[i].begun = infrareds[i].begun = extras[i].begun = 0;
  OtherChannel first = {
    .flags = (record[15] & 15) | record[15] >> 6 << 4,
    .user = record[17],
    .angle = (i16)load16(record + 18),
    .source = load16(record + 20),
  };
  first.time.times[0] = load64(record + 22);
  begin_other(&others[channel], &first);
  has_infrared = format == 8 || format == 10;
  infrareds[channel] = (InfraredChannel){.begun = 1, .last = has_infrared ? load16(record + 36) : 0};
  kept_extra = extra < KEPT_EXTRA ? extra : KEPT_EXTRA;
  extra_channel = channel;
  __builtin_memset(&extras[channel], 0, sizeof extras[channel]);
  extras[channel].begun = 1;
  __builtin_memset(extra_layers, 0, sizeof extra_layers);
  const u8 *size = record + record_bytes + 4, *at = size + 4 * sizes;
  for (u32 i = 0; i < sizes; i++) {
    u32 bytes = load32(size + 4 * i), byte = i - (sizes - extra);
    if (i >= sizes - extra && byte < kept_extra && bytes > 0 && points > 1) {
      extra_layers[byte].live = 1;
      start(&extra_layers[byte].coder, at, at + bytes);
    }
    at += bytes;
  }
  for (u32 byte = 0; byte < kept_extra; byte++) extras[channel].last[byte] = record[record_bytes - extra + byte];
}

static void put_first_others(void) {
  const OtherChannel *k = &others[layers[FLAGS_LAYER].at];
  out_flags[0] = k->flags | layers[FLAGS_LAYER].at << 6;
  out_angle[0] = k->angle;
  out_user[0] = k->user;
  out_source[0] = k->source;
  out_time[0] = k->time.times[0];
  out_infrared[0] = infrareds[layers[INFRARED_LAYER].at].last;
  for (u32 byte = 0; byte < kept_extra; byte++) out_extra[byte] = extras[extra_channel].last[byte];
}

/* 1 if every extra byte's layer that was decoded ends where its bytes do. */
static u32 are_extra_used_up(u32 (*is_used_up)(const Coder *)) {
  for (u32 byte = 0; byte < kept_extra; byte++) {
    if (extra_layers[byte].live && !is_used_up(&extra_layers[byte].coder)) return 0;
  }
  return 1;
}
