import { mathText } from '../mathml.ts';
import { attribute, childElement, childElements, elementsNamed, isElement, textOf, type XmlElement } from '../xml.ts';
import { numberAttribute, type Page } from './page.ts';

type Writer = (element: XmlElement, page: Page) => void;

const WRITERS: ReadonlyMap<string, Writer> = new Map([
  ['img', writePicture],
  ['image', writePicture],
  ['area', writeArea],
  ['svg', writeSvg],
  ['math', writeMath],
  ['input', writeInput],
  ['select', writeSelect],
  ['textarea', writeTextArea],
  ['meter', writeGauge],
  ['progress', writeGauge],
  ['iframe', writeFrame],
  ['noframes', writeRawText],
  ['noembed', writeRawText],
  ...['video', 'audio', 'canvas', 'object', 'embed', 'applet', 'frame'].map((name) => [name, writeEmbedded] as const),
]);

/**
 * What writes an element that browsers show something else for than its text: a picture, a film, a formula, a field of a
 * form. Undefined: it is none of these.
 */
export function replacedElement(name: string): Writer | undefined {
  return WRITERS.get(name);
}

/** A picture by its description. One without is told, unless it is there for the looks. */
function writePicture(picture: XmlElement, { out }: Page): void {
  const text = described(picture);
  const attached = /^cid:([^@]*)/i.exec((attribute(picture, 'src') ?? '').trim())?.[1];
  if (isHidden(picture)) return;
  // A bullet, a star, an initial, an emoji: the picture stands for the sign.
  if (text !== '' && (!/[\p{L}\p{N}]/u.test(text) || Array.from(text).length === 1)) out.text(text);
  else if (text !== '') out.text(`[Picture: ${text}]`);
  // It is attached to the mail, and goes with it.
  else if (attached !== undefined) out.text(`[Picture: ${attached}]`);
  else if (!isDecoration(picture)) out.leave('picture');
}

/** A place on a picture that leads somewhere: a link with its description. */
function writeArea(area: XmlElement, page: Page): void {
  const link = { name: 'a', attributes: area.attributes, children: [described(area)] };
  page.out.space();
  page.inside({ name: '', attributes: {}, children: [link] });
  page.out.space();
}

function described(element: XmlElement): string {
  const texts = ['alt', 'aria-label', 'title'].map((name) =>
    (attribute(element, name) ?? '').replaceAll(/\s+/g, ' ').trim(),
  );
  return texts.find((text) => text !== '') ?? '';
}

function isHidden(element: XmlElement): boolean {
  return /^true$/i.test(attribute(element, 'aria-hidden') ?? '');
}

/** Pixels. Pictures this small count how often a mail is opened, or keep things apart. */
const SMALLEST = 3;
/** The same for an icon, and for a picture whose description is empty on purpose: a larger one shows something. */
const SMALLEST_UNDESCRIBED = 32;

function isDecoration(picture: XmlElement): boolean {
  if (/^(?:presentation|none)$/i.test(attribute(picture, 'role') ?? '')) return true;
  const sizes = (['width', 'height'] as const).flatMap((name) => sizeOf(picture, name) ?? []);
  const most = picture.name === 'svg' || attribute(picture, 'alt') !== undefined ? SMALLEST_UNDESCRIBED : SMALLEST;
  return sizes.some((size) => size <= SMALLEST) || (sizes.length > 0 && sizes.every((size) => size <= most));
}

/** In pixels; null if it is not said in pixels. */
function sizeOf(element: XmlElement, name: 'width' | 'height'): number | null {
  const style = new RegExp(`(?:^|[;\\s])${name}\\s*:\\s*(\\d+)(?:\\.\\d+)?(?:px|\\s*(?:;|$))`, 'i').exec(
    attribute(element, 'style') ?? '',
  );
  if (style?.[1] !== undefined) return Number(style[1]);
  return /%/.test(attribute(element, name) ?? '') ? null : numberAttribute(element, name);
}

/** Sound, film, a page or a program in the page: told, with what stands in for it. */
function writeEmbedded(element: XmlElement, page: Page): void {
  if (isDecoration(element)) return;
  page.out.leave(embeddedKind(element));
  page.inside(element);
}

function embeddedKind({ name, attributes }: XmlElement): string {
  const type = attributes['type'] ?? '';
  const address = attributes['data'] ?? attributes['src'] ?? '';
  if (name === 'video' || type.startsWith('video/')) return 'video';
  if (name === 'audio' || type.startsWith('audio/')) return 'sound';
  if (name === 'canvas') return 'drawing';
  if (name === 'iframe' || name === 'frame' || /^(?:text\/html|application\/xhtml)/.test(type)) return 'embedded page';
  if (type.startsWith('image/') || /\.(?:png|jpe?g|gif|svg|webp)$/i.test(address)) return 'picture';
  return 'embedded object';
}

