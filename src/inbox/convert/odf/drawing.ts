import { describedPicture, type Reading } from '../reading.ts';
import { attribute, childElement, childElements, elementsNamed, textOf, type XmlElement } from '../xml.ts';

/** `[Picture: …]` with an element's title and description, if it has any. */
export function described(element: XmlElement): readonly string[] {
  const [title = '', description = ''] = ['title', 'desc'].map((name) =>
    textOf(childElement(element, name)).replaceAll(/\s+/g, ' ').trim(),
  );
  const text = [description.includes(title) ? '' : title, description].filter((word) => word !== '').join(': ');
  return describedPicture(text);
}

/** What a picture says: its description, else that it was left out. */
export function pictureText(element: XmlElement, reading: Reading): string {
  return described(element)[0] ?? reading.leave('picture');
}

const VIDEO = /\.(?:mp4|m4v|mov|avi|wmv|webm|mkv|mpe?g|ogv|flv)$/i;
const AUDIO = /\.(?:mp3|wav|m4a|aac|og[ag]|opus|flac|wma|aiff?|midi?)$/i;

/** What a frame shows that is played or run. */
export function mediaKind(element: XmlElement): string {
  const address = attribute(element, 'href') ?? '';
  if (VIDEO.test(address)) return 'video';
  return AUDIO.test(address) ? 'audio recording' : 'embedded object';
}

/** The controls of the forms directly in an element, by the names by which they are drawn. */
export function formControls(parents: readonly XmlElement[]): ReadonlyMap<string, XmlElement> {
  const controls = new Map<string, XmlElement>();
  const collect = (element: XmlElement): void => {
    for (const control of childElements(element)) {
      const { 'form:id': formId } = control.attributes;
      for (const id of [formId, attribute(control, 'id')]) if (id !== undefined) controls.set(id, control);
      collect(control);
    }
  };
  for (const parent of parents) for (const forms of childElements(parent, 'forms')) collect(forms);
  return controls;
}

/** What a control shows: its box and label, its value, what is chosen in it. */
export function controlText(control: XmlElement, reading: Reading): string {
  const label = attribute(control, 'label') ?? '';
  switch (control.name) {
    case 'checkbox':
      return `${boxMark((attribute(control, 'current-state') ?? attribute(control, 'state')) === 'checked')} ${label}`;
    case 'radio':
      return `${boxMark((attribute(control, 'current-selected') ?? attribute(control, 'selected')) === 'true')} ${label}`;
    case 'listbox':
      return chosen(control);
    case 'button':
    case 'fixed-text':
    case 'frame':
      return label;
    case 'image-frame':
      return reading.leave('picture');
    case 'hidden':
    case 'password':
      return '';
    default: {
      const value = attribute(control, 'current-value') ?? attribute(control, 'value') ?? label;
      return value === '' ? elementsNamed(control, 'p').map(textOf).join('\n') : value;
    }
  }
}

function chosen(list: XmlElement): string {
  const options = childElements(list, 'option');
  const now = options.filter((option) => attribute(option, 'current-selected') === 'true');
  const entries = now.length > 0 ? now : options.filter((option) => attribute(option, 'selected') === 'true');
  return entries.map((option) => attribute(option, 'label') ?? '').join(', ');
}

/** The field of a form as Word knows it: a box, or the entry that is chosen. */
export function fieldText(field: XmlElement): string {
  const type = attribute(field, 'type') ?? '';
  const values = (name: string): readonly string[] =>
    childElements(field, 'param')
      .filter((parameter) => attribute(parameter, 'name')?.endsWith(name) === true)
      .map((parameter) => attribute(parameter, 'value') ?? '');
  if (type.endsWith('FORMCHECKBOX')) return boxMark(values('Checkbox_Checked')[0] === 'true');
  if (type.endsWith('FORMDROPDOWN')) {
    const index = Number(values('Dropdown_Selected')[0] ?? values('Dropdown_Result')[0] ?? -1);
    return values('Dropdown_ListEntry')[index] ?? '';
  }
  return '';
}

function boxMark(isTicked: boolean): string {
  return isTicked ? '☒' : '☐';
}
