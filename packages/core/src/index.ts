// Names for applications: one policy, decided inside the process. Loads neither YAML nor a schema library; see ./policy for those.
export { type Application, type ApplicationOptions, createApplication } from './application.ts'
export { createLogKey } from './decision-log/log-key.ts'
export type { Decision } from './model/decision.ts'
export type { Engine, Evaluation } from './model/engine.ts'
export type { PolicyImage } from './model/policy-image.ts'
