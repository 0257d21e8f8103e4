import { getOrInsertComputed } from '../../../lib/collections.ts';
import { describedPicture, type Reading } from '../reading.ts';
import type { XmlElement } from '../xml.ts';
import { attribute, childElement, childElements, elementsNamed, parseXml, prefixedAttribute } from '../xml.ts';
import type { Archive } from '../zip.ts';
import { chartOf, type DrawnPart, diagramOf } from './drawn-parts.ts';
import { alternativeOf, byId, drawnLines, inOneLine, type Relation, relationsOf, targetsOf } from './ooxml.ts';

/** The blocks of an element that the format reads itself, as shapes with text in them; undefined: it has no text of its own. */
type OwnText = (element: XmlElement) => readonly string[] | undefined;

/**
 * What is drawn in one part of a docx, pptx or xlsx: charts with their cached values as tables, SmartArt as lists, pictures by
 * their descriptions. What has no text is counted as left out.
 */
export class Drawings {
  readonly #archive: Archive;
  readonly #relations: ReadonlyMap<string, Relation>;
  readonly #reading: Reading;
  /** What other parts became, by their paths: one chart may stand in a document many times. */
  readonly #parts = new Map<string, DrawnPart>();

  /** `relations`: of the part in which the drawings stand. */
  constructor(archive: Archive, relations: readonly Relation[], reading: Reading) {
    this.#archive = archive;
    this.#relations = byId(relations);
    this.#reading = reading;
  }

  /** The blocks of all drawings below an element, in their order. `own` is asked first, about each element. */
  blocks(parent: XmlElement, own: OwnText): readonly string[] {
    return this.#below(parent, '', own);
  }

  #below(parent: XmlElement, given: string, own: OwnText): readonly string[] {
    return childElements(parent).flatMap((child) => this.#element(child, given, own));
  }

