/** A moment, in words of the language; the exact one is shown on hovering. */

import { clock, day, distance, moment } from "../text/format";

interface Props {
  at: string;
  show?: "moment" | "day" | "clock" | "distance";
}

export function Time({ at, show = "moment" }: Props) {
  const text = { moment, day, clock, distance }[show](at);
  return <time dateTime={at} title={new Date(at).toLocaleString()}>{text}</time>;
}
