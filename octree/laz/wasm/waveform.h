/*
 * Skips the waveform packets of formats 4 and 5. Source: LASzip, lasreaditemcompressed_v1, WAVEPACKET13.
 */
#pragma once
#include "decoder.h"

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
