/** What one benchmark says: our figure beside the peers', measured in the same run. */
export interface BenchResult {
  readonly name: string
  readonly ours: number
  readonly unit: string
  readonly peers: { readonly name: string; readonly value: number }[]
  readonly target?: { readonly text: string; readonly met: boolean }
}
