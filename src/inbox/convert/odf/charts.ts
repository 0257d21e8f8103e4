import { markdownTable } from '../tables.ts';
import { attribute, childElement, childElements, elementsNamed, type XmlElement } from '../xml.ts';
import { cellsOf, rowsOf } from './tables.ts';
import type { OdfText } from './text.ts';

/** A chart: its titles, those of its axes, and the values that were stored when it was last drawn; null: it has none. */
export function chartBlocks(content: XmlElement, text: OdfText): readonly string[] | null {
  const chart = childElement(content, 'chart') ?? content;
  const words = (parent: XmlElement, name: string): readonly string[] =>
    childElements(parent, name).map((title) => text.blocks(title).join(' '));
  const title = words(chart, 'title').join(' ');
  const axes = elementsNamed(chart, 'axis').flatMap((axis) => words(axis, 'title'));
  const tables = childElements(chart, 'table').map((table) =>
    markdownTable(rowsOf(table).map((row) => cellsOf(row).map((cell) => chartValue(cell, text)))),
  );
  const below = [
    ...words(chart, 'subtitle'),
    ...words(chart, 'footer'),
    ...(axes.length === 0 ? [] : [`Axes: ${axes.join('; ')}`]),
    ...tables,
  ].filter((block) => block !== '');
  if (title === '' && below.length === 0) return null;
  return [title === '' ? 'Chart:' : `Chart: ${title}`, ...below];
}

function chartValue(cell: XmlElement, text: OdfText): string {
  const value = attribute(cell, 'value');
  if (value !== undefined) return value === 'NaN' ? '' : value;
  return childElements(cell, 'p')
    .flatMap((paragraph) => text.block(paragraph))
    .join(' ');
}
