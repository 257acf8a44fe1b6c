import { render } from 'preact'
import { App } from './app.tsx'
import { Model } from './model.ts'
import { tokenFrom } from './token.ts'
import { ModelContext } from './use-model.ts'

const model = new Model()
addEventListener('hashchange', () => {
  const token = tokenFrom(location)
  if (token.isNew) void model.start(token.value)
  else model.followAddress()
})
addEventListener('popstate', () => model.followAddress())
addEventListener('beforeunload', (event) => {
  if (model.unsaved.length) event.preventDefault()
})
document.addEventListener('keydown', (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.altKey || event.key.toLowerCase() !== 's') return
  event.preventDefault()
  void model.save()
})

render(
  <ModelContext.Provider value={model}>
    <App />
  </ModelContext.Provider>,
  document.body,
)
void model.start(tokenFrom(location).value)
