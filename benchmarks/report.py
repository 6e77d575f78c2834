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


def opened(page: Path) -> list[float]:
    """Seconds from the start of navigation to the end of loading, three times."""
    from selenium import webdriver

    options = webdriver.ChromeOptions()
    options.binary_location = str(shutil.which("chromium"))
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    browser = webdriver.Chrome(options=options, service=webdriver.ChromeService(str(shutil.which("chromedriver"))))
    found = []
    for _ in range(3):
        browser.get(page.as_uri())
        script = "const t = performance.getEntriesByType('navigation')[0]; return t.loadEventEnd / 1000"
        found.append(float(browser.execute_script(script)))
    browser.quit()
    return found


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
            print("open after " + ", ".join(f"{seconds:.2f} s" for seconds in opened(folder / "site" / "index.html")))


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
