import { testsOfLedger } from '../ledger/ledger-conformance.ts';
import { MemoryLedger } from './memory-ledger.ts';

/** The stand-in for virtual time keeps what the ledger promises. */
testsOfLedger(() => Promise.resolve(new MemoryLedger()));
