/** The board: how warm it is, whether it is slowed down, how full and how fast. */

import type { Overview } from "../../api/system";
import { Card } from "../../components/Card";
import { Time } from "../../components/Time";
import { bytes, number, percent } from "../../text/format";
import { t } from "../../text/t";
import { temperature } from "./units";

const MIB = 1024 * 1024;

export function BoardCard({ overview }: { overview: Overview }) {
  const { memory, speed, throttled, throttled_before: before } = overview;
  const slowed = throttled && throttled.length > 0;
  const words = (list: readonly string[]) => list.map((each) => t(`system.throttle_${each}`)).join(", ");
  return (
    <Card title={overview.board} tone={slowed ? "warning" : "plain"}>
      <dl class="facts">
        <dt>{t("system.temperature")}</dt>
        <dd>{overview.temperature_c === null ? t("system.not_told") : temperature(overview.temperature_c)}</dd>
        {throttled && (
          <>
            <dt>{t("system.throttling")}</dt>
            <dd>{slowed ? words(throttled) : t("system.throttle_none")}</dd>
          </>
        )}
        {before && before.length > 0 && (
          <>
            <dt>{t("system.throttled_before")}</dt>
            <dd>{words(before)}</dd>
          </>
        )}
        <dt>{t("system.processor")}</dt>
        <dd>{t("system.busy", { share: percent(overview.cpu_percent / 100), count: overview.processors })}</dd>
        <dt>{t("system.memory")}</dt>
        <dd>{t("system.memory_free", { free: bytes(memory.available_mb * MIB), total: bytes(memory.total_mb * MIB) })}</dd>
        {overview.disks.map((disk) => (
          <DiskRow key={disk.what} disk={disk} />
        ))}
        <dt>{t("system.speed")}</dt>
        <dd>
          {speed.tokens_per_second === null
            ? t("system.no_answers")
            : t("system.speed_text", { speed: number(speed.tokens_per_second, 1), first: number(speed.first_token_s ?? 0, 1) })}
        </dd>
        <dt>{t("system.running")}</dt>
        <dd><Time at={overview.started_at} /></dd>
        <dt>{t("system.booted")}</dt>
        <dd><Time at={overview.booted_at} /></dd>
      </dl>
    </Card>
  );
}

function DiskRow({ disk }: { disk: Overview["disks"][number] }) {
  return (
    <>
      <dt>{t(`system.disk_${disk.what}`)}</dt>
      <dd>{t("system.memory_free", { free: bytes(disk.free), total: bytes(disk.total) })}</dd>
    </>
  );
}
