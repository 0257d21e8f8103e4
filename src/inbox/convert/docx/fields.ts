import { isOutside } from '../line.ts';
import { isOn } from '../ooxml/ooxml.ts';
import type { Reading } from '../reading.ts';
import { symbolText } from '../symbols.ts';
import { attribute, childElement, childElements, type XmlElement } from '../xml.ts';
import type { StyledLine } from './styled-line.ts';
import { valueIn } from './styles.ts';

interface Field {
  code: string;
  isCode: boolean;
  /** Where its code began, then where its result did. */
  line: StyledLine;
  place: number;
  /** What a list of choices shows. */
  readonly chosen: string;
}

/** Links in the results of more fields are only text. */
const DEEPEST_LINK = 20;

/** The fields of one text: between marks for its begin, its middle and its end stand a field's code and its result. */
export class Fields {
  readonly #reading: Reading;
  readonly #open: Field[] = [];

  constructor(reading: Reading) {
    this.#reading = reading;
  }

  /** `mark`: a `w:fldChar`. */
  mark(mark: XmlElement, line: StyledLine): void {
    const type = attribute(mark, 'fldCharType');
    if (type === 'begin') this.#begin(mark, line);
    if (type === 'separate') this.#separate(line);
    if (type === 'end') this.#end(line);
  }

  /** A piece of the innermost field's code. */
  code(text: string): void {
    const field = this.#open.at(-1);
    if (field?.isCode === true) field.code += text;
  }

  #begin(mark: XmlElement, line: StyledLine): void {
    const form = childElement(mark, 'ffData');
    const box = childElement(form, 'checkBox');
    if (box !== undefined) line.add(isTicked(box) ? '☒' : '☐');
    const chosen = chosenIn(childElement(form, 'ddList'));
    this.#open.push({ code: '', isCode: true, line, place: line.end, chosen });
  }

  #separate(line: StyledLine): void {
    const field = this.#open.at(-1);
    if (field === undefined) return;
    field.isCode = false;
    this.#dropCode(field, line);
    field.line = line;
    field.place = line.end;
  }

  #end(line: StyledLine): void {
    const field = this.#open.pop();
    if (field === undefined) return;
    if (field.isCode) {
      this.#dropCode(field, line);
      this.#withoutResult(field, line);
      return;
    }
    const [, quoted, bare] = /^\s*HYPERLINK\s+(?:"([^"]*)"|([^\s\\"]\S*))/i.exec(field.code) ?? [];
    const address = this.#open.length < DEEPEST_LINK ? (quoted ?? bare ?? '') : '';
    if (field.line === line) {
      if (address !== '') line.link(field.place, this.#reading.put(address));
      if (field.chosen !== '' && line.isEmptyFrom(field.place)) line.add(field.chosen);
    } else if (isOutside(address)) line.aside(this.#reading.put(`(${address})`));
  }

  /** What other fields put into the code is not shown. Where a field never ends, nothing is dropped. */
  #dropCode(field: Field, line: StyledLine): void {
    if (field.line === line) line.cut(field.place);
  }

  /** What Word shows for fields that have no result. */
  #withoutResult({ code, chosen }: Field, line: StyledLine): void {
    const [, name = '', rest = ''] = /^\s*(\S+)\s*([^]*)$/.exec(code) ?? [];
    switch (name.toUpperCase()) {
      case 'EQ':
        line.add(`$${rest.trim()}$`);
        break;
      case 'SYMBOL': {
        const font = /\\f\s*(?:"([^"]*)"|(\S+))/i.exec(rest);
        line.add(
          symbolText(font?.[1] ?? font?.[2] ?? '', Number.parseInt(rest, /^0x/i.test(rest) ? 16 : 10), this.#reading),
        );
        break;
      }
      case 'MACROBUTTON':
      case 'GOTOBUTTON':
        line.add(rest.replace(/^\S+\s*/, '').trimEnd());
        break;
      case 'AUTONUM':
      case 'AUTONUMLGL':
      case 'AUTONUMOUT':
      case 'LISTNUM':
        line.add(this.#reading.leave('automatic number'));
        break;
      case 'DISPLAYBARCODE':
      case 'MERGEBARCODE':
      case 'BARCODE':
        line.add(this.#reading.leave('barcode'));
        break;
      default:
        line.add(chosen);
    }
  }
}

function isTicked(box: XmlElement): boolean {
  const checked = childElement(box, 'checked');
  return checked === undefined ? isOn(valueIn(box, 'default') ?? '0') : isOn(attribute(checked, 'val'));
}

function chosenIn(list: XmlElement | undefined): string {
  const index = Number(valueIn(list, 'result') ?? valueIn(list, 'default') ?? 0);
  const entry = childElements(list, 'listEntry')[index];
  return attribute(entry, 'val') ?? '';
}
