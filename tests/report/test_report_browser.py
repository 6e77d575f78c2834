"""The site in a browser: Chromium without a window, driven by its own driver.  Skipped where there is none."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    webdriver = pytest.importorskip("selenium.webdriver")
    chromium, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or driver is None:
        pytest.skip("chromium and chromedriver are not installed: the pages were not opened in a browser")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in ("--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    service = webdriver.chrome.service.Service(driver)
    found = webdriver.Chrome(options=options, service=service)
    yield found
    found.quit()


def visit(browser: Any, path: Path, width: int = 1200, *, dark: bool = False, media: str = "") -> None:
    browser.execute_cdp_cmd(
        "Emulation.setDeviceMetricsOverride",
        {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 600},
    )
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": media, "features": [scheme]})
    browser.get(path.as_uri())


def rows(browser: Any, column: int) -> list[str]:
    """Texts of the visible cells of a column."""
    script = "return [...document.querySelectorAll('#table tbody tr')].filter(r => !r.hidden).map(r => r.cells[arguments[0]].textContent)"  # noqa: E501
    found = browser.execute_script(script, column)
    assert isinstance(found, list)
    return found


def field(browser: Any, name: str) -> Any:
    return browser.find_element("name", name)


def test_no_errors_and_no_requests_outside(browser: Any, site: Path) -> None:
    for path in sorted(site.rglob("*.html")):
        visit(browser, path)
    assert browser.get_log("browser") == []
    import json

    messages = [json.loads(entry["message"])["message"] for entry in browser.get_log("performance")]
    urls = [m["params"]["request"]["url"] for m in messages if m["method"] == "Network.requestWillBeSent"]
    assert len(urls) > 6
    assert all(url.startswith((site.as_uri(), "data:")) for url in urls)


def test_sorting(browser: Any, site: Path) -> None:
    visit(browser, site / "index.html")
    heads = browser.find_elements("css selector", "#table thead th button")
    assert [head.text for head in heads[:2]] == ["family", "K"]
    loss = next(k for k, head in enumerate(heads) if head.text == "loss")
    heads[loss].click()
    values = [float(x) for x in rows(browser, loss)]
    assert values == sorted(values)
    assert len(set(values)) > 5
    heads[loss].click()
    assert [float(x) for x in rows(browser, loss)] == sorted(values, reverse=True)
    states = [head.get_attribute("aria-sort") for head in browser.find_elements("css selector", "#table thead th")]
    assert states.count("descending") == 1
    assert states.count(None) == len(states) - 1


def test_filters(browser: Any, site: Path) -> None:
    from selenium.webdriver.support.ui import Select

    visit(browser, site / "index.html")
    everything = len(rows(browser, 0))
    assert everything == 23
    field(browser, "text").send_keys("Turned families")
    assert rows(browser, 0) == ["families/all-turned"] * 12
    assert field(browser, "count").text == "12 of 23"
    browser.find_element("css selector", "button[type=reset]").click()
    browser.execute_async_script("setTimeout(arguments[0], 50)")
    assert len(rows(browser, 0)) == everything
    Select(field(browser, "kind")).select_by_value("saddle")
    assert set(rows(browser, 5)).isdisjoint({"0"})
    Select(field(browser, "kind")).select_by_value("min")
    assert set(rows(browser, 5)) == {"0"}
    field(browser, "students").send_keys("4")
    assert rows(browser, 0) == ["gaussian-K04-M07-d05-seed3"]


def test_keyboard(browser: Any, site: Path) -> None:
    from selenium.webdriver.common.keys import Keys

    visit(browser, site / "index.html")
    body = browser.find_element("tag name", "body")
    body.send_keys(Keys.TAB)
    assert browser.switch_to.active_element.text == "Skip to the content"
    reached = []
    for _ in range(20):
        browser.switch_to.active_element.send_keys(Keys.TAB)
        reached.append(browser.switch_to.active_element.text)
        if reached[-1] == "loss":
            break
    assert reached[-1] == "loss"
    browser.switch_to.active_element.send_keys(Keys.ENTER)
    head = browser.execute_script("return document.activeElement.parentElement.getAttribute('aria-sort')")
    assert head == "ascending"


def test_phone_dark_and_print(browser: Any, site: Path) -> None:
    for path in sorted(site.rglob("*.html")):
        visit(browser, path, 360, dark=True)
        width = browser.execute_script("return document.documentElement.scrollWidth")
        assert width <= 360, f"{path.name} is {width} wide"
        paper = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
        assert paper == "rgb(20, 24, 28)"
    visit(browser, site / "index.html", media="print")
    assert not browser.find_element("css selector", "form.filter").is_displayed()


def test_names_for_screen_readers(browser: Any, site: Path) -> None:
    """Every picture and every control has a name; there is one first heading; the language is given."""
    script = """return [...document.querySelectorAll('img, svg, input, select, button, [role=region]')]
      .filter(e => !(e.getAttribute('alt') || e.getAttribute('aria-label') || e.getAttribute('aria-labelledby') ||
                     e.closest('label') || e.textContent.trim())).map(e => e.outerHTML)"""
    for path in sorted(site.rglob("*.html")):
        visit(browser, path)
        assert browser.execute_script(script) == []
        assert len(browser.find_elements("tag name", "h1")) == 1
        assert browser.execute_script("return document.documentElement.lang") == "en"


def test_colours_have_contrast(browser: Any, site: Path) -> None:
    """WCAG AA: text against its background at least 4.5 to 1, in both schemes."""
    script = """
      const channel = v => { v /= 255; return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4; };
      const light = c => { const [r, g, b] = c.match(/[0-9.]+/g).map(Number); return 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b); };
      const paper = light(getComputedStyle(document.body).backgroundColor);
      const ratio = e => { const ink = light(getComputedStyle(e).color); return (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05); };
      return Math.min(...[...document.querySelectorAll('p, a, th, td, caption, figcaption, dt, button, footer')].map(ratio));"""  # noqa: E501
    for dark in (False, True):
        visit(browser, site / "index.html", dark=dark)
        assert browser.execute_script(script) >= 4.5
