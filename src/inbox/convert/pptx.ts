import type { Element } from '@xmldom/xmldom';
import { markdownTable } from './tables.ts';
import { attribute, childElements, elementsNamed, parseXml, type Relations, relationsOf, requireXml } from './xml.ts';
import type { ArchiveTexts } from './zip.ts';

/** A presentation, slide after slide: titles as headings, text, tables, and the speaker's notes. */
export function pptxText(texts: ArchiveTexts, path: string): string {
  const relations = relationsOf(texts, path);
  const slides = elementsNamed(requireXml(texts, path), 'sldId').map((slide) => targetOf(slide, relations));
  return slides.map((slide, index) => slideText(texts, slide, index + 1)).join('\n\n');
}

function targetOf(slide: Element, relations: Relations): string {
  // Its `id` without a prefix is a number of PowerPoint's own.
  const id = Array.from(slide.attributes).find(({ prefix, localName }) => prefix !== null && localName === 'id')?.value;
  return relations.find((relation) => relation.id === id)?.target ?? '';
}

function slideText(texts: ArchiveTexts, path: string, number: number): string {
  const [tree] = elementsNamed(requireXml(texts, path), 'spTree');
  const blocks = tree === undefined ? [] : blocksOf(tree);
  const notes = notesOf(texts, path);
  return [`## Slide ${number}`, ...blocks, ...(notes === '' ? [] : [`Notes: ${notes}`])].join('\n\n');
}

function notesOf(texts: ArchiveTexts, slide: string): string {
  const path = relationsOf(texts, slide).find(({ type }) => type.endsWith('/notesSlide'))?.target;
  const notes = path === undefined ? null : parseXml(texts, path);
  if (notes === null) return '';
  // Beside the notes, that page has a picture of the slide, its number and a date.
  const bodies = elementsNamed(notes, 'sp').filter((shape) => placeholderOf(shape) === 'body');
  return bodies.map(paragraphsOf).join('\n');
}

/** Of shapes, tables and groups, in their order; empty ones are left out. */
function blocksOf(tree: Element): readonly string[] {
  return childElements(tree)
    .flatMap((element) => {
      if (element.localName === 'sp') return shapeText(element);
      if (element.localName === 'graphicFrame') return elementsNamed(element, 'tbl').map(tableText);
      if (element.localName === 'grpSp') return blocksOf(element);
      // What newer versions draw, with what older ones draw instead: the same text twice.
      return childElements(element, 'Choice').flatMap(blocksOf);
    })
    .filter((block) => block !== '');
}

function shapeText(shape: Element): string {
  const text = paragraphsOf(shape);
  const isTitle = /^(?:ctrT|t)itle$/.test(placeholderOf(shape));
  return isTitle && text.trim() !== '' ? `### ${text.replaceAll('\n', ' ')}` : text;
}

function placeholderOf(shape: Element): string {
  const [placeholder] = elementsNamed(shape, 'ph');
  return placeholder === undefined ? '' : (attribute(placeholder, 'type') ?? '');
}

function tableText(table: Element): string {
  return markdownTable(childElements(table, 'tr').map((row) => childElements(row, 'tc').map(paragraphsOf)));
}

function paragraphsOf(parent: Element): string {
  return elementsNamed(parent, 'p').map(paragraphText).join('\n').trim();
}

function paragraphText(paragraph: Element): string {
  const texts = childElements(paragraph).flatMap((run) =>
    run.localName === 'br' ? '\n' : elementsNamed(run, 't').map(({ textContent }) => textContent),
  );
  return texts.join('');
}
