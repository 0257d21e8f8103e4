import type { Sink, SinkAnswer } from '../../library/sink.ts';
import { columnsOf } from '../../report/screen.ts';
import { answerLines, visible } from '../../report/words.ts';
import type { ProcessContext } from '../command.ts';

/** Answers on stdout, as they come; under a heading each, where there are several. */
export class PrintedAnswers implements Sink {
  readonly #stdout: ProcessContext['stdout'];
  readonly #several: boolean;
  #isFirst = true;
  /** What stdout refused with: its reader is gone, or its disk is full. */
  refusal: Error | null = null;
  /** Is called before each answer: the live block may stand on the same terminal. */
  makeRoom: () => void = () => undefined;
  /** Is called when stdout takes no more. */
  onRefusal: () => void = () => undefined;

  constructor(stdout: ProcessContext['stdout'], several: boolean) {
    this.#stdout = stdout;
    this.#several = several;
  }

  /** Waits for a reader that is slow. An answer that cannot be printed ends the run, and is not tried again. */
  file({ id, text }: SinkAnswer): Promise<void> {
    const answer = this.#stdout.isTTY === true ? answerLines(text, columnsOf(this.#stdout)).join('\n') : text;
    const heading = this.#several ? `${this.#isFirst ? '' : '\n'}==> ${visible(id)} <==\n` : '';
    this.#isFirst = false;
    this.makeRoom();
    return new Promise((resolve) => {
      this.#stdout.write(`${heading}${answer}${answer.endsWith('\n') ? '' : '\n'}`, (error) => {
        if (error instanceof Error) {
          this.refusal ??= error;
          this.onRefusal();
        }
        resolve();
      });
    });
  }
}