/** A drawing by its title, descriptions and labels. */
function writeSvg(svg: XmlElement, page: Page): void {
  if (isHidden(svg)) return;
  const { out } = page;
  const titled = childElement(svg, 'title');
  const title = described(svg) || labelOf(titled);
  const labels = labelsOf(svg).filter((label) => label !== titled);
  if (title !== '') out.text(`[Picture: ${title}]`);
  else if (labels.length === 0 && !isDecoration(svg)) out.leave('picture');
  for (const label of labels) {
    out.breakBlock(1);
    if (/^foreignobject$/i.test(label.name)) page.inside(label);
    else out.text(label.name === 'image' ? `[Picture: ${described(label)}]` : labelOf(label));
  }
  if (labels.length > 0) out.breakBlock(1);
}

const NO_LABELS = new Set(['script', 'style', 'metadata']);

function labelsOf(svg: XmlElement): readonly XmlElement[] {
  const labels: XmlElement[] = [];
  const collect = ({ children }: XmlElement): void => {
    for (const child of children) {
      if (!isElement(child) || NO_LABELS.has(child.name)) continue;
      if (/^(?:title|desc|text|foreignobject)$/i.test(child.name)) labels.push(child);
      else if (child.name === 'image' && described(child) !== '') labels.push(child);
      else collect(child);
    }
  };
  collect(svg);
  return labels;
}

/** Pieces that are moved to another line are kept apart. */
function labelOf(label: XmlElement | undefined): string {
  const pieces: string[] = [];
  const collect = ({ children }: XmlElement): void => {
    for (const child of children) {
      if (!isElement(child)) pieces.push(child);
      else {
        if (child.name === 'title' || attribute(child, 'dy') !== undefined || attribute(child, 'y') !== undefined)
          pieces.push(' ');
        collect(child);
      }
    }
  };
  if (label !== undefined) collect(label);
  return pieces.join('').replaceAll(/\s+/g, ' ').trim();
}

/** A formula on one line, apart if it stands apart. */
function writeMath(math: XmlElement, { out }: Page): void {
  const text = mathText(math);
  const isBlock = attribute(math, 'display') === 'block';
  if (isBlock) out.breakBlock(2);
  if (text !== '') out.text(text);
  else if (childElements(math).length > 0) out.leave('equation');
  if (isBlock) out.breakBlock(2);
}

/** A page in the page: what is in it, or that it is somewhere else. */
function writeFrame(frame: XmlElement, page: Page): void {
  const inside = attribute(frame, 'srcdoc');
  if (inside === undefined && attribute(frame, 'src') !== undefined && !isDecoration(frame))
    page.out.leave('embedded page');
  page.insideText(inside ?? textOf(frame));
}

/** What stands in a field of a form. */
function writeInput(input: XmlElement, { out }: Page): void {
  const isChecked = attribute(input, 'checked') !== undefined;
  const value = attribute(input, 'value') ?? '';
  switch ((attribute(input, 'type') ?? 'text').trim().toLowerCase()) {
    case 'checkbox':
      out.text(isChecked ? ' [x] ' : ' [ ] ');
      break;
    case 'radio':
      out.text(isChecked ? ' (x) ' : ' ( ) ');
      break;
    case 'hidden':
    case 'password':
    case 'file':
      break;
    case 'image':
      out.text(` ${attribute(input, 'alt') ?? value} `);
      break;
    default:
      out.text(` ${value} `);
  }
}

/** What is chosen in a list; of one in which several may be chosen, all entries with a box. */
function writeSelect(select: XmlElement, { out }: Page): void {
  const options = elementsNamed(select, 'option').map((option) => ({
    text: attribute(option, 'label') ?? textOf(option),
    isChosen: attribute(option, 'selected') !== undefined,
  }));
  if (attribute(select, 'multiple') !== undefined) {
    for (const { text, isChosen } of options) out.text(` ${isChosen ? '[x]' : '[ ]'} ${text} `);
    return;
  }
  const chosen = options.findLast(({ isChosen }) => isChosen) ?? options[0];
  out.text(` ${chosen?.text ?? ''} `);
}

function writeTextArea(area: XmlElement, { out }: Page): void {
  const text = textOf(area).trim();
  if (text !== '') out.block(text.split(/\r\n|\r|\n/));
}

/** A gauge: what stands in it, else its value. */
function writeGauge(gauge: XmlElement, page: Page): void {
  const values = [attribute(gauge, 'value'), attribute(gauge, 'max')].filter((value) => value !== undefined);
  if (textOf(gauge).trim() === '') page.out.text(values.join('/'));
  else page.inside(gauge);
}

/** Markup that browsers take for text, as they show what it stands in for. */
function writeRawText(element: XmlElement, page: Page): void {
  page.insideText(textOf(element));
}
