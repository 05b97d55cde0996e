/** The file of an ontology: what it may say, and what is wrong with one. */
export { type Ontology, type OwnAttribute, type OwnClass, ontologySchema } from './ontology-schema.ts';
export { readOntology } from './read-ontology.ts';
