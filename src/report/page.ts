/** `index.html`: one file that loads nothing, opens from disk and from a store of build artifacts, and prints. */
import type { RunResult } from '../result/result.js'
import { clientScript, plotScript, styles } from './assets.js'
import { html, type Html } from './html.js'
import { loadSection } from './load-view.js'
import { matrixSection } from './matrix.js'
import { attentionSection } from './attention.js'
import { comparisonSection } from './comparison-view.js'
import { notTestedSection } from './not-tested.js'
import { aboutSection, firstScreen, noiseSection, titleOf } from './overview.js'
import { surveySection } from './survey-view.js'
import { packData } from './page-data.js'
import { pageOf } from './page-head.js'
import { signDefinitions } from './parts.js'
import { executionsOf } from './places.js'
import { pictureSection } from './pictures.js'
import { relaysSection } from './relays-view.js'
import { scenarioSection } from './scenario-list.js'

/** Bytes of the page of a usual run, of an execution more than it has, and of any page. */
const USUAL = { bytes: 1_990_000, executions: 800, each: 2_500, most: 4_990_000 }

/** Bytes of a page: what it carries for its script is cut so that it stays below, where its tables leave room. */
function mostBytes(result: RunResult): number {
  const more = Math.max(0, executionsOf(result).length - USUAL.executions)
  return Math.min(USUAL.most, USUAL.bytes + more * USUAL.each)
}

/** @param opens key of the scenario that it shows first; absent: the overview @returns the page's text */
export async function page(result: RunResult, opens?: string): Promise<string> {
  const withPlot = (result.load?.series?.length ?? 0) > 1
  const scripts = [...(withPlot ? [plotScript()] : []), await clientScript()]
  const css = styles(withPlot)
  const body = html`${signDefinitions()}
<div id="overview">
<a class="skip" href="#attention">Skip to what needs attention</a>
${navigation(result)}
<main>
${firstScreen(result)}
${comparisonSection(result)}
${attentionSection(result)}
${surveySection(result)}
${result.scenarios.length > 0 && matrixSection(result)}
${pictureSection(result)}
${relaysSection(result)}
${loadSection(result.load)}
${scenarioSection(result)}
${notTestedSection(result)}
${noiseSection(result)}
${aboutSection(result)}
</main>
</div>
<main id="scenario" hidden></main>
<p id="said" class="hidden" role="status"></p>
<footer>ringproof ${result.ringproof} · rendered from <a href="result.json">result.json</a> · <a href="junit.xml">junit.xml</a> · <a href="ctrf.json">ctrf.json</a> · <a href="summary.md">summary.md</a></footer>`
  const plays = executionsOf(result).some(({ recordings = [] }) => recordings.length > 0)
  const head = { title: titleOf(result), verdict: result.verdict, css, scripts, plays }
  const room = mostBytes(result) - Buffer.byteLength(pageOf({ ...head, data: '' }, body))
  return pageOf({ ...head, ...(await packData(result, room, opens)) }, body)
}

function navigation({ load, scenarios, target, survey, comparison, relays = [] }: RunResult): Html {
  const pictures = scenarios.some((scenario) => (scenario.pictures ?? []).length > 0)
  const entry = (id: string, title: string) => html`<a href="#${id}">${title}</a>`
  return html`<nav class="top" aria-label="Sections"><b><bdi>${target.name.slice(0, 60)}</bdi></b>${comparison && entry('comparison', 'Changes')}${entry('attention', 'Attention')}${survey && entry('target', 'Target')}${scenarios.length > 0 && entry('matrix', 'Matrix')}${pictures && entry('pictures', 'Pictures')}${relays.length > 0 && entry('relays', 'Relays')}${load && entry('load', 'Load')}${scenarios.length > 0 && entry('scenarios', 'Scenarios')}${entry('not-tested', 'Not tested')}${entry('about', 'About')}</nav>`
}
