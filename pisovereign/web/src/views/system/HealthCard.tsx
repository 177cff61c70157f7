/** Whether each part works. */

import type { Overview, ServiceHealth } from "../../api/system";
import { Badge } from "../../components/Badge";
import { Card } from "../../components/Card";
import { hasText, t } from "../../text/t";

export function HealthCard({ services }: { services: Overview["services"] }) {
  const failing = Object.values(services).some((service) => service.healthy === false);
  return (
    <Card title={t(failing ? "system.health_bad" : "system.health_good")} tone={failing ? "warning" : "plain"}>
      <dl class="facts">
        {Object.entries(services).map(([name, service]) => (
          <HealthRow key={name} name={name} service={service} />
        ))}
      </dl>
    </Card>
  );
}

function HealthRow({ name, service }: { name: string; service: ServiceHealth }) {
  const key = `system.service_${name}`;
  return (
    <>
      <dt>{hasText(key) ? t(key) : name}</dt>
      <dd>
        {service.healthy === null && <Badge>{t("system.not_set_up")}</Badge>}
        {service.healthy === true && <Badge tone="good">{t("system.works")}</Badge>}
        {service.healthy === false && <Badge tone="error">{t("system.fails")}</Badge>}
        {service.error}
      </dd>
    </>
  );
}
