/** The XML part of an E57 file, as far as E57 uses XML: elements, attributes, text and CDATA. */

/** An element. */
export interface E57Element {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly E57Element[];
  readonly text: string;
}

interface OpenElement extends E57Element {
  readonly children: OpenElement[];
  text: string;
}

const MOST_DEEP = 64;
const MOST_ELEMENTS = 1_000_000;
const TOKEN =
  /<!\[CDATA\[([\s\S]*?)\]\]>|<!--[\s\S]*?-->|<\?[\s\S]*?\?>|<\/([^\s>]+)\s*>|<([^\s/>!]+)((?:\s+[^\s=>]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>|([^<]+)/y;
const ATTRIBUTE = /([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g;
const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** @throws Error if it is not well formed */
export function parseE57Xml(xml: string): E57Element {
  const root: OpenElement = { name: '', attributes: new Map(), children: [], text: '' };
  const open = [root];
  let elements = 0;
  const token = new RegExp(TOKEN);
  for (let at = 0; at < xml.length; at = token.lastIndex) {
    token.lastIndex = at;
    const match = token.exec(xml);
    if (match === null) throw new Error(`its XML is damaged at character ${at}`);
    const [, cdata, closed, name, attributes = '', isEmpty, text] = match;
    const inside = open.at(-1)!;
    if (cdata !== undefined) inside.text += cdata;
    else if (text !== undefined) inside.text += unescaped(text);
    else if (closed !== undefined) {
      if (open.length === 1 || inside.name !== closed) throw new Error(`its XML has a stray </${closed}>`);
      open.pop();
    } else if (name !== undefined) {
      if (++elements > MOST_ELEMENTS || open.length > MOST_DEEP)
        throw new Error('its XML has too many elements');
      const element = { name, attributes: attributesOf(attributes), children: [], text: '' };
      inside.children.push(element);
      if (isEmpty === '') open.push(element);
    }
  }
  const [only] = root.children;
  if (open.length > 1 || only === undefined) throw new Error('its XML is cut off');
  return only;
}

function attributesOf(text: string): Map<string, string> {
  return new Map(
    [...text.matchAll(ATTRIBUTE)].map(([, name, double, single]) => [name!, unescaped(double ?? single!)]),
  );
}

function unescaped(text: string): string {
  return text.replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => ENTITIES[name]!);
}

/** The element below `element` at this path. */
export function child(element: E57Element | undefined, ...path: string[]): E57Element | undefined {
  return path.reduce<E57Element | undefined>(
    (at, name) => at?.children.find((candidate) => candidate.name === name),
    element,
  );
}

/** Its number; an element without text is 0. `otherwise` if it is not there. */
export function numberIn(element: E57Element | undefined, otherwise: number): number {
  return element === undefined ? otherwise : Number(element.text.trim() || '0');
}
