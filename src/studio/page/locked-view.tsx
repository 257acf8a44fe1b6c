import { useState } from 'preact/hooks'

/** Whoever comes without the token: a link from somebody else, or an address of an earlier run. */
export function LockedView() {
  const [typed, setTyped] = useState('')
  const token = /token=([\w-]+)/.exec(typed)?.[1]
  const open = (event: Event) => {
    event.preventDefault()
    if (token) location.hash = `${location.hash.replace(/^#?/, '#')}&token=${token}`
  }
  return (
    <main class="locked">
      <h1>Carryover studio</h1>
      <p>
        This page needs the address that <code>carryover studio</code> has printed in your terminal. Open that one, or
        paste it here; what a link brought along stays.
      </p>
      <form onSubmit={open}>
        <label for="address">The printed address</label>
        <input id="address" value={typed} onInput={(event) => setTyped(event.currentTarget.value)} autocomplete="off" />
        <button type="submit" class="primary" disabled={!token}>
          Open
        </button>
      </form>
    </main>
  )
}
