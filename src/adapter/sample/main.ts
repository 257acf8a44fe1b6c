// node dist/adapter/sample/main.js
import { startSample } from './sample-server.ts'

const { crmOrigin } = await startSample()
console.log(`A CRM page, and a stand-in for the adapter in it: ${crmOrigin}/ (Ctrl+C ends it)`)
