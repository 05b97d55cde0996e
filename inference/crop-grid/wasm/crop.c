/*
 * Computes the networks' inputs from a crop: the ground, the occlusion features, the sampled points.
 * octree/build-wasm.mjs compiles this file to crop.wasm; ../crop-grid.ts fills the memory.
 *
 * One pass sorts the points into a grid of 0.5 m cells; every later function visits only the cells that it
 * needs. All arithmetic is float64, operation by operation that of the TypeScript in ../testing and
 * of ../../training/kernels/, so the results are equal bit for bit. Sums and samples depend on the order
 * of the points: they run in the order of the crop, over the bits that the grid has set.
 */
#include "occlusion.h"
#include "rows.h"
