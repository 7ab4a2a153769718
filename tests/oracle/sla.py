"""An independent answer to `baton sla`: makes cases and counts their deadlines by brute force.

    sla.py groups N SEED   command lines: zone, policy and holidays with many instants each
    sla.py cases N SEED    single cases with odd workdays, hours and times of day

Prints one JSON document. Zone rules come from zoneinfo alone, so PYTHONTZPATH must name the tz database
that baton is given. Written from docs/behaviour.md section 4, without a look at the Rust code: local times are
resolved with `fold`, working hours are counted quarter by quarter.

Known limit: working hours, clock changes and offsets must be multiples of a quarter of an hour, which they
are in every zone since 2012.
"""

import json
import random
import sys
from datetime import date, datetime, time, timedelta, timezone
from functools import cache
from zoneinfo import ZoneInfo

QUARTER = 15 * 60
ZONES = """America/Vancouver America/Edmonton America/Winnipeg Africa/Casablanca Africa/El_Aaiun
America/New_York America/St_Johns America/Havana America/Santiago America/Sao_Paulo America/Asuncion
America/Nuuk America/Phoenix America/Los_Angeles Pacific/Easter Atlantic/Azores Europe/London Europe/Dublin
Europe/Madrid Europe/Berlin Europe/Chisinau Europe/Kyiv Africa/Cairo Asia/Beirut Asia/Gaza Asia/Jerusalem
Asia/Tehran Asia/Kolkata Asia/Kathmandu Asia/Tokyo Australia/Adelaide Australia/Lord_Howe Australia/Sydney
Pacific/Auckland Pacific/Chatham Pacific/Apia Pacific/Kiritimati Pacific/Norfolk Antarctica/Troll
Etc/UTC""".split()


@cache
def zone(name):
    return ZoneInfo(name)


@cache
def instant(name, local):
    """Unix time of a naive local datetime: the later of two, the end of a gap."""
    readings = []
    for fold in (0, 1):
        aware = local.replace(tzinfo=zone(name), fold=fold)
        utc = aware.astimezone(timezone.utc)
        readings.append((utc, utc.astimezone(zone(name)).replace(tzinfo=None) == local))
    real = [utc for utc, exists in readings if exists]
    if real:
        return int(max(real).timestamp())
    # zoneinfo puts the two readings of a skipped time on either side of the gap.
    before = int(min(utc for utc, _ in readings).timestamp())
    offset = offset_at(name, before)
    while offset_at(name, before) == offset:
        before += 1
    return before


def offset_at(name, unix):
    return datetime.fromtimestamp(unix, zone(name)).utcoffset()


def local(name, unix):
    return datetime.fromtimestamp(unix, zone(name)).replace(tzinfo=None)


def works(case, day):
    return day.weekday() in case["workdays"] and day.isoformat() not in case["holidays"]


def minute_of(name, day, minute):
    return instant(name, datetime.combine(day, time()) + timedelta(minutes=minute))


def is_open(case, unix):
    today = local(case["zone"], unix).date()
    for day in (today - timedelta(days=1), today, today + timedelta(days=1)):
        if works(case, day):
            opens = minute_of(case["zone"], day, case["opens"])
            closes = minute_of(case["zone"], day, case["closes"])
            if opens <= unix < closes:
                return True
    return False


def at_time(name, day, text):
    return instant(name, datetime.combine(day, time.fromisoformat(text)))


def deadline(case):
    name, at = case["zone"], case["at"]
    if case["policy"] == "elapsed":
        return at + case["seconds"]
    if case["policy"] == "business-hours":
        left = case["seconds"]
        while left > 0:
            quarter = at - at % QUARTER + QUARTER
            if is_open(case, at):
                step = min(left, quarter - at)
                left -= step
                at += step
            else:
                at = quarter
        return at
    today = local(name, at).date()
    if works(case, today) and at < at_time(name, today, case["noon"]):
        return at_time(name, today, case["same_day"])
    day = today + timedelta(days=1)
    while not works(case, day):
        day += timedelta(days=1)
    return at_time(name, day, case["next_morning"])


@cache
def changes(name, year):
    """Unix times of the clock changes of a year, to the quarter."""
    begin = int(datetime(year, 1, 1, tzinfo=timezone.utc).timestamp())
    found = []
    for day in range(begin, begin + 366 * 86400, 86400):
        if offset_at(name, day) != offset_at(name, day + 86400):
            steps = range(day + QUARTER, day + 86400 + 1, QUARTER)
            found += [step for step in steps if offset_at(name, step) != offset_at(name, step - QUARTER)]
    return found


