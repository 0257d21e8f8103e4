import { commentLine, type Reading } from '../reading.ts';

type Maybe<T> = T | null | undefined;

/** What of an annotation of pdf.js is read; all is there or not, as it is in the file. */
export interface Annotation {
  readonly subtype?: Maybe<string>;
  /** Left, bottom, right, top. */
  readonly rect?: Maybe<readonly number[]>;
  readonly annotationFlags?: Maybe<number>;
  readonly hasAppearance?: Maybe<boolean>;
  readonly contentsObj?: Maybe<{ readonly str: string }>;
  readonly titleObj?: Maybe<{ readonly str: string }>;
  /** Of a reply that says no more than that somebody has done something. */
  readonly stateModel?: Maybe<string>;
  /** The text of the page that it lies on. */
  readonly overlaidText?: Maybe<string>;
  readonly url?: Maybe<string>;
  readonly unsafeUrl?: Maybe<string>;
  readonly file?: Maybe<{ readonly filename?: Maybe<string> }>;
  // Of a field of a form:
  readonly fieldType?: Maybe<string>;
  readonly fieldName?: Maybe<string>;
  readonly alternativeText?: Maybe<string>;
  readonly fieldValue?: unknown;
  readonly checkBox?: Maybe<boolean>;
  readonly radioButton?: Maybe<boolean>;
  readonly exportValue?: Maybe<string>;
  readonly buttonValue?: Maybe<string>;
  readonly options?: Maybe<readonly { readonly exportValue: string; readonly displayValue: string }[]>;
}

/** Hidden (ISO 32000-1, table 165): it is shown neither on paper nor on a screen. */
const HIDDEN = 2;

/** What lies on the text of a page, from its top down: values of a form, notes, addresses of links. */
export function annotationLines(annotations: readonly Annotation[], reading: Reading): readonly string[] {
  const sorted = annotations.toSorted((a, b) => placeOf(b, 3) - placeOf(a, 3) || placeOf(a, 0) - placeOf(b, 0));
  const lines = sorted.flatMap((annotation) =>
    ((annotation.annotationFlags ?? 0) & HIDDEN) === 0 ? annotationLine(annotation, reading) : [],
  );
  // A link over several lines is several links.
  return [...new Set(lines)];
}

function placeOf({ rect }: Annotation, side: number): number {
  return Math.round(rect?.[side] ?? 0);
}

function annotationLine(annotation: Annotation, reading: Reading): readonly string[] {
  const { subtype, overlaidText, url, unsafeUrl, file, hasAppearance, stateModel, titleObj } = annotation;
  const on = oneLine(overlaidText);
  const contents = (annotation.contentsObj?.str ?? '').replaceAll(/\r\n?/g, '\n').trim();
  switch (subtype ?? '') {
    case 'Widget':
      return fieldLine(annotation, reading);
    case 'Link': {
      const address = (url ?? unsafeUrl ?? '').replace(/^mailto:/i, '');
      return address === '' || on.includes(address)
        ? []
        : [on === '' ? `Link: <${address}>` : `Link: ${on} <${address}>`];
    }
    case 'FreeText':
      return contents === '' ? [] : [contents];
    case 'FileAttachment':
      return [`${reading.leave('attachment')} ${oneLine(file?.filename || contents)}`];
    case 'Movie':
    case 'Sound':
    case 'Screen':
    case 'RichMedia':
    case '3D':
      return [reading.leave('embedded object')];
    case 'Popup':
      // It shows what another one says.
      return [];
    default: {
      const lines = subtype === 'StrikeOut' && on !== '' ? [`[Struck out: ${on}]`] : [];
      if (contents !== '' && !stateModel) {
        const author = oneLine(titleObj?.str);
        return [...lines, commentLine({ author, on: on === '' ? '' : `"${on}"`, text: contents })];
      }
      // A stamp and what was drawn by hand: a signature, for instance.
      if (hasAppearance === true && (subtype === 'Stamp' || subtype === 'Ink'))
        return [reading.leave(subtype === 'Ink' ? 'drawing' : 'stamp')];
      return lines;
    }
  }
}

function fieldLine(annotation: Annotation, reading: Reading): readonly string[] {
  const { fieldType, fieldValue, checkBox, radioButton, exportValue, buttonValue, options } = annotation;
  const name = fieldLabel(annotation);
  if (fieldType === 'Sig') return annotation.hasAppearance === true ? [`${name}: ${reading.leave('signature')}`] : [];
  if (checkBox === true) {
    // Without a picture of its state, a box says no value of its own.
    const isChecked =
      exportValue === undefined || exportValue === null
        ? isText(fieldValue) && fieldValue !== 'Off'
        : fieldValue === exportValue;
    return [`${isChecked ? '☒' : '☐'} ${name}`];
  }
  if (radioButton === true) return [`${fieldValue === buttonValue ? '☒' : '☐'} ${name}: ${buttonValue ?? ''}`];
  const values = (Array.isArray(fieldValue) ? fieldValue : [fieldValue]).filter(isText);
  if (values.length === 0) return [];
  const shown = values.map((value) => options?.find((option) => option.exportValue === value)?.displayValue ?? value);
  return [`${name}: ${shown.join(', ').replaceAll(/\r\n?/g, '\n').trim()}`];
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '';
}

/** What is said to who cannot see the field, else its name: of `form[0].page[0].street[0]`, the last. */
function fieldLabel({ alternativeText, fieldName }: Annotation): string {
  return oneLine(alternativeText) || (fieldName?.split('.').at(-1) ?? '').replace(/\[\d+\]$/, '');
}

function oneLine(text: Maybe<string>): string {
  return (text ?? '').replaceAll(/\s+/g, ' ').trim();
}
