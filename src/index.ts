export type { AttemptRecord, Billing } from './domain/attempt.ts';
export { DiskError, UsageError } from './domain/errors.ts';
export type { PipelineEvent } from './domain/events.ts';
export type { FailureReport } from './domain/ports.ts';
export type { Summary } from './report/summary.ts';
export { type FaultPlan, parseFaultPlan } from './simulator/fault-plan.ts';
export { type Simulator, type SimulatorOptions, startSimulator } from './simulator/simulator.ts';
