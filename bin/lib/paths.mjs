import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The project's (or the installed package's) own folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** A path below it. */
export const at = (...parts) => join(root, ...parts)

/** Where things are kept that take long to make. */
export const cache = process.env.RINGPROOF_CACHE || at('.cache')
