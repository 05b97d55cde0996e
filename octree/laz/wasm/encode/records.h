/* The points in the input: packed records of format 6 or 7 with extra bytes. */

#define RECORD_BYTES 30u
#define COLOUR_BYTES 6u

/* A point of format 6 and what the layers need to know of it. */
typedef struct {
  i32 x, y, z;
  u32 intensity, r, n, flags, classification, user, source;
  i32 angle;
  u64 time;
  const u8 *colour, *extra;
} Point;

INLINE Point point_at(const u8 *record, u32 has_colour) {
  return (Point){
    .x = (i32)load32(record), .y = (i32)load32(record + 4), .z = (i32)load32(record + 8),
    .intensity = load16(record + 12),
    .r = record[14] & 15, .n = record[14] >> 4,
    /* Without the scanner channel, which is 0. */
    .flags = (record[15] & 15) | record[15] >> 6 << 4,
    .classification = record[16],
    .user = record[17],
    .angle = (short)load16(record + 18),
    .source = load16(record + 20),
    .time = load64(record + 22),
    .colour = record + RECORD_BYTES,
    .extra = record + RECORD_BYTES + (has_colour ? COLOUR_BYTES : 0),
  };
}

/* 0 to 3: neither first nor last return, last, first, both. */
INLINE u32 place_of(const Point *p) { return (p->r == 1 ? 2 : 0) + (p->r >= p->n ? 1 : 0); }

static const u8 *records;
static u32 count, record_bytes, has_colour;
/* For each point, the mean number of bits of the differences in x and y: a context of the height. */
static u8 *plane_bits;

#define FOR_EACH_POINT                                                                                             \
  Point last = point_at(records, has_colour);                                                                      \
  Point p = last;                                                                                                  \
  for (u32 i = 1; i < count && (p = point_at(records + i * record_bytes, has_colour), 1); i++, last = p)
