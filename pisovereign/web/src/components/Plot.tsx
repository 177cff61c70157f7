/** A small plot of values over time. A gap is where a value is null. */

import { t } from "../text/t";

interface Props {
  label: string;
  /** One value per step, the newest last. */
  values: readonly (number | null)[];
  format: (value: number) => string;
  /** The least upper end of the scale, so that noise around nothing does not look like much. */
  minimum?: number;
  height?: number;
}

const WIDTH = 320;

export function Plot({ label, values, format, minimum = 0, height = 72 }: Props) {
  const known = values.filter((value): value is number => value !== null);
  const newest = known.at(-1);
  const most = Math.max(minimum, ...known, Number.MIN_VALUE);
  const least = known.length ? Math.min(...known) : 0;
  const said = newest === undefined
    ? `${label}: ${t("common.no_values")}`
    : `${label}: ${format(newest)} (${format(least)} – ${format(Math.max(...known))})`;
  return (
    <figure class="plot">
      <figcaption>
        <span>{label}</span>
        <strong>{newest === undefined ? "–" : format(newest)}</strong>
      </figcaption>
      <svg viewBox={`0 0 ${WIDTH} ${height}`} preserveAspectRatio="none" role="img" aria-label={said}>
        {paths(values, most, height).map((points, at) => (
          <polyline key={at} points={points} vector-effect="non-scaling-stroke" />
        ))}
      </svg>
    </figure>
  );
}

// One line for each stretch without a gap.
function paths(values: readonly (number | null)[], most: number, height: number): string[] {
  const lines: string[][] = [[]];
  const step = WIDTH / Math.max(1, values.length - 1);
  values.forEach((value, at) => {
    if (value === null) lines.push([]);
    else lines.at(-1)?.push(`${(at * step).toFixed(1)},${(height - 2 - (value / most) * (height - 4)).toFixed(1)}`);
  });
  return lines.filter((line) => line.length > 1).map((line) => line.join(" "));
}
