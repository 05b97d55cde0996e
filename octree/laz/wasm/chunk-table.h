/* Decodes the chunk table: for each chunk its number of points, if that varies, and its number of bytes. */
#pragma once
#include "decoder.h"

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
