"""Time and size of a site of 3,000 certificates, and how soon Chromium has it open.

    python benchmarks/report.py [NUMBER]

The certificates are the shipped ones, repeated under other names where there are too few.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path
from typing import Any

from certify.catalog import certificate_files, location
from certify.cli import main


def collect(folder: Path, number: int) -> None:
    """Shipped certificates in their folders; repeated ones in a folder `again` each."""
    root = location()
    for place, path in enumerate(islice(cycle(certificate_files(root)), number)):
        target = folder / path.relative_to(root)
        while target.exists():
            target = target.parent.parent / f"{target.parent.name}-again" / target.name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        if place + 1 == number:
            return


def opened(page: Path) -> list[tuple[float, float]]:
    """Seconds from the start of navigation to the end of loading, and of processor time of the page, three times."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(shutil.which("chromedriver"))))
    found = []
    browser.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    for _ in range(3):
        browser.get("about:blank")
        before = _busy(browser)
        browser.get(page.as_uri())
        script = "const t = performance.getEntriesByType('navigation')[0]; return t.loadEventEnd / 1000"
        found.append((float(browser.execute_script(script)), _busy(browser) - before))
    browser.quit()
    return found


def _busy(browser: Any) -> float:
    metrics = browser.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(float(item["value"]) for item in metrics if item["name"] == "TaskDuration")


def run(number: int) -> None:
    """Build, measure, print."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        collect(folder / "in", number)
        begun = time.monotonic()
        main(["report", str(folder / "in"), "-q", "-o", str(folder / "site")])
        built = time.monotonic() - begun
        size = sum(path.stat().st_size for path in (folder / "site").rglob("*") if path.is_file())
        print(f"{number} certificates: built in {built:.1f} s, {size / 1e6:.1f} MB", flush=True)
        if shutil.which("chromium") and shutil.which("chromedriver"):
            for wall, busy in opened(folder / "site" / "index.html"):
                print(f"open after {wall:.2f} s; main thread busy for {busy:.2f} s")


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
