/** How far from its origin a cloud may reach. */
import { z } from 'zod';

/**
 * As far as regions may reach (`app/api`). Beyond it, squares of lengths and sums of places lose what they
 * are.
 */
export const MAX_METRES = 1e12;

/** A coordinate of the octree's cube. */
export const metres = z.number().refine((value) => Math.abs(value) <= MAX_METRES, {
  error: ({ input }) => `${input} m is beyond ${MAX_METRES} m`,
});
