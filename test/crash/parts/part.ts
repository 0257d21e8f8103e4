import type { Finding } from '../aftermath.ts';

/** A line of the table that is printed at the end. */
export type Row = readonly [what: string, figure: number, must: string];

export interface PartSettings {
  /** Workspaces that are killed in. */
  readonly trials: number;
  /** The one trial that is wanted; null for all. */
  readonly trial: number | null;
  readonly seed: number;
  /** Of the calls that can fail, only each so-manieth does. */
  readonly every: number;
  /** Says how far it is. */
  readonly say: (what: string) => void;
  /** Tells of findings at once, with where they come from. */
  readonly tell: (findings: readonly Finding[], where: string) => void;
}

/** A part of the proof: does its work, and resolves to its figures. */
export type Part = (settings: PartSettings) => Promise<readonly Row[]>;
