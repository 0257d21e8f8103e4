import { Program, type ProgramSettings } from '../support/program.ts';

/** Starts the built program; it does not outlive this process, however that ends by itself. */
export function startProgram(args: readonly string[], settings?: ProgramSettings): Program {
  const program = new Program(args, settings);
  const kill = (): void => program.kill('SIGKILL');
  process.once('exit', kill);
  void program.exited.then(() => process.off('exit', kill));
  return program;
}
