/** The package's own files: its folder, what was compiled from it, and lists of what lies there. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The folder of the checkout, or of the installed package: seen from dist/src/worlds/ and from src/worlds/ alike. */
export const packageFolder = folderWithPackage(dirname(fileURLToPath(import.meta.url)))

/** Where the build puts a source file: threads and child processes run that, also where their parent runs from source. */
export const compiledFile = (source: string): string => join(packageFolder, 'dist', source.replace(/\.ts$/, '.js'))

/** This release, as `0.1.0`. */
export function version(): string {
  const parsed: unknown = JSON.parse(readFileSync(join(packageFolder, 'package.json'), 'utf8'))
  const found = typeof parsed === 'object' && parsed !== null && 'version' in parsed ? parsed.version : undefined
  return typeof found === 'string' ? found : '0.0.0'
}

/** Absolute paths of the files below a folder with a name that ends so, sorted; none where there is no such folder. */
export function filesBelow(folder: string, ending: string): string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
}

function folderWithPackage(folder: string): string {
  if (existsSync(join(folder, 'package.json')) || folder === dirname(folder)) return folder
  return folderWithPackage(dirname(folder))
}
