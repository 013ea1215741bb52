import { testShare } from './matrix.js'

testShare(0, 2)