def some_instant(pick, name, edges):
    """Near a clock change, at an edge of the policy, or anywhere."""
    year = pick.choice([2026] * 6 + [2024, 2025, 2027, 2028, 2031, 2037, 2038, 2040, 2099, 2250])
    if name == "America/Vancouver" and pick.random() < 0.5:
        return int(datetime(2026, 11, 1, tzinfo=timezone.utc).timestamp()) + pick.randrange(30 * 86400)
    kind = pick.randrange(3)
    if kind == 0 and changes(name, year):
        return pick.choice(changes(name, year)) + pick.choice([0, -1, 1, pick.randint(-200000, 100000)])
    day = date(year, 1, 1) + timedelta(days=pick.randrange(365))
    if kind == 1:
        return at_time(name, day, pick.choice(edges)) + pick.choice([0, 0, -1, 1])
    return at_time(name, day, "00:00") + pick.randrange(86400)


def some_holidays(pick, ats, name):
    """Days around the instants, so that they matter."""
    days = [local(name, at).date() for at in pick.sample(ats, min(len(ats), 12))]
    return sorted({(day + timedelta(days=pick.choice([0, 1, 1, 2, 3]))).isoformat() for day in days})


def written(pick, name, at):
    """An instant as people write it: with an offset, in UTC, or local where that is unambiguous."""
    here = local(name, at)
    kind = pick.randrange(3)
    if kind == 0 and instant(name, here) == at:
        return here.isoformat(sep=pick.choice(["T", " "]))
    if kind == 1:
        return datetime.fromtimestamp(at, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    return datetime.fromtimestamp(at, zone(name)).isoformat()


def groups(count, pick):
    made, cases = [], 0
    while cases < count:
        name = ZONES[len(made) % len(ZONES)]
        policy, option, seconds = pick.choice([
            ("playbook", "playbook", 0),
            ("playbook", "playbook", 0),
            ("business-hours", "business-hours", 4 * 3600),
            ("business-hours", "business-hours=11h30m", 41400),
            ("elapsed", "elapsed=26h", 26 * 3600),
        ])
        ats = [some_instant(pick, name, ["12:00", "09:00", "17:00", "13:00"]) for _ in range(50)]
        case = {
            "zone": name, "policy": policy, "seconds": seconds, "workdays": [0, 1, 2, 3, 4],
            "opens": 540, "closes": 1020, "noon": "12:00", "same_day": "17:00", "next_morning": "10:00",
            "holidays": some_holidays(pick, ats, name),
        }
        expected = [deadline({**case, "at": at}) for at in ats]
        made.append({
            "zone": name, "policy": policy, "option": option, "holidays": case["holidays"],
            "instants": [written(pick, name, at) for at in ats],
            "at": [datetime.fromtimestamp(at, zone(name)).isoformat() for at in ats],
            "deadline": [datetime.fromtimestamp(due, zone(name)).isoformat() for due in expected],
        })
        cases += len(ats)
    return made


def single_cases(count, pick):
    made = []
    while len(made) < count:
        name = pick.choice(ZONES)
        opens = pick.choice([0, 0, 90, 120, 150, 540, 1320])
        early = pick.choice(["00:30", "01:30", "02:00", "02:30", "06:00", "12:00"])
        case = {
            "zone": name, "policy": pick.choice(["playbook", "business-hours", "business-hours", "elapsed"]),
            "seconds": pick.choice([1, 10, 600, 3600, 14400, 28800, 90061]),
            "workdays": sorted(pick.sample(range(7), pick.randint(1, 7))),
            "opens": opens, "closes": pick.choice([close for close in (150, 165, 600, 1020, 1440, 1440) if close > opens]),
            "noon": early, "same_day": pick.choice(["12:30", "17:00", "23:30"]),
            "next_morning": pick.choice(["00:00", "00:15", "01:30", "02:15", "02:30", "10:00"]), "holidays": [],
        }
        case["at"] = some_instant(pick, name, [early, "02:00", "02:30", "00:00"])
        case["holidays"] = some_holidays(pick, [case["at"]], name)
        if not all(works(case, local(name, case["at"]).date() + timedelta(days=ahead)) is False for ahead in range(1, 15)):
            made.append({**case, "deadline": deadline(case)})
    return made


def main():
    mode, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    pick = random.Random(seed)
    json.dump(groups(count, pick) if mode == "groups" else single_cases(count, pick), sys.stdout)


main()
