/** The door of `app/http/routes/plans/`. */
export { planAnswer } from './plan-answer.ts';
export { planRoutes } from './plans.ts';
