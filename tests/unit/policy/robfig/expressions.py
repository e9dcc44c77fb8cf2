"""The questions to the parser: expressions of all forms, good and bad, and moments at which they are hard."""

from __future__ import annotations

import json
import random

PLAIN = """
* * * * *|0 3 * * *|*/15 * * * *|5/10 * * * *|0 0 1 1 *|0 0 29 2 *|0 0 31 * *|30 4 1,15 * 5|0 22 * * 1-5|23 0-20/2 * * *
5 4 * * sun|0 0 * JAN-mar Mon,WED|? ? ? ? ?|0 12 ? * mon|0 12 1 ? *|0 0 13 * fri|0 0 */2 * 1|0 0 */1 * 1|0 0 * * */2
59 23 31 12 *|0,30 * * * *|1-59/7 * * * *|0 0 1-7 * 1|0 0 1-7 * ?|+5 * * * *|05 08 * * *|*/61 * * * *|*-5 * * * *|,5 * * * *
0 0 15 6 */7|10-20/3 1,2,3 * 2-4 *|0 6-18/4 * feb,apr,nov tue-thu|0 0 30 2 *|0 0 31 4 *|*/0 * * * *|60 * * * *|* 24 * * *
* * 0 * *|* * 32 * *|* * * 0 *|* * * 13 *|* * * * 7|* * * foo *|* * * * sunday|1-2-3 * * * *|1/2/3 * * * *|5-3 * * * *|-5 * * * *
a * * * *|1. * * * *|* * * *|* * * * * *||     |every 1m|@yearly|@annually|@monthly|@weekly|@daily|@midnight|@hourly|@reboot|@Daily
@every 1h30m|@every 90s|@every 500ms|@every 1.5s|@every 0s|@every -1h|@every 1d|@every|@every 10|@every 24h|@every 1h1h|@every +5m
  0   3  *  * * |0 3 * * *\t|/5 * * * *|*/ * * * *|5/ * * * *|1- * * * *|1,,2 * * * *|*,5 * * * *|5,* * * * *|0 0 1,* * 3|0 0 2 * *,3
"""  # noqa: E501
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "America/Sao_Paulo",
    "Asia/Kolkata",
    "Asia/Beirut",
    "America/Havana",
    "Pacific/Apia",
    "UTC",
    "",
)
CLOCKS = (
    "30 2 * * *",
    "0 2 * * *",
    "30 1 * * *",
    "0 0 * * *",
    "15 0 * * *",
    "*/20 * * * *",
    "0 */3 * * *",
    "45 23 * * sun",
    "@daily",
    "@every 1h",
)
MOMENTS = (
    "2026-03-28T20:00:00Z",
    "2026-10-24T20:00:00Z",
    "2026-03-07T20:00:00Z",
    "2026-10-31T20:00:00Z",
    "2018-11-03T12:00:00Z",
    "2011-12-29T01:00:00Z",
)
WRONG = (
    "TZ=Nowhere/Land 0 3 * * *",
    "TZ=UTC",
    "CRON_TZ=",
    "tz=UTC 0 3 * * *",
    "CRON_TZ=UTC  0 3 * * *",
    "TZ=UTC @weekly",
)


def questions() -> list[tuple[str, str]]:
    plain = [text.replace("\\t", "\t") for line in PLAIN.strip("\n").split("\n") for text in line.split("|")]
    asked = [(text, "2026-05-17T10:20:30.5Z") for text in (*plain, *WRONG)]
    drawn = random.Random(6)  # noqa: S311
    for zone in ZONES:
        for clock in CLOCKS:
            prefix = drawn.choice(("TZ", "CRON_TZ"))
            asked += [(f"{prefix}={zone} {clock}", moment) for moment in drawn.sample(MOMENTS, 2)]
    return asked + [(f"TZ=Asia/Beirut {clock}", "2026-03-28T12:00:00Z") for clock in CLOCKS]


if __name__ == "__main__":
    for expression, after in questions():
        print(json.dumps({"expression": expression, "after": after}))  # noqa: T201
