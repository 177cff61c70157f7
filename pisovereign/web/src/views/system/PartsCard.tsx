/** What each part of the program takes of the memory, and the versions of what runs. */

import type { Overview } from "../../api/system";
import { Card } from "../../components/Card";
import { bytes, moment } from "../../text/format";
import { t } from "../../text/t";

const MIB = 1024 * 1024;

export function PartsCard({ overview }: { overview: Overview }) {
  const { memory, versions } = overview;
  return (
    <Card title={t("system.parts")}>
      <dl class="facts">
        {memory.parts.map(({ part, memory_mb: size }) => (
          <PartRow key={part} name={t(`system.part_${part}`)} value={bytes(size * MIB)} />
        ))}
        <PartRow name={t("system.all_parts")} value={bytes(memory.used_mb * MIB)} />
        <PartRow name={t("system.database_size")} value={bytes(overview.database_bytes)} />
        <PartRow
          name={t("system.last_backup")}
          value={overview.backup.last_good_at ? moment(overview.backup.last_good_at) : t("backup_places.none")}
        />
        <PartRow name="PiSovereign" value={versions.pisovereign} />
        <PartRow name="Python" value={versions.python} />
        <PartRow name="PostgreSQL" value={versions.database} />
        <PartRow name="Linux" value={versions.kernel} />
      </dl>
    </Card>
  );
}

function PartRow({ name, value }: { name: string; value: string }) {
  return (
    <>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </>
  );
}
