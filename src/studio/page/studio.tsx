/*! The page of Carryover's studio. Apache-2.0. It holds these works under the MIT licence:

preact: Copyright (c) 2015-present Jason Miller
@codemirror/autocomplete, @codemirror/commands, @codemirror/language, @codemirror/lint, @codemirror/search, @codemirror/state,
@codemirror/streamparser, @codemirror/view: Copyright (C) 2018-2021 by Marijn Haverbeke <marijn@haverbeke.berlin> and others
@codemirror/lang-yaml: Copyright (C) 2024 by Marijn Haverbeke <marijn@haverbeke.berlin> and others
@lezer/common, @lezer/highlight, @lezer/lr: Copyright (C) 2018 by Marijn Haverbeke <marijn@haverbeke.berlin> and others
@lezer/yaml: Copyright (C) 2024 by Marijn Haverbeke <marijnh@gmail.com> and others
@marijn/find-cluster-break: Copyright (C) 2024 by Marijn Haverbeke <marijn@haverbeke.berlin>
crelt: Copyright (C) 2020 by Marijn Haverbeke <marijn@haverbeke.berlin>
style-mod: Copyright (C) 2018 by Marijn Haverbeke <marijn@haverbeke.berlin> and others
w3c-keyname: Copyright (C) 2016 by Marijn Haverbeke <marijn@haverbeke.berlin> and others

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the
"Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish,
distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to
the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF
MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR
ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH
THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE. */
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
