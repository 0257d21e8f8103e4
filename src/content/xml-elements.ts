import { type Element, type Node } from '@xmldom/xmldom';

const ELEMENT = 1;

/** Names are without their prefix: prefixes are the writer's to choose. */
export function childElements(parent: Node, name?: string): readonly Element[] {
  const found: Element[] = [];
  for (let node = parent.firstChild; node !== null; node = node.nextSibling)
    if (isElement(node) && (name === undefined || node.localName === name)) found.push(node);
  return found;
}

/** All elements of a name below a node, in the order of the document. */
export function elementsNamed(parent: Node, name: string): readonly Element[] {
  return childElements(parent).flatMap((element) =>
    element.localName === name ? [element] : elementsNamed(element, name),
  );
}

/** The value of an attribute, whatever its prefix; undefined where it is not there. */
export function attribute(element: Element, name: string): string | undefined {
  return Array.from(element.attributes).find((candidate) => candidate.localName === name)?.value;
}

export function isElement(node: Node): node is Element {
  return node.nodeType === ELEMENT;
}
