import { isObject, type JsonObject, type JsonValue } from '@balustrade/core/kit'
import { type Demand, readDemand } from './demand.ts'
import { parseReturnTarget } from './return-target.ts'

/** Why a login is begun: made when a request is challenged, carried sealed by the browser, kept with the transaction. */
export interface Start {
  /** Name of the service. */
  readonly service: string
  /** Origin that was asked, in which everything of this login happens. */
  readonly origin: string
  /** Where the browser goes afterwards. */
  readonly target: string
  readonly demand: Demand
  /** Who is logged in at present; null: nobody. */
  readonly present: { readonly provider: string; readonly subject: string } | null
  /** Id of the kept form that is sent afterwards. */
  readonly form: string | null
  /** Marks of the browser that sent the form, by one of which it is known again. */
  readonly marks: readonly string[]
  /** Epoch ms. */
  readonly at: number
}

export const startJson = (start: Start): JsonObject => ({
  ...start,
  demand: { ...start.demand },
  present: start.present === null ? null : { ...start.present },
})

const isText = (value: JsonValue | undefined): value is string => typeof value === 'string'

const isPresent = (value: JsonValue | undefined): value is { provider: string; subject: string } | null =>
  value === null || (isObject(value) && isText(value['provider']) && isText(value['subject']))

const isTexts = (value: JsonValue | undefined): value is readonly string[] => Array.isArray(value) && value.every(isText)

/** Only the form; what each member means is looked at by whoever reads it. */
const hasForm = (value: JsonObject): boolean =>
  isText(value['service']) && isText(value['origin']) && typeof value['at'] === 'number' && isPresent(value['present'])

const readForm = ({ form, marks }: JsonObject): Pick<Start, 'form' | 'marks'> | null =>
  isTexts(marks) && (form === null || isText(form)) ? { form, marks } : null

/** A start read back. The target is parsed again: it is where a browser will be sent. */
export const readStart = (value: JsonValue | undefined): Start | null => {
  if (!isObject(value) || !hasForm(value)) return null
  const target = parseReturnTarget(value['target'])
  const demand = readDemand(value['demand'])
  const form = readForm(value)
  if (target === null || demand === null || form === null) return null
  const { service, origin, present, at } = value as unknown as Pick<Start, 'service' | 'origin' | 'present' | 'at'>
  return { service, origin, target, demand, present, ...form, at }
}