  /** `given`: the description of what is around it, where a docx has the one that users write. */
  #element(element: XmlElement, given: string, own: OwnText): readonly string[] {
    const text = own(element);
    const description = given === '' ? descriptionOf(element) : given;
    if (text !== undefined && text.length > 0)
      return isFilledWithPicture(element) ? [...text, this.#picture(description, 'picture')] : text;
    switch (element.name) {
      case 'AlternateContent':
        return this.#below(alternativeOf(element), given, own);
      case 'pic':
      case 'imagedata':
        return [this.#picture(description, mediaOf(element))];
      case 'contentPart':
        return [this.#picture(description, 'ink drawing')];
      case 'chart':
        return [...describedPicture(description), ...this.#chart(element)];
      case 'relIds':
        return [...describedPicture(description), ...this.#diagram(element)];
      case 'oleObj':
      case 'object':
        return this.#object(element, description, own);
      case 'textpath':
        return [attribute(element, 'string') ?? ''].filter((word) => word.trim() !== '');
      case 'signatureline':
        return [signatureLine(element)];
      case 'graphicData':
        return this.#graphic(element, description, own);
      case 'sp':
      case 'wsp':
      case 'cxnSp':
        return text === undefined || isFilledWithPicture(element)
          ? this.#shape(element, description, own)
          : describedPicture(description);
      case 'grpSp':
      case 'wgp':
      case 'wpc':
        return [...describedPicture(description), ...this.#below(element, '', own)];
      default:
        return text ?? this.#below(element, description, own);
    }
  }

  #picture(description: string, kind: string): string {
    if (kind !== 'picture') return [...describedPicture(description), this.#reading.leave(kind)].join(' ');
    return describedPicture(description)[0] ?? this.#reading.leave(kind);
  }

  #shape(element: XmlElement, description: string, own: OwnText): readonly string[] {
    const blocks = this.#below(element, '', own);
    if (isFilledWithPicture(element)) return [...blocks, this.#picture(description, 'picture')];
    return blocks.length === 0 ? describedPicture(description) : blocks;
  }

  /** An unknown kind of graphic is named, if no text is found in it. */
  #graphic(element: XmlElement, description: string, own: OwnText): readonly string[] {
    const blocks = this.#below(element, description, own);
    if (blocks.length > 0 || childElements(element).every(({ name }) => WITHOUT_TEXT.has(name))) return blocks;
    return [...describedPicture(description), this.#reading.leave('drawing')];
  }

  #object(element: XmlElement, description: string, own: OwnText): readonly string[] {
    const ole = element.name === 'oleObj' ? element : elementsNamed(element, 'OLEObject')[0];
    const described = describedPicture(description === '' ? firstDescriptionIn(element) : description);
    if (ole !== undefined) {
      const isEquation = /^(?:equation|mathtype)/i.test(attribute(ole, 'progId') ?? attribute(ole, 'ProgID') ?? '');
      return [...described, this.#reading.leave(isEquation ? 'equation' : 'embedded object')];
    }
    if (elementsNamed(element, 'control').length > 0) return [...described, this.#reading.leave('form control')];
    return this.#below(element, description, own);
  }

  #chart(element: XmlElement): readonly string[] {
    const path = this.#pathOf(prefixedAttribute(element, 'id'));
    return this.#part(path, 'chart', (root) => {
      const chart = chartOf(root);
      return { ...chart, blocks: [...chart.blocks, ...this.#drawnOver(path)] };
    });
  }

  /** Texts that were put on a chart by hand. */
  #drawnOver(chart: string): readonly string[] {
    const [path] = targetsOf(relationsOf(this.#archive, chart), 'chartUserShapes');
    return path === undefined ? [] : drawnLines(parseXml(this.#archive, path));
  }

  #diagram(element: XmlElement): readonly string[] {
    return this.#part(this.#pathOf(prefixedAttribute(element, 'dm')), 'SmartArt graphic', diagramOf);
  }

  #pathOf(id: string | undefined): string {
    return this.#relations.get(id ?? '')?.target ?? '';
  }

  /** What another part says. One that is not there is left out. */
  #part(path: string, kind: string, read: (root: XmlElement) => DrawnPart): readonly string[] {
    const { blocks, leftOut } = getOrInsertComputed(this.#parts, path, () => {
      const root = parseXml(this.#archive, path);
      return root === null ? { blocks: [], leftOut: { [kind]: 1 } } : read(root);
    });
    for (const block of blocks) this.#reading.put(block);
    return [...blocks, ...Object.entries(leftOut).map(([left, count]) => this.#reading.leave(left, count))];
  }
}

/** Graphics of which nothing is lost where they have no text: shapes and lines. */
const WITHOUT_TEXT = new Set(['wsp', 'wgp', 'wpc', 'sp', 'cxnSp', 'lockedCanvas', 'tbl', 'legacyDrawing']);

/** In one line: its title and its description, as far as there are any. */
function descriptionOf(element: XmlElement): string {
  const alt = attribute(element, 'alt');
  if (alt !== undefined) return inOneLine(alt);
  for (const child of childElements(element)) {
    const properties = /^nv[A-Za-z]*Pr$/.test(child.name) ? childElement(child, 'cNvPr') : child;
    if (properties === undefined || !/^(?:docPr|cNvPr)$/.test(properties.name)) continue;
    const title = inOneLine(attribute(properties, 'title') ?? '');
    const description = inOneLine(attribute(properties, 'descr') ?? '');
    return title === '' || description.includes(title) ? description : [title, description].filter(Boolean).join(': ');
  }
  return '';
}

function firstDescriptionIn(element: XmlElement): string {
  const found = childElements(element).map((child) => descriptionOf(child) || firstDescriptionIn(child));
  return found.find((description) => description !== '') ?? '';
}

/** Videos and sounds are shown by a picture of them. */
function mediaOf(element: XmlElement): string {
  if (elementsNamed(element, 'videoFile').length > 0) return 'video';
  return elementsNamed(element, 'audioFile').length > 0 ? 'audio recording' : 'picture';
}

function isFilledWithPicture(shape: XmlElement): boolean {
  return childElement(childElement(shape, 'spPr'), 'blipFill') !== undefined;
}

/** Who shall sign there, which stands in no text. */
function signatureLine(element: XmlElement): string {
  const names = ['suggestedsigner', 'suggestedsigner2', 'suggestedsigneremail', 'signinginstructions'];
  const said = names.map((name) => prefixedAttribute(element, name)?.trim() ?? '').filter((text) => text !== '');
  return `[Signature line${said.length === 0 ? '' : `: ${said.join(', ')}`}]`;
}
