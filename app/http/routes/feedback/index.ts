/** The door of `app/http/routes/feedback/`. */
export { feedbackRoutes } from './feedback.ts';
