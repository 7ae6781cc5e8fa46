"""tests/spec: spec/EXAMPLE.md shows every byte of the golden file it explains."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PAGE = (ROOT / "spec" / "EXAMPLE.md").read_text()
GOLDEN = ROOT / "tests" / "golden"

LINE = re.compile(
    r"^    ([0-9a-f]{8})  (?:00 \* (\d+)|((?:[0-9a-f]{2} )*[0-9a-f]{2}))(?:  |$)", re.M
)


def test_the_hex_of_the_page_is_the_golden_file():
    image = (GOLDEN / "commit.ancient").read_bytes()
    at = 0
    for place, zeros, pairs in LINE.findall(PAGE):
        assert int(place, 16) == at, f"the page goes on at 0x{place}, expected 0x{at:08x}"
        shown = bytes(int(zeros)) if zeros else bytes.fromhex(pairs)
        assert image[at : at + len(shown)] == shown, f"at 0x{place}"
        at += len(shown)
    assert at == len(image), f"the page ends at 0x{at:08x}, the file at 0x{len(image):08x}"


def test_the_dump_of_the_page_is_the_golden_dump():
    lines = [line[4:] for line in PAGE.splitlines() if line.startswith('    {"key"')]
    dump = ROOT / "spec" / "conformance" / "good" / "commit.raw"
    assert "".join(f"{line}\n" for line in lines) == dump.read_text()
