/** Values as they are, each below its name, so that nothing of them is left out. */

import { visible } from "../text/visible";

export function Details({ value }: { value: unknown }) {
  if (Array.isArray(value)) {
    return <ol class="details">{value.map((each, at) => <li key={at}><Details value={each} /></li>)}</ol>;
  }
  if (value !== null && typeof value === "object") {
    return (
      <dl class="details">
        {Object.entries(value).filter(([, each]) => each !== null).map(([name, each]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd><Details value={each} /></dd>
          </div>
        ))}
      </dl>
    );
  }
  return <span class="details-text">{visible(String(value))}</span>;
}
