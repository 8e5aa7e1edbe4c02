#!/usr/bin/env python3
"""The picture: XML that any viewer reads, with the numbers of the JSON report."""

import re
import xml.etree.ElementTree as ElementTree

import support

SVG = "{http://www.w3.org/2000/svg}"
LIMIT = 300 * 1024
UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


def bytes_in(text):
    """The first amount in a text, and half of its last digit."""
    number, unit = re.search(r"([\d.,]+) (B|[KMG]iB)", text).groups()
    decimals = len(number.partition(".")[2])
    return float(number.replace(",", "")) * UNITS[unit], 0.51 * UNITS[unit] / 10**decimals


class Picture(support.TestCase):
    def picture_of(self, trace, *options):
        path = self.fresh(".svg")
        outcome = support.memscope("report", trace, "-o", path, *options)
        self.assertEqual(outcome.status, 0, outcome)
        self.assertLess(path.stat().st_size, LIMIT)
        return ElementTree.parse(path).getroot()

    def assert_bytes(self, text, value):
        shown, error = bytes_in(text)
        self.assertAlmostEqual(shown, value, delta=error, msg=text)

    def texts(self, root, cls=None):
        return [
            "".join(e.itertext())
            for e in root.iter(f"{SVG}text")
            if cls is None or e.get("class") == cls
        ]

    def check_totals(self, root, summary):
        peak, live, allocations, _ = self.texts(root, "big")
        self.assert_bytes(peak, summary["peak_bytes"])
        self.assert_bytes(live, summary["live_bytes"])
        self.assertEqual(allocations, f"{summary['allocations']:,}")
        said = root.find(f"{SVG}desc").text
        self.assertIn(f"{summary['peak_blocks']:,} block", said)
        self.assertIn(f"{summary['live_blocks']:,} block", said)

    def check_calls(self, root, summary):
        """The outermost calls hold no more than the peak, and what is drawn of one is inside of it."""
        calls = [
            (float(e.get("x")), float(e.get("y")), float(e.get("width")))
            for e in root.iter(f"{SVG}rect")
            if (e.get("class") or "").startswith("frame ")
        ]
        self.assertTrue(calls)
        rows = sorted({y for _, y, _ in calls})
        for upper, lower in zip(rows, rows[1:]):
            above = [(x, x + w) for x, y, w in calls if y == upper]
            for x, y, width in calls:
                if y == lower:
                    inside = any(a - 0.11 <= x and x + width <= b + 0.11 for a, b in above)
                    self.assertTrue(inside, (x, y, width))

    def check_heat(self, root, report):
        """Every block is in one cell, and those that live are apart."""
        blocks = live = 0
        for e in root.iter(f"{SVG}rect"):
            if (e.get("class") or "").startswith("heat-"):
                title = e.find(f"{SVG}title")
                if title is None:
                    continue  # of the legend
                count = int(title.text.split()[0].replace(",", ""))
                blocks += count
                live += count if title.text.endswith("live at the end") else 0
        summary = report.summary
        self.assertEqual(live, summary["live_blocks"])
        self.assertEqual(blocks, summary["allocations"] + summary["reallocations"])

    def test_of_a_real_program(self):
        script = "create table t(a,b); with recursive c(n) as (select 1 union all select n+1 from c" \
            " where n < 2000) insert into t select n, hex(randomblob(n % 200)) from c;" \
            " create index i on t(b); select count(*) from t;"
        trace = self.record_well(["/usr/bin/sqlite3", ":memory:", script]).file
        report, root = support.Report(trace), self.picture_of(trace)
        self.check_totals(root, report.summary)
        self.check_calls(root, report.summary)
        self.check_heat(root, report)
        self.assertIn("no variable is tracked", " ".join(self.texts(root)))

    def test_of_samples(self):
        trace = self.record_well(support.program("population"), "--sample", "64K").file
        report, root = support.Report(trace), self.picture_of(trace)
        self.assertIn("±", self.texts(root, "big")[0] + self.texts(root, "big")[1])
        self.assertIn("allocations were sampled", " ".join(self.texts(root)))
        self.assertEqual(self.texts(root, "big")[2], f"{report.summary['allocations']:,}")

    def test_nothing_in_it_acts_or_asks_the_network(self):
        trace = self.record_well(["/bin/sh", "-c", ": '<script>alert(1)</script>'"]).file
        root = self.picture_of(trace)
        for element in root.iter():
            self.assertIn(element.tag.removeprefix(SVG), ALLOWED)
            for name, value in element.attrib.items():
                self.assertFalse(name.startswith("on") or "href" in name or "url(" in value, name)


ALLOWED = {"svg", "title", "desc", "style", "g", "text", "rect", "line", "path", "circle"}

if __name__ == "__main__":
    support.main()
