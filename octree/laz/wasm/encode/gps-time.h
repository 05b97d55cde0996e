/*
 * The layer of GPS times: four sequences, each with the step that it goes on by. (LASzip,
 * laswriteitemcompressed_v3.)
 */

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
