/* Decodes colours: RGB12 and RGB14 have the same coding. */
#pragma once
#include "decoder.h"

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
