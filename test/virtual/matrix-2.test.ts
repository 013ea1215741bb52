import { testShare } from './matrix.js'

testShare(1, 2)
