// SPDX-License-Identifier: GPL-2.0-only
// What walks a reader through one call, on the page and in a notebook.

export { type Moment, startStepper, type WalkedPicture } from './stepper.ts'
