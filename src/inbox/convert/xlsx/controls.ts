import type { XmlElement } from '../xml.ts';
import { attribute, elementsNamed, parseHtml, textOf } from '../xml.ts';
import type { Archive } from '../zip.ts';
import { placeOf } from './places.ts';

/** A form control that lies on a sheet: a box to tick, a list to choose from. */
export interface FormControl {
  /** Its number as a shape, under which the drawing of the sheet has it once more. */
  readonly shape: string;
  readonly line: string;
}

/** Controls whose state is a number that the user set. */
const HAS_VALUE = /^(?:spin|scroll)$/;
const HAS_CHOICE = /^(?:drop|list)$/;
const IS_BOX = /^(?:checkbox|radio)$/;
/** Those that are text alone. */
const IS_LABEL = /^(?:button|label|gbox|editbox|text|shape|dialog)$/;

/** The form controls of a drawing in VML, which alone has their texts and states. It is seldom good XML. */
export function formControls(archive: Archive, path: string): readonly FormControl[] {
  const root = { name: '', attributes: {}, children: parseHtml(archive.text(path) ?? '', true) };
  return elementsNamed(root, 'shape').flatMap((shape) => {
    const [data] = elementsNamed(shape, 'clientdata');
    const text = data === undefined ? '' : shownAs(data, shape);
    if (data === undefined || text === '') return [];
    const place = cornerOf(textIn(data, 'anchor'));
    const number = attribute(shape, 'spid') ?? attribute(shape, 'id') ?? '';
    return [{ shape: number, line: `[Form control${place}: ${text}]` }];
  });
}

/** Its text, and what the user chose. Empty for what is no control: comments, which are read elsewhere, and pictures. */
function shownAs(data: XmlElement, shape: XmlElement): string {
  const kind = (attribute(data, 'objecttype') ?? '').toLowerCase();
  const label = textIn(shape, 'textbox').replaceAll(/\s+/g, ' ');
  if (IS_BOX.test(kind)) return `${/^[12]$/.test(textIn(data, 'checked')) ? '☒' : '☐'} ${label}`.trim();
  if (IS_LABEL.test(kind)) return label;
  if (HAS_VALUE.test(kind)) return `${label} ${textIn(data, 'val')}`.trim();
  if (!HAS_CHOICE.test(kind)) return '';
  const range = textIn(data, 'fmlarange');
  const chosen = textIn(data, 'sel');
  const choice = /^[1-9]/.test(chosen) ? `entry ${chosen}` : 'no entry';
  return `${label} ${choice}${range === '' ? '' : ` of ${range}`}`.trim();
}

function textIn(parent: XmlElement, name: string): string {
  return elementsNamed(parent, name).map(textOf).join(' ').trim();
}

/** ` at B41`, of an anchor: column, offset, row, offset, … of its corners, from 0. */
function cornerOf(anchor: string): string {
  const [column, , row] = anchor.split(',').map(Number);
  if (column === undefined || row === undefined || !(column >= 0 && row >= 0)) return '';
  return ` at ${placeOf(column + 1, row + 1)}`;
}
