import { attribute, elementsNamed, textOf, type XmlElement } from '../xml.ts';
import type { Page } from './page.ts';

/** What stands in a field of a form. */
export function writeInput(input: XmlElement, { out }: Page): void {
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
export function writeSelect(select: XmlElement, { out }: Page): void {
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

export function writeTextArea(area: XmlElement, { out }: Page): void {
  const text = textOf(area).trim();
  if (text !== '') out.block(text.split(/\r\n|\r|\n/));
}

/** A gauge: what stands in it, else its value. */
export function writeGauge(gauge: XmlElement, page: Page): void {
  const values = [attribute(gauge, 'value'), attribute(gauge, 'max')].filter((value) => value !== undefined);
  if (textOf(gauge).trim() === '') page.out.text(values.join('/'));
  else page.inside(gauge);
}
