/** The door of `app/ontology/`: a project's own classes and attributes. */
export {
  type AttributeValue,
  fitsAttribute,
  isOfClass,
  type Ontology,
  type OwnAttribute,
  type OwnClass,
  ontologySchema,
} from './ontology-schema.ts';
export { readOntology } from './read-ontology.ts';
