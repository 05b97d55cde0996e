/*
 * The layers of the item POINT14, without GPS time. Each function returns the end of its layer, or its
 * beginning if its value never changes: then the first point's stands for all. (LASzip,
 * laswriteitemcompressed_v3.)
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
