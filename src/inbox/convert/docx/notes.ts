import { childElement, type MaybeElement, type XmlElement } from '../xml.ts';
import { formatted } from './numbering.ts';
import { valueIn } from './styles.ts';

/** A note or a comment, and the part in which it stands. */
export interface Note {
  readonly path: string;
  readonly element: XmlElement;
}

/** Footnotes and endnotes, which are counted apart, as Word shows them: endnotes in Roman numerals, unless the settings say others. */
export class Notes {
  readonly #notes: ReadonlyMap<string, Note>;
  /** The first one counts that says how notes are numbered. */
  readonly #settings: readonly MaybeElement[];
  /** By the names of notes, in the order in which they are referred to. */
  readonly #marks = new Map<string, string>();
  readonly #counts = new Map<string, number>();
  readonly #used = new Set<string>();

  /** Notes by their names: `footnote 3`. */
  constructor(notes: readonly (readonly [string, Note])[], settings: readonly MaybeElement[]) {
    this.#notes = new Map(notes);
    this.#settings = settings;
  }

  /** What stands where a note is referred to: `[^1]`; null if there is no such note. `hasSign`: its author gave it a sign, and it is not counted. */
  mark(name: string, hasSign = false): string | null {
    if (!this.#notes.has(name)) return null;
    let mark = this.#marks.get(name);
    if (mark === undefined) {
      mark = hasSign ? `note ${this.#marks.size + 1}` : this.#next(name.startsWith('endnote') ? 'endnote' : 'footnote');
      this.#marks.set(name, mark);
    }
    return `[^${mark}]`;
  }

  /** The notes that were referred to, then those that are left. */
  texts(read: (note: Note) => string): readonly string[] {
    for (const name of this.#notes.keys()) this.mark(name);
    const texts: string[] = [];
    for (const [name, mark] of this.#marks) {
      const note = this.#notes.get(name);
      if (note !== undefined) texts.push(`[^${mark}]: ${read(note)}`.trimEnd());
    }
    return texts;
  }

  #next(kind: 'footnote' | 'endnote'): string {
    const setting = (name: string): string | undefined => {
      const values = this.#settings.map((settings) => valueIn(childElement(settings, `${kind}Pr`), name));
      return values.find((value) => value !== undefined);
    };
    const count = (this.#counts.get(kind) ?? (Number(setting('numStart')) || 1) - 1) + 1;
    this.#counts.set(kind, count);
    const format = setting('numFmt');
    const number = formatted(format ?? (kind === 'endnote' ? 'lowerRoman' : 'decimal'), count);
    const mark = this.#used.has(number) || number === '' ? `${kind} ${count}` : number;
    this.#used.add(mark);
    return mark;
  }
}
