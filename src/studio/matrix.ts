import { type DictionaryRow, dictionaryOf, rowsOf, textOf } from '../core/dictionary.ts'
import { ACTION_MEANINGS, cellOf, describeLimit } from '../core/dictionary-words.ts'
import { DETECTOR_MEANINGS } from '../core/meanings.ts'
import { SURFACES } from '../core/surface.ts'
import { nameRule } from './evaluate.ts'
import type { Edited } from './project.ts'
import type { MatrixRow, MatrixView } from './protocol.ts'

/** Every variable of the project by surfaces, as the data dictionary has them. */
export function matrixOf({ configuration, loaded, broken }: Edited): MatrixView {
  if (!configuration) return { rows: [], policy: undefined, broken: [...broken] }
  const examples = loaded.examples.filter(({ plan }) => configuration.plans.includes(plan))
  const { flows, policy } = dictionaryOf({ ...configuration, examples, texts: loaded.texts })
  return {
    rows: rowsOf(flows).map(toRow),
    policy: policy && {
      file: policy.file,
      rules: policy.rules.map(({ pattern, line, surfaces, reason, variables }) => ({
        pattern,
        line,
        limit: describeLimit(surfaces),
        reason,
        variables: variables.length,
      })),
      values: policy.values.map(
        ({ detect, action }) => `${DETECTOR_MEANINGS[detect]} Where one is found, ${ACTION_MEANINGS[action]}.`,
      ),
    },
    broken: [...broken],
  }
}

function toRow({ flow, capture, variable }: DictionaryRow): MatrixRow {
  const { name, line, required, description, origin, rules, format, mask, fallback } = variable
  const form = [
    ...(format === 'raw' ? [] : [format]),
    ...(mask ? [`mask ${mask}`] : []),
    ...(fallback ? [`if not set: ${textOf(fallback.value)}`] : []),
    ...(required ? ['required'] : []),
  ]
  return {
    name,
    line,
    required,
    file: flow.file,
    flow: flow.flow,
    tag: capture.tag,
    enabled: capture.enabled,
    madeOf: origin.kind === 'answer' ? 'the person’s next answer' : origin.text,
    description,
    cells: Object.fromEntries(SURFACES.map((surface) => [surface, cellOf(variable, surface)])) as MatrixRow['cells'],
    rules: rules.map(nameRule),
    form: form.join(', '),
  }
}
