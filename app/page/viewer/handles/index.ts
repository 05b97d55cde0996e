/** What a hand takes hold of to change the selected box. */
export { Gizmo } from './gizmo.ts';
export { type HandleTarget, SideHandles } from './side-handles.ts';
