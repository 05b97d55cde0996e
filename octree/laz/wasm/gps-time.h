/*
 * Decodes GPS times: four sequences, each with the step that it goes on by. Formats 1, 3, 4 and 5 have a
 * symbol for a time that stays the same; in the layers of formats 6 to 10 the first layer says so.
 */
#pragma once
#include "decoder.h"

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

/*
 * Not inlined: most points have the same time as the last one, or the predicted time. `can_stay`: 1 if there
 * is a symbol for a time that stays the same.
 */
static __attribute__((noinline)) void decode_time(Coder *c, Time *t, u32 can_stay) {
  for (u32 switches = 0;; switches++) {
    if (switches > MOST_SWITCHES) DAMAGED();
    u32 last = t->last;
    i32 step = t->steps[last];
    if (step == 0) {
      u32 how = symbol(c, model(&t->no_step, 5 + can_stay)) + !can_stay;
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
    u32 how = symbol(c, model(&t->multiple, TIME_SYMBOLS - !can_stay));
    if (!can_stay && how >= UNCHANGED) how++;
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
