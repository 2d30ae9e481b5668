"""Dashboards and alerts ask for metrics that the product declares, in expressions that Prometheus can read."""

import ast
import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import promql_parser
import pytest
import yaml

from services.chassis.metrics import MetricName
from tests.architecture.compositions import DISTRIBUTED, ROOT, composition

OBSERVABILITY = ROOT / "deploy" / "observability"
DECLARED = set(get_args(MetricName))
OF_THE_MONITOR = {"up"}
OF_A_HISTOGRAM = re.compile(r"_(?:bucket|sum|count)$")
URGENCY = {"urgent", "soon"}


def dashboard() -> dict[str, Any]:
    """The dashboard as Grafana would read it."""
    read: dict[str, Any] = json.loads((OBSERVABILITY / "dashboard.json").read_text(encoding="utf-8"))
    return read


def alerts() -> list[dict[str, Any]]:
    """Every alert rule."""
    read = yaml.safe_load((OBSERVABILITY / "alerts.yml").read_text(encoding="utf-8"))
    return [rule for group in read["groups"] for rule in group["rules"]]


def asked(expression: str) -> set[str]:
    """The metrics that an expression names; a wrong expression raises ValueError. Grafana's variables are filled in first."""
    found: set[str] = set()

    def note(part: promql_parser.Expr) -> None:
        if isinstance(part, promql_parser.VectorSelector) and part.name:
            found.add(OF_A_HISTOGRAM.sub("", part.name))

    promql_parser.walk(promql_parser.parse(expression.replace("$__rate_interval", "5m").replace("$service", ".*")), note)
    return found


def expressions() -> Iterator[str]:
    """Those of the dashboard's panels and choices, and of the alerts."""
    yield from (target["expr"] for panel in dashboard()["panels"] for target in panel["targets"])
    yield from (rule["expr"] for rule in alerts())


def test_every_metric_that_is_asked_for_is_declared() -> None:
    wanted = set().union(*map(asked, expressions()))
    assert wanted - OF_THE_MONITOR <= DECLARED
    chosen = re.findall(r"label_values\((\w+), service\)", json.dumps(dashboard()))
    assert chosen
    assert set(chosen) <= DECLARED


def test_the_guard_sees_a_misspelt_metric_and_a_broken_expression() -> None:
    assert asked("sum(rate(together_event_taken_total[5m]))") - DECLARED == {"together_event_taken_total"}
    assert asked("histogram_quantile(0.5, together_batch_size_bucket)") <= DECLARED
    with pytest.raises(ValueError, match="parenthesis"):
        asked("sum(rate(together_events_taken_total[5m])")


def test_every_metric_that_the_product_makes_is_declared() -> None:
    made = {
        node.value
        for file in (ROOT / "services" / "chassis" / "web").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and re.fullmatch(r"together_\w+", node.value)
    }
    assert made
    assert made <= DECLARED


def test_panels_lie_side_by_side_and_ask_the_chosen_source() -> None:
    panels = dashboard()["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    taken = [
        (x, y) for at in (panel["gridPos"] for panel in panels) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])
    ]
    assert len(set(taken)) == len(taken)
    assert max(x for x, _ in taken) < 24
    assert {target["datasource"]["uid"] for panel in panels for target in [panel, *panel["targets"]]} == {"${datasource}"}
    assert all(panel["description"] for panel in panels)


def test_every_alert_says_what_is_wrong_and_how_urgent_it_is_and_is_explained() -> None:
    told = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
    for rule in alerts():
        assert rule["labels"]["severity"] in URGENCY
        assert rule["annotations"]["summary"]
        assert f"`{rule['alert']}`" in told


def test_every_service_is_watched() -> None:
    read = yaml.safe_load((OBSERVABILITY / "prometheus.yml").read_text(encoding="utf-8"))
    (job,) = read["scrape_configs"]
    services = composition(DISTRIBUTED)["services"].items()
    served = {name for name, service in services if service.get("command", [""])[:2] == ["start-together", "service"]}
    assert set(job["dns_sd_configs"][0]["names"]) == served
    assert job["authorization"] == {"credentials_file": "/run/secrets/access-key"}
