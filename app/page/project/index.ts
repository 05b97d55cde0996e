/** What a project teaches: how its boxes are drawn, and what became of the server's answers. No DOM. */
export { FeedbackSender } from './feedback-sender.ts';
export { profileText } from './profile-text.ts';
export { ProjectOntology } from './project-ontology.ts';
export { type KeptProfile, ProjectProfile } from './project-profile.ts';
