/** Units that only the device has. */

import { language } from "../../text/t";

/** Return `58 °C`. */
export function temperature(celsius: number): string {
  return unit(celsius, "celsius", 0);
}

/** Return `12 ms`, or `1.2 s` where that is shorter. */
export function milliseconds(value: number): string {
  return value < 1000 ? unit(value, "millisecond", value < 10 ? 1 : 0) : unit(value / 1000, "second", 1);
}

/** Return `1.2 s`. */
export function seconds(value: number): string {
  return unit(value, "second", 1);
}

function unit(value: number, name: string, digits: number): string {
  return new Intl.NumberFormat(language.value, {
    style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: digits,
  }).format(value);
}
