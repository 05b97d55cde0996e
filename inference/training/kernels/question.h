// One question of an annotator, as native.py packs it (QUESTION).
#pragma once
#include <stdint.h>

// All data of one question. `sensor` and `plane` are only used if their flag is set.
typedef struct {
  double click[3];  // propose: the click. refine: not used
  double sensor[3];
  double plane[3];
  double turn;          // propose: the direction of the frame if the sensor is unknown
  double box[7];        // refine: x y z l w h yaw
  double also[4][4];    // clicks with an inside flag; the first one is the click itself
  double others[8][7];  // boxes whose points are left out
  int32_t has_sensor, has_ground, n_also, n_others;
} Question;
