/**
 * The sound of alarms and timers, made here: two short tones, again and again, until somebody sees to it.
 *
 * A browser lets a page sound only after somebody touched it; `canRing` says whether it does.
 */

import { signal } from "@preact/signals";

const PAUSE_MS = 1_600;
const LONGEST_MS = 120_000;
// Frequency in Hz, and when each tone begins, in seconds.
const TONES = [[880, 0], [1_174.7, 0.22], [880, 0.44]] as const;
const TONE_S = 0.18;

/** False when the browser keeps the page silent until somebody touches it. */
export const canRing = signal(true);

let context: AudioContext | null = null;
let timer: ReturnType<typeof setInterval> | null = null;
let ends: ReturnType<typeof setTimeout> | null = null;

/** Begin to ring; once more changes nothing. */
export function startRinging(): void {
  if (timer !== null) return;
  timer = setInterval(() => void chime(), PAUSE_MS);
  ends = setTimeout(stopRinging, LONGEST_MS);
  void chime();
}

export function stopRinging(): void {
  if (timer !== null) clearInterval(timer);
  if (ends !== null) clearTimeout(ends);
  timer = ends = null;
}

/** Return whether it rings now. */
export function isRinging(): boolean {
  return timer !== null;
}

/** Sound once; also what lets the page sound later, when it is called by a touch. */
export async function chime(): Promise<void> {
  if (typeof AudioContext === "undefined") return;
  context ??= new AudioContext();
  // Where a touch is missing this never ends, so it is not waited for.
  const resumed = context.state === "running" ? Promise.resolve() : context.resume();
  await Promise.race([resumed, new Promise((resolve) => setTimeout(resolve, 300))]);
  canRing.value = context.state === "running";
  if (!canRing.value) return;
  for (const [frequency, delay] of TONES) tone(context, frequency, context.currentTime + delay);
}

function tone(to: AudioContext, frequency: number, at: number): void {
  const oscillator = to.createOscillator();
  const volume = to.createGain();
  oscillator.type = "triangle";
  oscillator.frequency.value = frequency;
  volume.gain.setValueAtTime(0.0001, at);
  volume.gain.exponentialRampToValueAtTime(0.4, at + 0.02);
  volume.gain.exponentialRampToValueAtTime(0.0001, at + TONE_S);
  oscillator.connect(volume).connect(to.destination);
  oscillator.start(at);
  oscillator.stop(at + TONE_S + 0.02);
}
