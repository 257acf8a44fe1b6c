import { createContext } from 'preact'
import { useContext, useLayoutEffect, useReducer } from 'preact/hooks'
import type { Model } from './model.ts'

export const ModelContext = createContext<Model | undefined>(undefined)

/** The model; whoever asks is drawn again when it changes. */
export function useModel(): Model {
  const model = useContext(ModelContext)
  if (!model) throw new Error('there is no model around')
  const [, drawAgain] = useReducer<number, void>((count) => count + 1, 0)
  // Before anything is painted: an answer that comes at once must not be missed.
  useLayoutEffect(() => model.subscribe(() => drawAgain()), [model])
  return model
}
