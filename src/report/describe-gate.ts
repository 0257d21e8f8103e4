import type { GateEvent } from '../domain/events.ts';
import type { Description } from './description.ts';
import { coolingInWords, limitedInWords, pacedInWords, pausedInWords } from './gate-words.ts';

/** What log and terminal say of the gate. */
export function describeGate(event: GateEvent): Description {
  switch (event.type) {
    case 'gate-cooling':
      return info(coolingInWords(event));
    case 'gate-limited':
      return info(`${limitedInWords(event.calls)}: ${event.reason}`);
    case 'gate-paced':
      return info(
        event.callsPerMinute === null
          ? 'no longer paced'
          : `${pacedInWords(event.callsPerMinute)}, as the API takes them`,
      );
    case 'gate-probing':
      return { level: 'warn', message: `one call at a time to ${event.model}: ${event.reason}` };
    case 'gate-recovered':
      return { level: 'warn', message: `${event.model} answers again: no longer one call at a time` };
    case 'gate-paused':
      return { level: event.scope === 'budget' ? 'warn' : 'error', message: pausedInWords(event) };
    case 'gate-resumed':
      return info(`no longer paused: ${event.scope}`);
  }
}

function info(message: string): Description {
  return { level: 'info', message };
}
