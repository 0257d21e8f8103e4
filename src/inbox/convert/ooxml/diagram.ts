import { attribute, childElement, elementsNamed, type XmlElement } from '../xml.ts';
import { type DrawnPart, drawnLines } from './ooxml.ts';

/** Deeper items are not indented further. */
const DEEPEST = 20;

/** The texts of SmartArt as a list, those below each other indented. */
export function diagramOf(model: XmlElement): DrawnPart {
  const points = new Map(elementsNamed(model, 'pt').map((point) => [attribute(point, 'modelId') ?? '', point]));
  const below = new Map<string, string[]>();
  const isBelow = new Set<string>();
  for (const connection of inOrder(elementsNamed(model, 'cxn'))) {
    // The others lead to shapes, which show the same text.
    if ((attribute(connection, 'type') ?? 'parOf') !== 'parOf') continue;
    const above = attribute(connection, 'srcId') ?? '';
    // Between them: what stands on an arrow.
    const ids = ['destId', 'parTransId', 'sibTransId'].map((name) => attribute(connection, name) ?? '');
    const others = below.get(above) ?? [];
    others.push(...ids);
    below.set(above, others);
    for (const id of ids) isBelow.add(id);
  }
  const lines: string[] = [];
  const seen = new Set<string>();
  const open = [...points.keys()].filter((id) => !isBelow.has(id)).map((id) => ({ id, depth: 0 }));
  // Points in a cycle come last, as each is below another.
  open.push(...[...points.keys()].map((id) => ({ id, depth: 0 })));
  open.reverse();
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const point = points.get(next.id);
    if (point === undefined || seen.has(next.id)) continue;
    seen.add(next.id);
    const text = pointText(point);
    if (text !== '') lines.push(`${'  '.repeat(Math.min(next.depth, DEEPEST))}- ${text}`);
    const depth = text === '' ? next.depth : next.depth + 1;
    for (const id of (below.get(next.id) ?? []).toReversed()) open.push({ id, depth });
  }
  const pictures = elementsNamed(model, 'blip').length;
  return {
    blocks: lines.length === 0 ? [] : [lines.join('\n')],
    leftOut: {
      ...(lines.length === 0 ? { 'SmartArt graphic': 1 } : {}),
      ...(pictures === 0 ? {} : { picture: pictures }),
    },
  };
}

function inOrder(connections: readonly XmlElement[]): readonly XmlElement[] {
  return connections.toSorted((a, b) => Number(attribute(a, 'srcOrd') ?? 0) - Number(attribute(b, 'srcOrd') ?? 0));
}

function pointText(point: XmlElement): string {
  const text = childElement(point, 't');
  return text === undefined ? '' : drawnLines(text).join(' ').replaceAll('\n', ' ');
}
