import { html } from './html.ts'

const ICON =
  'data:image/svg+xml,%3Csvg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"%3E%3Crect width="16" height="16" rx="4" fill="%232f5fb3"/%3E%3Cpath d="M4 5h5M4 8h8M4 11h3" stroke="white" stroke-width="1.6" stroke-linecap="round"/%3E%3C/svg%3E'

/** The page without anything in it: it knows nothing of the project, so that it may be given to anybody. */
export const drawShell = (nonce: string): string =>
  html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Carryover studio</title>
<link rel="icon" href="${ICON}">
<link rel="stylesheet" href="/studio.css" nonce="${nonce}">
<script type="module" src="/studio.js"></script>
</head>
<body>
<noscript>The studio needs JavaScript.</noscript>
</body>
</html>
`.text

/** The frame that plays the agent adapter; it listens to the studio's page alone. */
export const drawAdapter = (studio: string): string =>
  html`<!doctype html>
<html lang="en" data-studio="${studio}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Simulated agent adapter</title>
<link rel="stylesheet" href="/adapter-frame.css">
<script type="module" src="/adapter-frame.js"></script>
</head>
<body></body>
</html>
`.text
