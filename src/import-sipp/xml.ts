/** SIPp's XML as a tree of elements. What comes from a stranger's file is bounded: its size, its depth, its elements; no entity is expanded. */
import sax from 'sax'
import { SippFileError } from './sipp-file-error.js'

export interface XmlElement {
  readonly name: string
  readonly attributes: ReadonlyMap<string, string>
  /** Line of its start tag, counted from 1. */
  readonly line: number
  readonly children: readonly XmlElement[]
  /** Text and CDATA in it, without that of its children. */
  readonly text: string
}

interface OpenElement extends XmlElement {
  readonly children: XmlElement[]
  text: string
}

/** Octets. The longest scenarios that people write have some hundred kilobytes. */
const MOST_OCTETS = 2_000_000
const DEEPEST = 16
const MOST_ELEMENTS = 5_000
/** Before its root element a file may have a declaration, comments and a document type. */
const ENTITY = /<!ENTITY/i

/**
 * Reads a file. Comments are passed over, and so is the document type, unless it defines entities.
 * @param file name for messages
 * @throws SippFileError
 */
export function parseXml(text: string, file: string): XmlElement {
  if (text.length > MOST_OCTETS) {
    throw new SippFileError(
      file,
      `the file is larger than ${MOST_OCTETS / 1e6} MB; no scenario of SIPp is. Check its name.`,
    )
  }
  const parser = sax.parser(true, { position: true })
  const place = () => ({ line: parser.line + 1, column: parser.column + 1 })
  const refuse = (what: string): never => {
    throw new SippFileError(file, what, place())
  }
  const open: OpenElement[] = []
  let root: XmlElement | undefined
  let elements = 0
  // Of a start tag that goes over several lines, the first counts.
  let startLine = 1
  const onerror = (error: Error) => {
    const [what = 'it cannot be read'] = error.message.split('\n')
    refuse(
      `not well-formed XML: ${what} Mend it there: every element must be closed, and & and < of texts stand in CDATA.`,
    )
  }
  const ondoctype = (type: string) => {
    if (ENTITY.test(type) || type.includes('['))
      refuse('the document type defines things of its own. Delete its [ … ]: SIPp does not need it.')
  }
  const onopentagstart = () => {
    startLine = parser.line + 1
  }
  const onopentag = (tag: sax.Tag | sax.QualifiedTag) => {
    elements += 1
    if (open.length >= DEEPEST) refuse(`elements lie more than ${DEEPEST} deep. A scenario of SIPp has three levels.`)
    if (elements > MOST_ELEMENTS) refuse(`more than ${MOST_ELEMENTS} elements. Divide the file.`)
    const attributes = new Map(Object.entries(tag.attributes).map(([name, value]) => [name, String(value)]))
    const element: OpenElement = { name: tag.name, attributes, line: startLine, children: [], text: '' }
    open.at(-1)?.children.push(element)
    open.push(element)
    root ??= element
  }
  const ontext = (more: string) => {
    const element = open.at(-1)
    if (element) element.text += more
  }
  const onclosetag = () => {
    open.pop()
  }
  Object.assign(parser, { onerror, ondoctype, onopentagstart, onopentag, ontext, oncdata: ontext, onclosetag })
  parser.write(text.replace(/^\uFEFF/, '')).close()
  if (root === undefined)
    throw new SippFileError(file, 'no XML element is in it. Name a scenario of SIPp, an XML file with <scenario>.')
  return root
}
