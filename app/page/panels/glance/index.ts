/** The object in hand in all frames at a glance. */
export { glancePanel } from './glance-panel.ts';
