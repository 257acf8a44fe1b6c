const KEY = 'carryover-studio-token'

/** The token of the address that was opened, else that of an earlier visit. It leaves the address bar at once, and the history. */
export function tokenFrom({ hash }: Location): { readonly value: string; readonly isNew: boolean } {
  const params = new URLSearchParams(hash.slice(1))
  const given = params.get('token')
  if (given === null) return { value: localStorage.getItem(KEY) ?? '', isNew: false }
  localStorage.setItem(KEY, given)
  params.delete('token')
  history.replaceState(null, '', `#${params}`)
  return { value: given, isNew: true }
}
